-- A list that a person imports: what was found in the file, what they chose, and where it stands. The rows lie in the data
-- folder.
CREATE TABLE import (
    id          UUID   PRIMARY KEY,
    workspace   BIGINT NOT NULL REFERENCES workspace (id),
    name        TEXT   NOT NULL,
    -- The uploaded file.
    file        UUID   NOT NULL,
    status      TEXT   NOT NULL,
    -- Names lists with the same columns, so that choices are remembered.
    source      TEXT   NOT NULL DEFAULT '',
    -- Rows after the header, once they were counted.
    total       BIGINT,
    found       TEXT   NOT NULL DEFAULT 'null',
    settings    TEXT   NOT NULL DEFAULT 'null',
    preview     TEXT   NOT NULL DEFAULT 'null',
    -- The job that reads, previews or undoes it now.
    job         UUID,
    -- The run that imports it.
    run         UUID,
    created_by  TEXT,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    error       TEXT
);
CREATE INDEX import_in_workspace ON import (workspace, id);
CREATE INDEX import_of_source ON import (workspace, source, id);

-- What became of a stretch of an import's rows, written in the transaction that imported them: the counts, and every
-- row with the lead and what it changed (JSON, zstd).
CREATE TABLE import_stretch (
    import    UUID   NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    first     BIGINT NOT NULL,
    created   BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    skipped   BIGINT NOT NULL,
    failed    BIGINT NOT NULL,
    body      BYTEA  NOT NULL,
    PRIMARY KEY (import, first)
);

-- Which leads an import was about and when last: a later row about one is a duplicate, and an undo leaves alone what was
-- changed since.
CREATE TABLE import_lead (
    import UUID   NOT NULL,
    lead   UUID   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (import, lead)
);
