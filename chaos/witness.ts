import type { Pool } from 'pg'

/**
 * Triggers that note every change of hands of a task, in the transaction that makes it, with the worker that wrote:
 * workers name themselves to Postgres. So what is checked in the end does not rest on what workers say of themselves.
 */
const TRIGGERS = `
  CREATE TABLE chaos_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    task_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('claimed', 'ended', 'checkpoint', 'concept')),
    what text NOT NULL,
    claimant text,
    writer text NOT NULL DEFAULT current_setting('application_name')
  );

  CREATE FUNCTION chaos_claimant(task uuid) RETURNS text LANGUAGE sql AS $$
    SELECT claimant FROM chaos_events WHERE task_id = task AND kind = 'claimed' ORDER BY id DESC LIMIT 1
  $$;

  CREATE FUNCTION chaos_task() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NEW.claim_epoch > OLD.claim_epoch THEN
      INSERT INTO chaos_events (task_id, kind, what, claimant)
      VALUES (NEW.id, 'claimed', NEW.claim_epoch, NEW.claimed_by);
    ELSIF OLD.status = 'processing' AND NEW.status <> 'processing' THEN
      INSERT INTO chaos_events (task_id, kind, what, claimant)
      VALUES (NEW.id, 'ended', NEW.status, OLD.claimed_by);
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER chaos_task AFTER UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION chaos_task();

  CREATE FUNCTION chaos_concept() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO chaos_events (task_id, kind, what, claimant)
    VALUES (NEW.task_id, 'concept', NEW.id, chaos_claimant(NEW.task_id));
    RETURN NEW;
  END $$;
  CREATE TRIGGER chaos_concept AFTER INSERT ON concepts FOR EACH ROW EXECUTE FUNCTION chaos_concept();

  CREATE FUNCTION chaos_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO chaos_events (task_id, kind, what, claimant)
    VALUES (NEW.task_id, 'checkpoint', NEW.name, chaos_claimant(NEW.task_id));
    RETURN NEW;
  END $$;
  CREATE TRIGGER chaos_checkpoint AFTER INSERT OR UPDATE ON task_checkpoints
    FOR EACH ROW EXECUTE FUNCTION chaos_checkpoint();
`

export type WitnessedEvent = {
  readonly atMs: number
  readonly taskId: string
  readonly kind: 'claimed' | 'ended' | 'checkpoint' | 'concept'
  /** The epoch, the status, the stage or the concept's id. */
  readonly what: string
  /** Who held the claim, as `tasks.claimed_by` has it. */
  readonly claimant: string | null
  /** The `application_name` of the connection that wrote. */
  readonly writer: string
}

/** To be called once the tables are there. */
export async function installWitness(pool: Pool): Promise<void> {
  await pool.query(TRIGGERS)
}

/** In the order in which they happened. */
export async function readWitness(pool: Pool): Promise<WitnessedEvent[]> {
  const { rows } = await pool.query<WitnessedEvent>(
    `SELECT (extract(epoch FROM at) * 1000)::float8 AS "atMs", task_id AS "taskId", kind, what, claimant, writer
     FROM chaos_events ORDER BY id`,
  )
  return rows
}
