-- Work owed. The row is the promise; the message on the Redis stream is a bell. A bell may ring never, twice or late,
-- and nothing changes.
CREATE TABLE jobs (
    id          uuid        PRIMARY KEY,
    kind        text        NOT NULL CHECK (kind IN ('run_step')),
    subject_id  uuid        NOT NULL,                                -- the step
    user_id     uuid        NOT NULL REFERENCES users ON DELETE CASCADE, -- whose share it takes
    pool        text        NOT NULL,
    priority    smallint    NOT NULL DEFAULT 0,                      -- orders its user's releases; a pool has one stream
    requires    text[]      NOT NULL DEFAULT '{}',                   -- what a worker must provide, asked by the claim
    state       text        NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'leased', 'dead')),
    not_before  timestamptz NOT NULL DEFAULT now(),                  -- 'infinity' while held
    enqueued_at timestamptz,                                         -- released to its stream; NULL: waits for a slot or its time
    attempt     integer     NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    crashes     integer     NOT NULL DEFAULT 0 CHECK (crashes >= 0), -- workers that died after its handler had started
    epoch       bigint      NOT NULL DEFAULT 0,                      -- raised by claim and takeover: fences earlier holders
    worker_id   uuid        REFERENCES workers,
    leased_at   timestamptz,
    started_at  timestamptz,                                         -- its handler runs; NULL while it waits to run alone
    deadline_at timestamptz,
    error       jsonb,                                               -- of a dead job
    parked_at   timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT leased_by_somebody CHECK ((state = 'leased') = (worker_id IS NOT NULL)),
    CONSTRAINT released_when_due CHECK (state <> 'ready' OR enqueued_at IS NULL OR not_before <= enqueued_at)
);
CREATE UNIQUE INDEX jobs_subject ON jobs (kind, subject_id) WHERE state <> 'dead';
CREATE INDEX jobs_waiting ON jobs (user_id, priority DESC, not_before) WHERE state = 'ready' AND enqueued_at IS NULL;
CREATE INDEX jobs_live ON jobs (user_id) WHERE state = 'leased' OR (state = 'ready' AND enqueued_at IS NOT NULL);
CREATE INDEX jobs_released ON jobs (pool, priority DESC, enqueued_at) WHERE state = 'ready' AND enqueued_at IS NOT NULL;
CREATE INDEX jobs_leased ON jobs (worker_id) WHERE state = 'leased';
