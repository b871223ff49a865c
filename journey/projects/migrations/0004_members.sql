-- Who may open the project, and as what. Nobody by name: it belongs to the machine, and only those see it who
-- see everything.
CREATE TABLE IF NOT EXISTS member (
  person TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('owner', 'member'))
);
