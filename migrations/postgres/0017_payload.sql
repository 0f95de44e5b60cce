-- Journals too large for the database lie in files of the data folder, named by their digest. This is which there are,
-- so that one that nobody uses any more can go.
CREATE TABLE payload (
    sha256 bytea   PRIMARY KEY,
    bytes  bigint  NOT NULL,
    -- Whether a run that used it is gone, until somebody has looked whether others do.
    loose  boolean NOT NULL DEFAULT FALSE
);
CREATE INDEX payload_loose ON payload (sha256) WHERE loose = TRUE;

-- Which turn of which run lies in which file; turn 0 is the one in the run's own row.
CREATE TABLE payload_use (
    run    uuid   NOT NULL,
    seq    bigint NOT NULL,
    sha256 bytea  NOT NULL,
    PRIMARY KEY (run, seq)
);
CREATE INDEX payload_use_of_content ON payload_use (sha256);
