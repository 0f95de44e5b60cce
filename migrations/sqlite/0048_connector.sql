-- Connectors that administrators installed, beside the apps of the build. A connector has editions: each upgrade is one,
-- and a frozen workflow keeps those it was frozen with.
CREATE TABLE connector (
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    -- The manifest's id.
    name       TEXT    NOT NULL,
    -- The edition that new work goes by.
    edition    INTEGER NOT NULL,
    -- Whether its steps are offered and run.
    enabled    INTEGER NOT NULL,
    -- Where it came from and what was chosen then, so that an import can be repeated: a record.
    origin     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, name)
) STRICT;

-- Numbers are never used twice: what was frozen with an edition that is gone must not run with another.
CREATE TABLE connector_edition (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace    INTEGER NOT NULL REFERENCES workspace (id),
    name         TEXT    NOT NULL,
    -- The manifest's own version.
    version      TEXT    NOT NULL,
    -- Its text, compressed.
    manifest     BLOB    NOT NULL,
    -- What changed since the one before, in plain sentences.
    changes      TEXT    NOT NULL,
    installed_by BLOB,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX connector_edition_of_name ON connector_edition (workspace, name, id);

-- Editions that the document is frozen with: a record of names and numbers; nothing when it uses no installed connector.
ALTER TABLE workflow_version ADD COLUMN editions TEXT;
