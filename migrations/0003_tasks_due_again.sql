-- The reaper looks for tasks that were started once. Those that still wait for their message are pending and due as
-- well, and an index over them all makes it read through the whole backlog.
DROP INDEX tasks_due;
CREATE INDEX tasks_due_again ON tasks (run_at) WHERE status = 'pending' AND request IS NOT NULL;
