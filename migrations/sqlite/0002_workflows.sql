-- What people draw. The draft is here; whatever may run is frozen in workflow_version.
CREATE TABLE workflow (
    id             BLOB    PRIMARY KEY NOT NULL,
    workspace      INTEGER NOT NULL REFERENCES workspace (id),
    name           TEXT    NOT NULL,
    active         INTEGER NOT NULL DEFAULT 0,
    draft          TEXT    NOT NULL,
    -- Counts edits, so that two browser tabs cannot overwrite one another unseen.
    draft_revision INTEGER NOT NULL DEFAULT 1,
    -- The live version; NULL until the first one is published.
    published      INTEGER REFERENCES workflow_version (id),
    -- Days finished runs stay in the history, copied from the live version for the sweep.
    keep_days      INTEGER NOT NULL DEFAULT 30,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    -- A deleted workflow stays as long as its runs do.
    deleted_at     INTEGER
) STRICT;
CREATE INDEX workflow_in_workspace ON workflow (workspace, updated_at) WHERE deleted_at IS NULL;

-- A frozen document. Runs are pinned to one. A draft that is tried out is frozen too, without a number.
CREATE TABLE workflow_version (
    id           INTEGER PRIMARY KEY,
    workflow     BLOB    NOT NULL REFERENCES workflow (id),
    number       INTEGER,
    -- SHA-256 of the document: trying out the same draft a hundred times keeps it once.
    hash         BLOB    NOT NULL,
    document     TEXT    NOT NULL,
    note         TEXT,
    changes      TEXT    NOT NULL DEFAULT '[]',
    published_by BLOB    REFERENCES "user" (id) ON DELETE SET NULL,
    created_at   INTEGER NOT NULL,
    UNIQUE (workflow, number)
) STRICT;
CREATE UNIQUE INDEX workflow_version_snapshot ON workflow_version (workflow, hash) WHERE number IS NULL;

-- When a schedule last fired, so that a restart neither repeats nor forgets a moment.
CREATE TABLE schedule (
    workflow   BLOB    NOT NULL REFERENCES workflow (id),
    step       TEXT    NOT NULL,
    last_fired INTEGER NOT NULL,
    PRIMARY KEY (workflow, step)
) STRICT, WITHOUT ROWID;
