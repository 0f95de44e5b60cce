-- A list that a person imports: what was found in the file, what they chose, and where it stands. The rows lie in the data
-- folder.
CREATE TABLE import (
    id          BLOB    PRIMARY KEY NOT NULL,
    workspace   INTEGER NOT NULL REFERENCES workspace (id),
    name        TEXT    NOT NULL,
    -- The uploaded file.
    file        BLOB    NOT NULL,
    status      TEXT    NOT NULL,
    -- Names lists with the same columns, so that choices are remembered.
    source      TEXT    NOT NULL DEFAULT '',
    -- Rows after the header, once they were counted.
    total       INTEGER,
    found       TEXT    NOT NULL DEFAULT 'null',
    settings    TEXT    NOT NULL DEFAULT 'null',
    preview     TEXT    NOT NULL DEFAULT 'null',
    -- The job that reads, previews or undoes it now.
    job         BLOB,
    -- The run that imports it.
    run         BLOB,
    created_by  TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    error       TEXT
) STRICT;
CREATE INDEX import_in_workspace ON import (workspace, id);
CREATE INDEX import_of_source ON import (workspace, source, id);

-- What became of a stretch of an import's rows, written in the transaction that imported them: the counts, and every
-- row with the lead and what it changed (JSON, zstd).
CREATE TABLE import_stretch (
    import    BLOB    NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    first     INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    updated   INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    skipped   INTEGER NOT NULL,
    failed    INTEGER NOT NULL,
    body      BLOB    NOT NULL,
    PRIMARY KEY (import, first)
) STRICT, WITHOUT ROWID;

-- Which leads an import was about and when last: a later row about one is a duplicate, and an undo leaves alone what was
-- changed since.
CREATE TABLE import_lead (
    import BLOB    NOT NULL,
    lead   BLOB    NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (import, lead)
) STRICT, WITHOUT ROWID;
