-- Who did what to whom. Rows are chained by hash; the trigger refuses changes even to the owner of the table.
CREATE TABLE audit_log (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     uuid,                                                -- no reference: rows outlive their users
    action      text        NOT NULL,
    outcome     text        NOT NULL CHECK (outcome IN ('ok', 'refused')),
    object_type text,
    object_id   text,
    details     jsonb       NOT NULL DEFAULT '{}',
    ip          text,
    user_agent  text,
    request_id  text,
    created_at  timestamptz NOT NULL,
    prev_hash   bytea       NOT NULL,
    hash        bytea       NOT NULL
);
CREATE INDEX audit_log_user ON audit_log (user_id, id);

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = '23514', CONSTRAINT = 'audit_log_append_only';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
