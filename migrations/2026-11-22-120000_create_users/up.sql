-- People. Migrations create none: the first administrator comes from `ninjactl create-admin`.
CREATE TABLE users (
    id            uuid        PRIMARY KEY,
    email         text        NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
    username      text        CHECK (username ~ '^[a-z0-9][a-z0-9._-]{2,63}$'),
    full_name     text        CHECK (length(full_name) <= 100),
    role          text        NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'premium', 'admin')),
    is_active     boolean     NOT NULL DEFAULT true,
    password_hash text        NOT NULL,                              -- $n1$<pepper id>$<bcrypt>
    default_model text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz
);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_username ON users (lower(username));

-- What a user used up on a UTC day; a deleted task stays counted.
CREATE TABLE user_days (
    user_id uuid    NOT NULL REFERENCES users ON DELETE CASCADE,
    day     date    NOT NULL,
    tasks   integer NOT NULL DEFAULT 0 CHECK (tasks >= 0),
    PRIMARY KEY (user_id, day)
);
