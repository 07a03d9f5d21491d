-- What happened to a task, in order, for as long as the task stands. `seq` is given under the task's row lock, so a
-- visible number implies that every lower one is visible.
CREATE TABLE task_events (
    task_id    uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    seq        bigint      NOT NULL CHECK (seq >= 1),
    type       text        NOT NULL,
    data       jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (task_id, seq)
);
