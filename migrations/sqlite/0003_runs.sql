-- One row per run, with the journal of its first turn: a run that needs no later turn costs one row.
-- A rowid table although the key is natural: rows of several KB inside the key's own tree measured half as fast.
-- No foreign keys here: every run would pay for a look-up that its pinned version already proves.
CREATE TABLE run (
    id           BLOB    PRIMARY KEY NOT NULL,
    workspace    INTEGER NOT NULL,
    workflow     BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    status       TEXT    NOT NULL CHECK (status IN ('running', 'waiting', 'completed', 'failed', 'cancelled')),
    subject      TEXT,
    -- The lead the run is about: the first one its steps found or made.
    lead         BLOB,
    trigger_kind TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER,
    -- The earliest moment it sleeps until.
    wake_at      INTEGER,
    -- 1 when a restart must take the run up again: it was moving, or waits for a workflow it called.
    resume       INTEGER NOT NULL,
    error_step   TEXT,
    error        TEXT,
    -- The sender's own key of the event: a repeat is recognised instead of run again.
    event_key    TEXT,
    -- The run and effect that called this one.
    parent       BLOB,
    parent_key   TEXT,
    journal      BLOB    NOT NULL
) STRICT;
CREATE INDEX run_of_workflow ON run (workflow, id);
CREATE INDEX run_of_lead ON run (lead, id) WHERE lead IS NOT NULL;
CREATE INDEX run_failed ON run (id) WHERE status = 'failed';
CREATE INDEX run_unfinished ON run (workflow, id) WHERE finished_at IS NULL;
CREATE INDEX run_to_resume ON run (id) WHERE resume = 1;
CREATE INDEX run_to_wake ON run (wake_at) WHERE wake_at IS NOT NULL;
CREATE UNIQUE INDEX run_event_key ON run (workflow, event_key) WHERE event_key IS NOT NULL;
CREATE UNIQUE INDEX run_child ON run (parent, parent_key) WHERE parent IS NOT NULL;

-- The later turns of a run. The key is the fence: two processes that both think they own a run cannot both write turn n.
CREATE TABLE journal (
    run  BLOB    NOT NULL,
    seq  INTEGER NOT NULL CHECK (seq > 0),
    body BLOB    NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT;

-- How many runs of a workflow ended how, per hour since 1970, so that the workflow list never counts history.
CREATE TABLE run_tally (
    workflow  BLOB    NOT NULL,
    hour      INTEGER NOT NULL,
    completed INTEGER NOT NULL DEFAULT 0,
    failed    INTEGER NOT NULL DEFAULT 0,
    cancelled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workflow, hour)
) STRICT, WITHOUT ROWID;
