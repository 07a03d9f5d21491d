-- What calls of models may cost is promised before they begin and paid when they are answered: by the task, the user's
-- day and the installation, each a row that is locked for it. All money is in millionths of a US dollar.
ALTER TABLE tasks ADD COLUMN reserved_tokens bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0);

ALTER TABLE user_days
    ADD COLUMN spent    bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    ADD COLUMN reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0);

-- The whole installation, by UTC day and by month: locked last.
CREATE TABLE installation_spending (
    period   text   NOT NULL CHECK (period IN ('day', 'month')),
    begins   date   NOT NULL,
    spent    bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    PRIMARY KEY (period, begins)
);

ALTER TABLE step_calls
    ADD COLUMN reserved        bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    ADD COLUMN reserved_tokens bigint NOT NULL DEFAULT 0 CHECK (reserved_tokens >= 0),
    ADD COLUMN reserved_day    date,                                 -- the UTC day that pays, whenever the answer comes
    ADD COLUMN provider        text,
    ADD COLUMN model           text,
    ADD COLUMN fallback_from   text,                                 -- `provider/model` that was asked before, in vain
    ADD COLUMN price_version   text,
    ADD CONSTRAINT reserved_until_answered CHECK (state = 'intended' OR (reserved = 0 AND reserved_tokens = 0)),
    ADD CONSTRAINT reserved_on_a_day CHECK (reserved = 0 OR reserved_day IS NOT NULL);
CREATE INDEX step_calls_reserved ON step_calls (step_id) WHERE reserved > 0 OR reserved_tokens > 0;

-- How much of a limit a waiting step asks for at least: the sweeper wakes it when there is so much.
ALTER TABLE steps
    ADD COLUMN wait_amount bigint,
    ADD CONSTRAINT amount_of_a_wait CHECK (wait_amount IS NULL OR status = 'waiting');

-- How often the job was handed back because all that it could ask rested.
ALTER TABLE jobs ADD COLUMN hand_backs integer NOT NULL DEFAULT 0 CHECK (hand_backs >= 0);
