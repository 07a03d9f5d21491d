-- The journal: every model call and tool call of a step. A stored answer is never bought or computed again.
CREATE TABLE step_calls (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    step_id      uuid        NOT NULL REFERENCES steps ON DELETE CASCADE,
    call_no      integer     NOT NULL CHECK (call_no >= 1),
    epoch        bigint      NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('model', 'tool')),
    name         text        NOT NULL,
    effect       text        NOT NULL CHECK (effect IN ('pure', 'idempotent', 'unsafe')),
    state        text        NOT NULL CHECK (state IN ('intended', 'done', 'superseded')),
    request_hash bytea       NOT NULL,
    request      jsonb       NOT NULL,
    response     jsonb,
    error        jsonb,
    usage        jsonb       NOT NULL DEFAULT '{}',
    cost         bigint      NOT NULL DEFAULT 0,
    v            smallint    NOT NULL DEFAULT 1,                     -- of the row's JSON, for workers of other versions
    started_at   timestamptz NOT NULL,
    answered_at  timestamptz,
    CONSTRAINT answered_when_done CHECK (state <> 'done' OR (answered_at IS NOT NULL AND num_nonnulls(response, error) = 1))
);
CREATE UNIQUE INDEX step_calls_live ON step_calls (step_id, call_no) WHERE state <> 'superseded';
CREATE INDEX step_calls_step ON step_calls (step_id, id);
