-- What an erasure has still to remove: the kind of file and its digest. `id` only grows, so that what is removed
-- is never what another erasure has written down in the meantime.
CREATE TABLE IF NOT EXISTS leftover (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  digest TEXT NOT NULL
);
