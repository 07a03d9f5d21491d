-- One agent's piece of work inside a task.
CREATE TABLE steps (
    id           uuid        PRIMARY KEY,
    task_id      uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    step_number  integer     NOT NULL CHECK (step_number >= 1),
    key          text        NOT NULL,                               -- the plan's name for it
    agent_type   text        NOT NULL,
    capability   text,
    description  text        NOT NULL,
    pool         text        NOT NULL,
    required     boolean     NOT NULL DEFAULT true,
    depends_on   uuid[]      NOT NULL DEFAULT '{}',
    requires     text[]      NOT NULL DEFAULT '{}',
    inputs       jsonb       NOT NULL DEFAULT '{}',                  -- the capability's arguments
    status       text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'ready', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled')),
    attempt      integer     NOT NULL DEFAULT 0,
    epoch        bigint      NOT NULL DEFAULT 0,
    worker_id    uuid,
    summary      text,
    result       jsonb,                                              -- write-once
    error        jsonb,
    checks       jsonb       NOT NULL DEFAULT '[]',
    usage        jsonb       NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    ready_at     timestamptz,
    started_at   timestamptz,
    completed_at timestamptz,
    UNIQUE (task_id, step_number),
    UNIQUE (task_id, key),
    CONSTRAINT result_of_completed CHECK ((status = 'completed') = (result IS NOT NULL)),
    CONSTRAINT error_of_failed CHECK ((status = 'failed') = (error IS NOT NULL))
);
