-- What a waiting step waits for, and until when: then the sweeper fails it.
ALTER TABLE steps
    ADD COLUMN wait_reason   text CHECK (wait_reason IN ('budget')),
    ADD COLUMN wait_limit    text,                                   -- the limit that did not suffice
    ADD COLUMN waiting_since timestamptz,
    ADD COLUMN wait_until    timestamptz,
    ADD CONSTRAINT waits_for_something CHECK (
        CASE status WHEN 'waiting' THEN num_nulls(wait_reason, waiting_since, wait_until) = 0
                    ELSE num_nonnulls(wait_reason, wait_limit, waiting_since, wait_until) = 0 END);
CREATE INDEX steps_waiting ON steps (wait_until) WHERE status = 'waiting';

-- The same for a task of which every open step waits, as its owner sees it.
ALTER TABLE tasks
    ADD COLUMN waiting jsonb,
    ADD CONSTRAINT waiting_says_for_what CHECK ((status = 'waiting') = (waiting IS NOT NULL));
