-- Long work that a person started and watches.
CREATE TABLE job (
    id               BLOB    PRIMARY KEY NOT NULL,
    workspace        INTEGER NOT NULL REFERENCES workspace (id),
    kind             TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    workflow         BLOB,
    -- What it needs to begin, and to go on after a restart.
    params           TEXT    NOT NULL,
    status           TEXT    NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'cancelled')),
    done             INTEGER NOT NULL DEFAULT 0,
    total            INTEGER,
    -- What the worker wants to know after a restart.
    state            TEXT    NOT NULL DEFAULT 'null',
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    created_by       TEXT,
    created_at       INTEGER NOT NULL,
    finished_at      INTEGER,
    error            TEXT
) STRICT;
CREATE INDEX job_in_workspace ON job (workspace, id);
CREATE INDEX job_unfinished ON job (id) WHERE status = 'running';

-- The results of a job, one per run it looked at.
CREATE TABLE job_item (
    job      BLOB    NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    seq      INTEGER NOT NULL,
    run      BLOB,
    subject  TEXT,
    grouping TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    PRIMARY KEY (job, seq)
) STRICT;
CREATE INDEX job_item_in_group ON job_item (job, grouping, seq);
