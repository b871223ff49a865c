-- Where an edit is taken back: '' is the data and the stages, 'notebook' the notebook, 'map.<id>' one journey map,
-- 'maps' the maps of the project, 'beside' nowhere.
ALTER TABLE edit ADD COLUMN area TEXT NOT NULL DEFAULT '';

-- Until now an edit that led to the data and the stages of the one before it was one of the notebook.
UPDATE edit SET area = 'notebook' WHERE EXISTS (
  SELECT 1 FROM edit AS earlier WHERE earlier.data = edit.data AND earlier.stages = edit.stages
  AND earlier.number = (SELECT max(number) FROM edit AS any_one WHERE any_one.number < edit.number AND dropped IS NULL)
);

DROP INDEX edit_to_undo;
DROP INDEX edit_to_redo;
DROP INDEX edit_itself;
CREATE INDEX edit_to_undo ON edit (person, area, number)
  WHERE about IS NULL AND undone_by IS NULL AND dropped IS NULL AND held = 0;
CREATE INDEX edit_to_redo ON edit (person, area, undone_by)
  WHERE undone_by IS NOT NULL AND dropped IS NULL AND held = 0;
CREATE INDEX edit_itself ON edit (person, area, number) WHERE about IS NULL AND dropped IS NULL;
