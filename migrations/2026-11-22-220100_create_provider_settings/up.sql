-- Who may be asked for answers of models. A row of an admin is the truth; those of the configuration and those that
-- were found are what workers say of themselves, and count as long as somebody says so.
CREATE TABLE provider_settings (
    id          uuid        PRIMARY KEY,
    kind        text        NOT NULL CHECK (kind IN ('openai', 'anthropic', 'google', 'deepseek', 'ollama', 'compatible')),
    name        text        NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'), -- `provider/model` names it
    base_url    text        NOT NULL,
    key_sealed  text,                                       -- bound to this row: copied to another it does not open
    key_last4   text,
    models      jsonb       NOT NULL DEFAULT '[]',
    limits      jsonb       NOT NULL DEFAULT '{}',
    self_hosted boolean     NOT NULL DEFAULT false,
    priority    integer     NOT NULL DEFAULT 100,           -- lower comes first
    enabled     boolean     NOT NULL DEFAULT true,
    source      text        NOT NULL CHECK (source IN ('config', 'database', 'discovered')),
    seen_at     timestamptz,                                -- when a worker last said so
    last_test   jsonb,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT provider_settings_name UNIQUE (name),
    CONSTRAINT said_by_somebody CHECK ((source = 'database') = (seen_at IS NULL)),
    CONSTRAINT keys_are_of_admins CHECK (source = 'database' OR key_sealed IS NULL)
);

-- Whom to ask first where a task does not say. One row.
CREATE TABLE model_preferences (
    one_row          boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    default_provider text,
    default_model    text,
    fallback_order   text[]  NOT NULL DEFAULT '{}'
);
INSERT INTO model_preferences DEFAULT VALUES;
