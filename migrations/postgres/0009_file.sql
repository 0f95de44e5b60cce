-- Files that people uploaded. Their contents lie in the data folder, named by their digest.
CREATE TABLE file (
    id         UUID   PRIMARY KEY,
    workspace  BIGINT NOT NULL REFERENCES workspace (id),
    name       TEXT   NOT NULL,
    sha256     BYTEA  NOT NULL,
    bytes      BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX file_in_workspace ON file (workspace, id);
CREATE INDEX file_of_content ON file (sha256);
