-- First the tables as the product's API knows them, for a database that does not have them yet; then what the
-- worker adds. Every addition has a default, so that the API goes on inserting its own columns and no more.

CREATE TABLE IF NOT EXISTS tasks (
  id            uuid PRIMARY KEY,
  user_id       text NOT NULL,
  type          text NOT NULL,
  status        text NOT NULL DEFAULT 'pending'
                CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  result_id     uuid,
  error_message text,
  metadata      jsonb NOT NULL DEFAULT '{}',
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS concepts (
  id                 uuid PRIMARY KEY,
  user_id            text NOT NULL,
  task_id            uuid NOT NULL REFERENCES tasks (id),
  logo_description   text NOT NULL,
  theme_description  text NOT NULL,
  image_path         text NOT NULL,
  image_url          text NOT NULL,
  is_anonymous       boolean NOT NULL,
  refinement_prompt  text,
  original_image_url text,
  created_at         timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS color_variations (
  id           uuid PRIMARY KEY,
  concept_id   uuid NOT NULL REFERENCES concepts (id) ON DELETE CASCADE,
  palette_name text NOT NULL,
  colors       jsonb NOT NULL,
  description  text NOT NULL,
  image_path   text NOT NULL,
  image_url    text NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE tasks
  -- Why the last attempt failed, as a stable category.
  ADD COLUMN error_code       text,
  -- The message's fields as they were received: what another attempt needs when no message is left.
  -- json and not jsonb, which refuses the escapes of NUL and of lone surrogates.
  ADD COLUMN request          json,
  ADD COLUMN attempt          integer NOT NULL DEFAULT 0,
  -- A pending task is due from then on.
  ADD COLUMN run_at           timestamptz NOT NULL DEFAULT now(),
  -- Raised by every claim; a write that names an older epoch comes from a worker that lost the task.
  ADD COLUMN claim_epoch      bigint NOT NULL DEFAULT 0,
  ADD COLUMN claimed_by       text,
  ADD COLUMN lease_expires_at timestamptz,
  ADD COLUMN completed_at     timestamptz;

-- The reaper's two questions: what is due, and whose lease has run out.
CREATE INDEX tasks_due ON tasks (run_at) WHERE status = 'pending';
CREATE INDEX tasks_leased ON tasks (lease_expires_at) WHERE status = 'processing';

ALTER TABLE concepts
  -- The concept that a refinement started from, where it is one of ours.
  ADD COLUMN original_concept_id uuid REFERENCES concepts (id),
  -- [{ name, hex, share }]: what node-vibrant found in the base image.
  ADD COLUMN swatches            jsonb NOT NULL DEFAULT '[]';

CREATE UNIQUE INDEX concepts_task ON concepts (task_id);
-- A refinement finds the concept of its original image by the object's key.
CREATE INDEX concepts_image_path ON concepts (image_path);

ALTER TABLE color_variations
  -- Place among the concept's variations, from 0.
  ADD COLUMN position integer,
  -- True where the palette comes from the image's swatches and not from a model.
  ADD COLUMN derived  boolean NOT NULL DEFAULT false;

CREATE UNIQUE INDEX color_variations_position ON color_variations (concept_id, position);
CREATE INDEX color_variations_image_path ON color_variations (image_path);

CREATE TABLE stage_timings (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id    uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  attempt    integer NOT NULL,
  stage      text NOT NULL,
  -- A part of the stage, such as one variation's recolouring; null for the stage as a whole.
  step       text,
  item       integer,
  started_at timestamptz NOT NULL,
  -- Milliseconds in which nothing ran for it (queued behind other work), and in which something did.
  wait_ms    double precision NOT NULL,
  run_ms     double precision NOT NULL,
  outcome    text NOT NULL CHECK (outcome IN ('ok', 'failed', 'aborted')),
  error_code text
);

CREATE INDEX stage_timings_task ON stage_timings (task_id);

CREATE TABLE quarantined_messages (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id   text NOT NULL UNIQUE,
  reason       text NOT NULL,
  -- Of a larger message only the beginning is kept; size_bytes tells.
  data         bytea NOT NULL,
  size_bytes   integer NOT NULL,
  attributes   jsonb NOT NULL,
  published_at timestamptz NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);
