-- Uploads. The bytes lie in the file store under their hash; several rows may share them.
CREATE TABLE files (
    id           uuid        PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    filename     text        NOT NULL CHECK (octet_length(filename) BETWEEN 1 AND 255),
    extension    text        NOT NULL,
    size         bigint      NOT NULL CHECK (size >= 0),
    content_type text        NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('text', 'code', 'table', 'document', 'image', 'archive')),
    sha256       text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX files_user ON files (user_id, created_at DESC, id DESC);
CREATE INDEX files_sha256 ON files (sha256);
