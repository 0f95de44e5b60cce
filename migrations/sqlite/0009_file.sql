-- Files that people uploaded. Their contents lie in the data folder, named by their digest.
CREATE TABLE file (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    name       TEXT    NOT NULL,
    sha256     BLOB    NOT NULL,
    bytes      INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX file_in_workspace ON file (workspace, id);
CREATE INDEX file_of_content ON file (sha256);
