-- Tickets for sockets, while Redis is away: single use, by hash. Redis holds them else.
CREATE TABLE ws_tickets (
    hash       bytea       PRIMARY KEY CHECK (length(hash) = 32),
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ws_tickets_age ON ws_tickets (expires_at);
