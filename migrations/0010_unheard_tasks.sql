-- Tasks that no worker has heard of yet: a worker that receives nothing while one of them waits opens its stream anew.
CREATE INDEX tasks_unheard ON tasks (run_at) WHERE status = 'pending' AND request IS NULL;
