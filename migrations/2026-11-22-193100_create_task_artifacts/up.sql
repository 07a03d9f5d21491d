-- What a task was given of earlier tasks: a copy of the facts, so that those tasks may be deleted meanwhile. The bytes
-- stay as long as a row names their hash.
CREATE TABLE task_artifacts (
    task_id      uuid   NOT NULL REFERENCES tasks ON DELETE CASCADE,
    artifact_id  uuid   NOT NULL,
    path         text   NOT NULL,
    size         bigint NOT NULL,
    content_type text   NOT NULL,
    sha256       text   NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (task_id, artifact_id)
);
CREATE INDEX task_artifacts_sha256 ON task_artifacts (sha256);
