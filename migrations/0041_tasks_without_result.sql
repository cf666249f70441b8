-- Operators look for what failed or was cancelled last, and set failed tasks back. Tasks that are completed are not in it, and
-- so pay nothing for it. To build it reads the whole table and keeps writers out meanwhile: where that is too long, it is
-- made before, by CREATE INDEX CONCURRENTLY, and found here.
CREATE INDEX IF NOT EXISTS tasks_without_result ON tasks (status, updated_at) WHERE status IN ('failed', 'cancelled');
