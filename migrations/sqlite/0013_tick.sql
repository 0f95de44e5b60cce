-- What became of each moment of a schedule: the calendar shows it, and a restart neither repeats nor forgets one.
CREATE TABLE tick (
    workflow BLOB    NOT NULL REFERENCES workflow (id) ON DELETE CASCADE,
    step     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    outcome  TEXT    NOT NULL CHECK (outcome IN ('ran', 'skipped', 'missed', 'queued')),
    -- The run it started; it may be older than the history keeps.
    run      BLOB,
    PRIMARY KEY (workflow, step, at)
) STRICT, WITHOUT ROWID;
CREATE INDEX tick_queued ON tick (at) WHERE outcome = 'queued';

-- Secrets that the server made for itself, such as the key under links that it signs.
CREATE TABLE server_key (
    name TEXT NOT NULL PRIMARY KEY,
    key  BLOB NOT NULL
) STRICT, WITHOUT ROWID;
