-- Long work that a person started and watches.
CREATE TABLE job (
    id               UUID    PRIMARY KEY,
    workspace        BIGINT  NOT NULL REFERENCES workspace (id),
    kind             TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    workflow         UUID,
    -- What it needs to begin, and to go on after a restart.
    params           TEXT    NOT NULL,
    status           TEXT    NOT NULL CHECK (status IN ('running', 'completed', 'failed', 'cancelled')),
    done             BIGINT  NOT NULL DEFAULT 0,
    total            BIGINT,
    -- What the worker wants to know after a restart.
    state            TEXT    NOT NULL DEFAULT 'null',
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    created_by       TEXT,
    created_at       BIGINT  NOT NULL,
    finished_at      BIGINT,
    error            TEXT
);
CREATE INDEX job_in_workspace ON job (workspace, id);
CREATE INDEX job_unfinished ON job (id) WHERE status = 'running';

-- The results of a job, one per run it looked at.
CREATE TABLE job_item (
    job      UUID   NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    seq      BIGINT NOT NULL,
    run      UUID,
    subject  TEXT,
    grouping TEXT   NOT NULL COLLATE "C",
    detail   TEXT   NOT NULL,
    PRIMARY KEY (job, seq)
);
CREATE INDEX job_item_in_group ON job_item (job, grouping, seq);
