-- An emulator that starts again begins with its ids anew.
ALTER TABLE quarantined_messages
  DROP CONSTRAINT quarantined_messages_message_id_key,
  ADD CONSTRAINT quarantined_messages_delivery UNIQUE (message_id, published_at),
  -- When an operator last published it anew; null where never.
  ADD COLUMN replayed_at timestamptz;
