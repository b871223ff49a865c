-- A project: one row that says what it is, the edits that made it, and the states they led to.
-- Times are microseconds since 1970 UTC, for people to read only: the order of edits is their number.

-- Content by its digest, as compressed JSON. An edit leads to two parts (data, stages); one that changes one
-- of them stores one new part.
CREATE TABLE part (
  digest BLOB PRIMARY KEY,
  body BLOB NOT NULL
);

-- Edits with the state after each. An edit made after an undo drops the undone ones from the line of history
-- (`dropped` is the revision that did so) but keeps their rows.
CREATE TABLE edit (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  made_at INTEGER NOT NULL,
  client TEXT,
  op BLOB NOT NULL,
  data BLOB NOT NULL REFERENCES part (digest),
  stages BLOB NOT NULL REFERENCES part (digest),
  dropped INTEGER
);
CREATE INDEX edit_in_line ON edit (number) WHERE dropped IS NULL;

-- `revision` grows with every change, settings, undo and redo included; `head` is the edit whose data and
-- stages are shown. `settings` (compressed JSON) say how they are looked at and stand beside the history.
CREATE TABLE project (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT NOT NULL,
  mask_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  head INTEGER NOT NULL REFERENCES edit (number),
  settings BLOB NOT NULL
);

-- The last operation of each board that was applied, so that a message that arrives twice counts once.
CREATE TABLE client (
  client TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  revision INTEGER NOT NULL
);
