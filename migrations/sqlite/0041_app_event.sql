-- How far each trigger has come that asks an app again and again. It is written with the events it brought, so that a look
-- that is cut off anywhere loses nothing and reports nothing twice.
CREATE TABLE app_look (
    workflow  BLOB    NOT NULL,
    -- The trigger step.
    step      TEXT    NOT NULL,
    -- What is asked, as a digest: another app, connection or input is another trigger and begins anew.
    source    TEXT    NOT NULL,
    -- From when on records are wanted.
    begin_at  TEXT    NOT NULL,
    -- Counts changes, so that of two servers one is told that the other was quicker.
    revision  INTEGER NOT NULL,
    position  TEXT    NOT NULL,
    looked_at INTEGER,
    next_at   INTEGER NOT NULL,
    -- Looks that failed in a row, and why the last one did.
    failures  INTEGER NOT NULL,
    trouble   TEXT,
    -- Records that were read, and those that started a run.
    seen      INTEGER NOT NULL,
    started   INTEGER NOT NULL,
    PRIMARY KEY (workflow, step)
) STRICT, WITHOUT ROWID;

-- What happened in an app and has not started its run yet.
CREATE TABLE app_event (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    workflow  BLOB    NOT NULL,
    step      TEXT    NOT NULL,
    -- What the run sees as its trigger.
    output    TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;

-- Events that an app has sent already, as digests: the same one again starts nothing.
CREATE TABLE app_event_key (
    connection BLOB    NOT NULL,
    digest     BLOB    NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (connection, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_event_key_at ON app_event_key (at);

-- What came to the address of a connection, and what was refused.
CREATE TABLE app_delivery (
    connection BLOB    NOT NULL,
    webhook    TEXT    NOT NULL,
    accepted   INTEGER NOT NULL,
    repeated   INTEGER NOT NULL,
    forged     INTEGER NOT NULL,
    too_old    INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    last_at    INTEGER,
    refused_at INTEGER,
    PRIMARY KEY (connection, webhook)
) STRICT, WITHOUT ROWID;
