-- Files that tasks made, written in the transaction that finishes their step.
CREATE TABLE artifacts (
    id           uuid        PRIMARY KEY,
    task_id      uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    step_id      uuid        NOT NULL REFERENCES steps ON DELETE CASCADE,
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    path         text        NOT NULL,                               -- relative, '/'
    size         bigint      NOT NULL CHECK (size >= 0),
    content_type text        NOT NULL,
    sha256       text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (step_id, path)
);
CREATE INDEX artifacts_task ON artifacts (task_id, created_at, id);
CREATE INDEX artifacts_user ON artifacts (user_id);
CREATE INDEX artifacts_sha256 ON artifacts (sha256);
