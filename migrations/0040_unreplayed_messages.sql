-- What an operator has yet to look at in the quarantine is counted at every scrape of the metrics.
CREATE INDEX quarantined_messages_unreplayed ON quarantined_messages (id) WHERE replayed_at IS NULL;
