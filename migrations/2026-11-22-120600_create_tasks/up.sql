-- What a user asked for: one row, one result. Whoever changes anything of a task locks this row first.
CREATE TABLE tasks (
    id                 uuid        PRIMARY KEY,
    user_id            uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    template_id        uuid        REFERENCES templates ON DELETE SET NULL,
    retry_of           uuid        REFERENCES tasks ON DELETE SET NULL,
    clone_of           uuid        REFERENCES tasks ON DELETE SET NULL,
    title              text        NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    description        text        NOT NULL CHECK (length(description) BETWEEN 1 AND 20000),
    task_type          text        NOT NULL,
    parameters         jsonb       NOT NULL,
    status             text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'waiting', 'paused', 'cancelling', 'completed', 'failed', 'cancelled')),
    priority           text        NOT NULL DEFAULT 'normal' CHECK (priority IN ('normal', 'high')),
    model              text,
    on_unsafe          text        NOT NULL DEFAULT 'ask' CHECK (on_unsafe IN ('ask', 'deny', 'allow')),
    tags               text[]      NOT NULL DEFAULT '{}',
    metadata           jsonb       NOT NULL DEFAULT '{}',
    plan               jsonb       NOT NULL,                         -- source and counts of steps, see PlanState
    budget             jsonb       NOT NULL,                         -- the limits, see Budget
    reserved           bigint      NOT NULL DEFAULT 0 CHECK (reserved >= 0), -- millionths of a US dollar
    usage              jsonb       NOT NULL DEFAULT '{}',
    result             jsonb,
    error              jsonb,
    cancel_by          uuid,                                         -- who asked, from cancelling on
    cancelling_at      timestamptz,
    stalled_at         timestamptz,                                  -- last task.stalled
    last_seq           bigint      NOT NULL DEFAULT 0,               -- newest event: gapless from 1
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    started_at         timestamptz,
    completed_at       timestamptz,                                  -- set in every terminal status
    CONSTRAINT closed_when_terminal CHECK ((status IN ('completed', 'failed', 'cancelled')) = (completed_at IS NOT NULL)),
    CONSTRAINT result_of_completed CHECK ((status = 'completed') = (result IS NOT NULL)),
    CONSTRAINT error_of_failed CHECK ((status = 'failed') = (error IS NOT NULL))
);
CREATE INDEX tasks_user ON tasks (user_id, created_at DESC, id DESC);
CREATE INDEX tasks_open ON tasks (status, updated_at) WHERE status NOT IN ('completed', 'failed', 'cancelled');

-- Which uploads a task was given: while it is open they cannot be deleted.
CREATE TABLE task_files (
    task_id uuid NOT NULL REFERENCES tasks ON DELETE CASCADE,
    file_id uuid NOT NULL,
    PRIMARY KEY (task_id, file_id)
);
CREATE INDEX task_files_file ON task_files (file_id);
