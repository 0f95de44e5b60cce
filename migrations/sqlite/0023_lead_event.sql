-- What happened to leads that a workflow listens to, written with what happened and gone once the run has started.
CREATE TABLE lead_event (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    workflow  BLOB    NOT NULL,
    -- The trigger that listens.
    step      TEXT    NOT NULL,
    lead      BLOB    NOT NULL,
    -- What the run sees as its trigger.
    output    TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

-- The words by which the leads list finds a lead, so that it finds one of a million at once. A word that a lead has no more
-- may stay: what is found is looked at again.
CREATE TABLE lead_word (
    workspace INTEGER NOT NULL,
    word      TEXT NOT NULL,
    lead      BLOB NOT NULL,
    PRIMARY KEY (workspace, word, lead)
) STRICT, WITHOUT ROWID;
