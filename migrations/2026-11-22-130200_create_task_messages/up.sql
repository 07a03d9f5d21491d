-- What a user told a task while it was open. Its steps that ask a model read it before their next model call.
CREATE TABLE task_messages (
    id         uuid        PRIMARY KEY,
    task_id    uuid        NOT NULL REFERENCES tasks ON DELETE CASCADE,
    user_id    uuid        NOT NULL,                                 -- who wrote it
    content    text        NOT NULL CHECK (length(content) BETWEEN 1 AND 20000),
    files      uuid[]      NOT NULL DEFAULT '{}',                    -- uploads that it names; in task_files too
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX task_messages_task ON task_messages (task_id, id);
