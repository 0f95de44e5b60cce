-- Runs can be queued and paused. SQLite cannot change a check, so the table is written anew; rows keep their places.
CREATE TABLE new_run (
    id           BLOB    PRIMARY KEY NOT NULL,
    workspace    INTEGER NOT NULL,
    workflow     BLOB    NOT NULL,
    version      INTEGER NOT NULL,
    status       TEXT    NOT NULL
        CHECK (status IN ('queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled')),
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
INSERT INTO new_run SELECT id, workspace, workflow, version, status, subject, lead, trigger_kind, started_at, finished_at,
    wake_at, resume, error_step, error, event_key, parent, parent_key, journal FROM run ORDER BY rowid;
DROP TABLE run;
ALTER TABLE new_run RENAME TO run;
CREATE INDEX run_of_workflow ON run (workflow, id);
CREATE INDEX run_of_lead ON run (lead, id) WHERE lead IS NOT NULL;
CREATE INDEX run_failed ON run (id) WHERE status = 'failed';
CREATE INDEX run_unfinished ON run (workflow, id) WHERE finished_at IS NULL;
CREATE INDEX run_to_resume ON run (id) WHERE resume = 1;
CREATE INDEX run_to_wake ON run (wake_at) WHERE wake_at IS NOT NULL;
CREATE UNIQUE INDEX run_event_key ON run (workflow, event_key) WHERE event_key IS NOT NULL;
CREATE UNIQUE INDEX run_child ON run (parent, parent_key) WHERE parent IS NOT NULL;
CREATE INDEX run_open ON run (id) WHERE finished_at IS NULL;
CREATE INDEX run_cancelled ON run (id) WHERE status = 'cancelled';

-- Runs that keep to an order, a limit or a quiet time, or that may be overtaken. A row is here only as long as its run
-- has not ended, so this stays small however long the history is, and other runs pay nothing.
CREATE TABLE run_rule (
    -- The order in which runs were accepted.
    place        INTEGER PRIMARY KEY AUTOINCREMENT,
    run          BLOB    NOT NULL UNIQUE,
    workspace    INTEGER NOT NULL,
    workflow     BLOB    NOT NULL,
    -- Of runs with the same pair only one is under way.
    space        TEXT,
    key          TEXT,
    -- How many of the workflow's runs may be under way.
    most_at_once INTEGER,
    priority     TEXT    NOT NULL CHECK (priority IN ('high', 'normal', 'low')),
    -- Events with the same text are taken together until they have been quiet until this moment.
    burst        TEXT,
    burst_until  INTEGER,
    -- Why it has not begun; NULL once it has.
    held         TEXT    CHECK (held IN ('order', 'limit', 'burst'))
) STRICT;
CREATE INDEX run_rule_key ON run_rule (workspace, space, key, (held IS NOT NULL), place) WHERE key IS NOT NULL;
CREATE INDEX run_rule_limit ON run_rule (workflow, place) WHERE most_at_once IS NOT NULL;
CREATE INDEX run_rule_burst ON run_rule (workflow, burst) WHERE held = 'burst';

-- Events that count as repeats until their time is over. Only a digest of the key is kept, so that no address outlives
-- its lead.
CREATE TABLE seen (
    workflow BLOB    NOT NULL,
    digest   BLOB    NOT NULL,
    run      BLOB    NOT NULL,
    at       INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    PRIMARY KEY (workflow, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_until ON seen (until);
