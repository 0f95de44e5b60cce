-- What became of each moment of a schedule: the calendar shows it, and a restart neither repeats nor forgets one.
CREATE TABLE tick (
    workflow UUID   NOT NULL REFERENCES workflow (id) ON DELETE CASCADE,
    step     TEXT   NOT NULL COLLATE "C",
    at       BIGINT NOT NULL,
    outcome  TEXT   NOT NULL CHECK (outcome IN ('ran', 'skipped', 'missed', 'queued')),
    -- The run it started; it may be older than the history keeps.
    run      UUID,
    PRIMARY KEY (workflow, step, at)
);
CREATE INDEX tick_queued ON tick (at) WHERE outcome = 'queued';

-- Secrets that the server made for itself, such as the key under links that it signs.
CREATE TABLE server_key (
    name TEXT  NOT NULL PRIMARY KEY,
    key  BYTEA NOT NULL
);
