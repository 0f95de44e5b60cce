-- How soon somebody has to take care of a lead. A clock that runs costs this row and nothing else; it is written in the
-- transaction of the assignment, and found again by the moment at which it has to be woken.
CREATE TABLE sla_clock (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    lead       BLOB    NOT NULL,
    owner      BLOB    NOT NULL,
    kind       TEXT    NOT NULL,
    policy     TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    due_at     INTEGER,
    wake_at    INTEGER,
    ended_at   INTEGER,
    record     TEXT    NOT NULL
) STRICT;
CREATE INDEX sla_clock_to_wake ON sla_clock (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX sla_clock_of_lead ON sla_clock (lead);
CREATE INDEX sla_clock_open ON sla_clock (workspace, due_at) WHERE ended_at IS NULL;
CREATE INDEX sla_clock_ended ON sla_clock (workspace, ended_at) WHERE ended_at IS NOT NULL;
