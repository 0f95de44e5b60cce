-- One row per run, with the journal of its first turn: a run that needs no later turn costs one row.
-- No foreign keys here: every run would pay for a look-up that its pinned version already proves.
-- A row of several KB stays in one piece; the journal is compressed by us, so the server need not try again.
CREATE TABLE run (
    id           UUID    PRIMARY KEY,
    workspace    BIGINT  NOT NULL,
    workflow     UUID    NOT NULL,
    version      BIGINT  NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('running', 'waiting', 'completed', 'failed', 'cancelled')),
    subject      TEXT,
    -- The lead the run is about: the first one its steps found or made.
    lead         UUID,
    trigger_kind TEXT    NOT NULL,
    started_at   BIGINT  NOT NULL,
    finished_at  BIGINT,
    -- The earliest moment it sleeps until.
    wake_at      BIGINT,
    -- True when a restart must take the run up again: it was moving, or waits for a workflow it called.
    resume       BOOLEAN NOT NULL,
    error_step   TEXT,
    error        TEXT,
    -- The sender's own key of the event: a repeat is recognised instead of run again.
    event_key    TEXT    COLLATE "C",
    -- The run and effect that called this one.
    parent       UUID,
    parent_key   TEXT    COLLATE "C",
    journal      BYTEA   NOT NULL
) WITH (toast_tuple_target = 8160);
ALTER TABLE run ALTER COLUMN journal SET STORAGE EXTERNAL;
CREATE INDEX run_of_workflow ON run (workflow, id);
CREATE INDEX run_of_lead ON run (lead, id) WHERE lead IS NOT NULL;
CREATE INDEX run_failed ON run (id) WHERE status = 'failed';
CREATE INDEX run_unfinished ON run (workflow, id) WHERE finished_at IS NULL;
CREATE INDEX run_to_resume ON run (id) WHERE resume;
CREATE INDEX run_to_wake ON run (wake_at) WHERE wake_at IS NOT NULL;
CREATE UNIQUE INDEX run_event_key ON run (workflow, event_key) WHERE event_key IS NOT NULL;
CREATE UNIQUE INDEX run_child ON run (parent, parent_key) WHERE parent IS NOT NULL;

-- The later turns of a run. The key is the fence: two processes that both think they own a run cannot both write turn n.
CREATE TABLE journal (
    run  UUID   NOT NULL,
    seq  BIGINT NOT NULL CHECK (seq > 0),
    body BYTEA  NOT NULL,
    PRIMARY KEY (run, seq)
) WITH (toast_tuple_target = 8160);
ALTER TABLE journal ALTER COLUMN body SET STORAGE EXTERNAL;

-- How many runs of a workflow ended how, per hour since 1970, so that the workflow list never counts history.
CREATE TABLE run_tally (
    workflow  UUID   NOT NULL,
    hour      BIGINT NOT NULL,
    completed BIGINT NOT NULL DEFAULT 0,
    failed    BIGINT NOT NULL DEFAULT 0,
    cancelled BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workflow, hour)
);

-- The number of the last batch each writing process has committed. A connection may break while it commits; whether the
-- batch is durable is then read here. Only this database needs it: a file does not hang up.
CREATE TABLE writer (
    session UUID   PRIMARY KEY,
    batch   BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
