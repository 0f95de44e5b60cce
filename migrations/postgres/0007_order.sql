-- Runs can be queued and paused.
ALTER TABLE run DROP CONSTRAINT run_status_check;
ALTER TABLE run ADD CONSTRAINT run_status_check
    CHECK (status IN ('queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled'));

-- Runs that keep to an order, a limit or a quiet time, or that may be overtaken. A row is here only as long as its run
-- has not ended, so this stays small however long the history is, and other runs pay nothing.
CREATE TABLE run_rule (
    -- The order in which runs were accepted.
    place        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run          UUID   NOT NULL UNIQUE,
    workspace    BIGINT NOT NULL,
    workflow     UUID   NOT NULL,
    -- Of runs with the same pair only one is under way.
    space        TEXT   COLLATE "C",
    key          TEXT   COLLATE "C",
    -- How many of the workflow's runs may be under way.
    most_at_once BIGINT,
    priority     TEXT   NOT NULL CHECK (priority IN ('high', 'normal', 'low')),
    -- Events with the same text are taken together until they have been quiet until this moment.
    burst        TEXT   COLLATE "C",
    burst_until  BIGINT,
    -- Why it has not begun; NULL once it has.
    held         TEXT   CHECK (held IN ('order', 'limit', 'burst'))
);
CREATE INDEX run_rule_key ON run_rule (workspace, space, key, (held IS NOT NULL), place) WHERE key IS NOT NULL;
CREATE INDEX run_rule_limit ON run_rule (workflow, place) WHERE most_at_once IS NOT NULL;
CREATE INDEX run_rule_burst ON run_rule (workflow, burst) WHERE held = 'burst';

-- Events that count as repeats until their time is over. Only a digest of the key is kept, so that no address outlives
-- its lead.
CREATE TABLE seen (
    workflow UUID   NOT NULL,
    digest   BYTEA  NOT NULL,
    run      UUID   NOT NULL,
    at       BIGINT NOT NULL,
    until    BIGINT NOT NULL,
    PRIMARY KEY (workflow, digest)
);
CREATE INDEX seen_until ON seen (until);
