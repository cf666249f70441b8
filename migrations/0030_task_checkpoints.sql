-- What the stages of a task have produced and paid for, so that the next attempt goes on from there. A row is written
-- only under the epoch of a living claim, and goes when the task ends.
CREATE TABLE task_checkpoints (
  task_id      uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  -- The stage that paid for it.
  name         text NOT NULL,
  -- The claim that wrote it.
  claim_epoch  bigint NOT NULL,
  -- Digest of what was asked for: another request is not served from this.
  asked_for    text NOT NULL,
  -- Small results stand here; images lie in the store under their key.
  value        jsonb,
  object_path  text,
  sha256       text,
  size_bytes   bigint,
  content_type text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (task_id, name),
  CHECK (num_nonnulls(value, object_path) = 1),
  CHECK (num_nonnulls(object_path, sha256, size_bytes, content_type) IN (0, 4))
);

-- Tasks whose folder in the image store may hold objects that no concept names. A row is there before the first object
-- is, and goes once the task has ended and its folder has been tidied up.
CREATE TABLE task_folders (
  task_id  uuid PRIMARY KEY REFERENCES tasks (id) ON DELETE CASCADE,
  folder   text NOT NULL,
  -- Raised by everybody who may have stored something: who tidies up removes the row only if nobody did meanwhile.
  openings bigint NOT NULL DEFAULT 1,
  noted_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX task_folders_noted ON task_folders (noted_at);
