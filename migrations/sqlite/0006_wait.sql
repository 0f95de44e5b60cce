-- What runs wait for, so that the inbox never rebuilds a run to show one line. Kept by the writer, in the transaction of
-- the turn that began or ended the wait.
CREATE TABLE run_wait (
    place     INTEGER PRIMARY KEY AUTOINCREMENT,
    run       BLOB    NOT NULL,
    key       TEXT    NOT NULL,
    workspace INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('approval', 'callback', 'lead_event', 'decision')),
    -- The lead and the event that end a wait of kind lead_event; gone once such an event has come.
    lead      BLOB,
    event     TEXT,
    -- What the step asked.
    what      TEXT    NOT NULL,
    asked_at  INTEGER NOT NULL,
    due_at    INTEGER,
    UNIQUE (run, key)
) STRICT;
CREATE INDEX run_wait_in_workspace ON run_wait (workspace, kind, place);
CREATE INDEX run_wait_for_lead ON run_wait (lead, event) WHERE lead IS NOT NULL;

-- What has happened for a run that has not taken it in yet. Numbers are never used twice: a late hand must not take
-- another letter for the one it was given.
CREATE TABLE letter (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    run   BLOB    NOT NULL,
    -- The event to apply; NULL asks for the error workflow of this failed run.
    event TEXT
) STRICT;
CREATE INDEX letter_of_run ON letter (run);
