-- One life of a worker process. It holds a lease; its jobs hang on it.
CREATE TABLE workers (
    id          uuid        PRIMARY KEY,
    state       text        NOT NULL DEFAULT 'alive' CHECK (state IN ('alive', 'lost', 'closed')),
    host        text        NOT NULL,
    version     text        NOT NULL,
    roles       text[]      NOT NULL,
    pools       text[]      NOT NULL,
    provides    text[]      NOT NULL DEFAULT '{}',                   -- languages and programs proven at start
    sandbox     jsonb       NOT NULL DEFAULT '{}',                   -- the sandbox's report: tier, layers, languages
    concurrency integer     NOT NULL CHECK (concurrency > 0),
    drain_asked boolean     NOT NULL DEFAULT false,
    started_at  timestamptz NOT NULL DEFAULT now(),
    lease_until timestamptz NOT NULL,
    closed_at   timestamptz
);
CREATE INDEX workers_alive ON workers (lease_until) WHERE state = 'alive';
