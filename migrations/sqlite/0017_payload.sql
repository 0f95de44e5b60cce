-- Journals too large for the database lie in files of the data folder, named by their digest. This is which there are,
-- so that one that nobody uses any more can go.
CREATE TABLE payload (
    sha256 BLOB    PRIMARY KEY NOT NULL,
    bytes  INTEGER NOT NULL,
    -- 1 when a run that used it is gone, until somebody has looked whether others do.
    loose  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX payload_loose ON payload (sha256) WHERE loose = TRUE;

-- Which turn of which run lies in which file; turn 0 is the one in the run's own row.
CREATE TABLE payload_use (
    run    BLOB    NOT NULL,
    seq    INTEGER NOT NULL,
    sha256 BLOB    NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX payload_use_of_content ON payload_use (sha256);
