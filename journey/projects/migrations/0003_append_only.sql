-- History only grows: undo and redo are edits too (`about` names the edit that they take back or bring again),
-- and `head` is the newest edit. The state before an edit is that of the edit before it in the line.

-- Who made it (`person` is their key, `name` what others read), and at which revision.
ALTER TABLE edit ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE edit ADD COLUMN person TEXT NOT NULL DEFAULT 'local';
ALTER TABLE edit ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE edit ADD COLUMN about INTEGER REFERENCES edit (number);
-- The edit that took it back, until another brings it again.
ALTER TABLE edit ADD COLUMN undone_by INTEGER REFERENCES edit (number);
-- 1 where others hold everything that it changed by now: undo and redo pass it.
ALTER TABLE edit ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
-- The things that it touched (compressed JSON); NULL where nobody wrote them down or there are too many.
ALTER TABLE edit ADD COLUMN touched BLOB;
-- What it did, as a finding (compressed JSON); NULL in older versions.
ALTER TABLE edit ADD COLUMN said BLOB;
-- The newest edit of somebody else that it went over unseen, and what to say to each of them.
ALTER TABLE edit ADD COLUMN over INTEGER REFERENCES edit (number);
ALTER TABLE edit ADD COLUMN over_said BLOB;

-- What an older version had undone is taken back by edits, the last one first; `op` is {"op":"undo"}.
INSERT INTO edit (made_at, op, data, stages, about)
  SELECT changed_at, X'789cab56ca2f50b2522acd4bc957aa05001d7b0450', earlier.data, earlier.stages, undone.number
  FROM project JOIN edit AS undone ON undone.number > head AND undone.dropped IS NULL
  JOIN edit AS earlier ON earlier.number =
    (SELECT max(number) FROM edit WHERE number < undone.number AND dropped IS NULL)
  ORDER BY undone.number DESC;
UPDATE edit SET undone_by = (SELECT number FROM edit AS step WHERE step.about = edit.number)
  WHERE number IN (SELECT about FROM edit);
UPDATE project SET head = (SELECT max(number) FROM edit WHERE dropped IS NULL);

CREATE INDEX edit_to_undo ON edit (person, number)
  WHERE about IS NULL AND undone_by IS NULL AND dropped IS NULL AND held = 0;
CREATE INDEX edit_to_redo ON edit (person, undone_by)
  WHERE undone_by IS NOT NULL AND dropped IS NULL AND held = 0;
CREATE INDEX edit_itself ON edit (person, number) WHERE about IS NULL AND dropped IS NULL;
CREATE INDEX edit_about ON edit (about) WHERE about IS NOT NULL;
CREATE INDEX edit_revision ON edit (revision);

-- States that somebody gave a name to.
CREATE TABLE version (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  edit INTEGER NOT NULL REFERENCES edit (number),
  made_at INTEGER NOT NULL,
  person TEXT NOT NULL,
  person_name TEXT NOT NULL
);

-- How each person looks at the pages. The settings of the project hold for whoever has none of their own.
CREATE TABLE personal (
  person TEXT PRIMARY KEY,
  settings BLOB NOT NULL
);
