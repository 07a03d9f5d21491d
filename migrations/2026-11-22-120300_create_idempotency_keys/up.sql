-- The answer of a request that carried an Idempotency-Key, written in the transaction of its change: a parallel twin
-- waits on the primary key for that transaction and then finds the answer.
CREATE TABLE idempotency_keys (
    user_id     uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    method      text        NOT NULL,
    path        text        NOT NULL,
    key         text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea       NOT NULL,                                -- of the canonical request body
    status      smallint    NOT NULL,
    location    text,
    body        jsonb       NOT NULL,
    resource_id uuid,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, method, path, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
