-- A task leaves some twenty-five timings, and looking up the foreign key of each took a tenth and more of all that Postgres
-- does for its completion. Timings are written by statements alone that lock the task's row first and write them for the
-- rows that they found, so that none can be without its task. What a deleted task leaves goes by a trigger now. As with the
-- key, who deletes tasks needs no right to the timings: the function runs as its owner, and so looks nowhere but in the
-- schema of the table.
ALTER TABLE stage_timings DROP CONSTRAINT stage_timings_task_id_fkey;

SELECT set_config('search_path', format('%I, pg_temp', nspname), true)
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = 'stage_timings'::regclass;

CREATE FUNCTION concept_worker_drop_timings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM stage_timings USING gone WHERE stage_timings.task_id = gone.id;
  RETURN NULL;
END $$;

SET LOCAL search_path TO DEFAULT;

CREATE TRIGGER concept_worker_drop_timings AFTER DELETE ON tasks
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION concept_worker_drop_timings();
