-- OpenAPI documents that somebody is choosing from. They are kept for a while, so that a reload of the page or a restart of
-- the server loses nothing, and go by themselves.
CREATE TABLE connector_import (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    -- Where it was loaded from, or the name of the file.
    source     TEXT    NOT NULL,
    -- Whether `source` is an address, to which others in the document may be relative.
    loaded     INTEGER NOT NULL,
    -- The document, compressed.
    body       BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX connector_import_of_workspace ON connector_import (workspace, created_at);
