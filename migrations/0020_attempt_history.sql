ALTER TABLE tasks
  -- When the claim in force was made.
  ADD COLUMN claimed_at      timestamptz,
  -- [{ attempt, worker, startedAt, endedAt, outcome, errorCode, errorMessage }]: the claims that have come to an end,
  -- oldest first; of very many only the last ones.
  ADD COLUMN attempt_history jsonb NOT NULL DEFAULT '[]';
