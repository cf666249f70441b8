ALTER TABLE tasks
  -- The number of the last attempt that does not count: the task was set back after it. 0 where it never was.
  ADD COLUMN attempts_before integer NOT NULL DEFAULT 0;

-- So far that stood in the history alone, of which entries are cut off.
UPDATE tasks SET attempts_before = (
  SELECT max((past->>'attempt')::integer) FROM jsonb_array_elements(attempt_history) AS past
  WHERE past->>'outcome' = 'reopened')
WHERE status IN ('pending', 'processing') AND attempt_history @> '[{"outcome": "reopened"}]';
