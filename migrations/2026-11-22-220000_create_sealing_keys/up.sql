-- Which master keys this installation knows. Each sealed its own id: a key of that id that cannot open the text is
-- another one, and a process that has it must not start.
CREATE TABLE sealing_keys (
    id          text        PRIMARY KEY,
    check_value text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);
