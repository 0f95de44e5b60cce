-- When the score or the segments of a lead may change by the passing of time alone. Only leads of which something fades
-- or falls out of a window have one, so that looking for what is due reads nothing else.
ALTER TABLE lead ADD COLUMN look_again_at INTEGER;
CREATE INDEX lead_to_look_at ON lead (look_again_at) WHERE look_again_at IS NOT NULL;

-- Stays in a stage that are over: how long leads stay, and where they go from there. The stay that lasts is the lead's own.
CREATE TABLE stage_stay (
    id         INTEGER PRIMARY KEY,
    workspace  INTEGER NOT NULL,
    lead       BLOB    NOT NULL,
    stage      TEXT    NOT NULL,
    entered_at INTEGER NOT NULL,
    left_at    INTEGER NOT NULL,
    next       TEXT    NOT NULL,
    recycled   INTEGER NOT NULL,
    reason     TEXT
) STRICT;
CREATE INDEX stage_stay_of_stage ON stage_stay (workspace, stage, left_at);
CREATE INDEX stage_stay_of_lead ON stage_stay (lead);

-- Which leads belong to a segment, and since when: the other side of what each lead says of itself, so that the members
-- of one segment can be listed and counted.
CREATE TABLE segment_member (
    workspace  INTEGER NOT NULL,
    segment    TEXT    NOT NULL,
    lead       BLOB    NOT NULL,
    entered_at INTEGER NOT NULL,
    PRIMARY KEY (workspace, segment, lead)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_member_of_lead ON segment_member (lead);
