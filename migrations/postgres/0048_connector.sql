-- Connectors that administrators installed, beside the apps of the build. A connector has editions: each upgrade is one,
-- and a frozen workflow keeps those it was frozen with.
CREATE TABLE connector (
    workspace  BIGINT  NOT NULL REFERENCES workspace (id),
    -- The manifest's id.
    name       TEXT    NOT NULL COLLATE "C",
    -- The edition that new work goes by.
    edition    BIGINT  NOT NULL,
    -- Whether its steps are offered and run.
    enabled    BOOLEAN NOT NULL,
    -- Where it came from and what was chosen then, so that an import can be repeated: a record.
    origin     TEXT    NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    PRIMARY KEY (workspace, name)
);

-- Numbers are never used twice: what was frozen with an edition that is gone must not run with another.
CREATE TABLE connector_edition (
    id           BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace    BIGINT  NOT NULL REFERENCES workspace (id),
    name         TEXT    NOT NULL COLLATE "C",
    -- The manifest's own version.
    version      TEXT    NOT NULL,
    -- Its text, compressed.
    manifest     BYTEA   NOT NULL,
    -- What changed since the one before, in plain sentences.
    changes      TEXT    NOT NULL,
    installed_by UUID,
    created_at   BIGINT  NOT NULL
);
CREATE INDEX connector_edition_of_name ON connector_edition (workspace, name, id);

-- Editions that the document is frozen with: a record of names and numbers; nothing when it uses no installed connector.
ALTER TABLE workflow_version ADD COLUMN editions TEXT;
