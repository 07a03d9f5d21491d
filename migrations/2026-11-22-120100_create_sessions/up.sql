-- One login. It ends when revoked, idle too long, or too old; with it end its access tokens.
CREATE TABLE sessions (
    id             uuid        PRIMARY KEY,
    user_id        uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    ip             text        NOT NULL,
    user_agent     text        NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    last_used_at   timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,                             -- absolute
    revoked_at     timestamptz,
    revoked_reason text CHECK (revoked_reason IN ('logout', 'reuse', 'password', 'role', 'disabled'))
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Every refresh token of a session, by hash. A rotated one stays, so that its replay is seen.
CREATE TABLE refresh_tokens (
    hash       bytea       PRIMARY KEY CHECK (length(hash) = 32),
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,                                 -- idle limit
    rotated_at timestamptz                                           -- set when its successor was answered
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
