-- Messages whose task cannot be seen yet. They are acknowledged and kept here, where any worker finds them, until the
-- task appears or patience is over.
CREATE TABLE parked_messages (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id   text NOT NULL,
  -- No foreign key: there is no such row yet.
  task_id      uuid NOT NULL,
  data         bytea NOT NULL,
  attributes   jsonb NOT NULL,
  published_at timestamptz NOT NULL,
  parked_at    timestamptz NOT NULL DEFAULT now(),
  -- Not looked at before then. Whoever looks moves this on, so that the others leave the message alone meanwhile.
  look_at      timestamptz NOT NULL,
  -- From then on it goes into quarantine if its task is still missing.
  give_up_at   timestamptz NOT NULL,
  -- A redelivery is kept once. An emulator that starts again begins with its ids anew.
  UNIQUE (message_id, published_at)
);

CREATE INDEX parked_messages_look ON parked_messages (look_at);
CREATE INDEX parked_messages_give_up ON parked_messages (give_up_at);
