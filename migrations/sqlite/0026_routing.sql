-- When an owner is at work and how many leads they can take care of; without it always, and as many as come.
ALTER TABLE owner ADD COLUMN work TEXT;

-- How turns of the pool are dealt; without it by weight, with no limits.
ALTER TABLE pool ADD COLUMN rules TEXT;

-- What caps and order-based turns count: they move in the same transaction as the leads they are about.
ALTER TABLE pool_member ADD COLUMN last_turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pool_member ADD COLUMN tallies TEXT;

-- The decision behind an assignment, and whatever else answers "why" of an entry.
ALTER TABLE activity ADD COLUMN detail TEXT;

-- Counters that a person set: who, why, and what they were. Without it nobody could explain a turn.
CREATE TABLE pool_adjustment (
    id        BLOB    PRIMARY KEY NOT NULL,
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    pool      BLOB    NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
    owner     BLOB    NOT NULL REFERENCES owner (id),
    at        INTEGER NOT NULL,
    by_name   TEXT    NOT NULL,
    why       TEXT    NOT NULL,
    change    TEXT    NOT NULL
) STRICT;
CREATE INDEX pool_adjustment_of_pool ON pool_adjustment (pool, id);
