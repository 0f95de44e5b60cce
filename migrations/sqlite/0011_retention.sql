-- Days after which a completed run keeps only how it began and how it ended; NULL: never before it goes.
ALTER TABLE workflow ADD COLUMN thin_after_days INTEGER;
-- How far thinning has come: an index of what is still whole would cost every run something.
ALTER TABLE workflow ADD COLUMN thinned_to BLOB;
-- When the detail of a run was thinned out.
ALTER TABLE run ADD COLUMN thinned_at INTEGER;

-- What the administrator set for the whole store.
CREATE TABLE store_setting (
    name  TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- That a lead was erased. Nothing here names it.
CREATE TABLE erasure (
    id        BLOB    PRIMARY KEY NOT NULL,
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    at        INTEGER NOT NULL,
    by        TEXT,
    -- Salt and digest of the e-mail address, in hex.
    proof     TEXT    NOT NULL,
    counts    TEXT    NOT NULL
) STRICT;
CREATE INDEX erasure_in_workspace ON erasure (workspace, id);
