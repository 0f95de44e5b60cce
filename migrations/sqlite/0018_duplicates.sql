-- A merge of two leads, with everything needed to take it back. While it stands, the merged lead has no row of its own
-- and its id leads to the survivor.
CREATE TABLE lead_merge (
    id        BLOB    PRIMARY KEY NOT NULL,
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    survivor  BLOB    NOT NULL,
    merged    BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    -- When it was taken back.
    undone_at INTEGER,
    record    TEXT    NOT NULL
) STRICT;
CREATE INDEX lead_merge_of_survivor ON lead_merge (survivor);
CREATE INDEX lead_merge_of_merged ON lead_merge (merged);

-- Two leads that may be one person, and what a person said of it. Kept after the decision, so that nobody is asked
-- twice.
CREATE TABLE duplicate_pair (
    id          BLOB    PRIMARY KEY NOT NULL,
    workspace   INTEGER NOT NULL REFERENCES workspace (id),
    -- The lead with the smaller id stands left.
    left_lead   BLOB    NOT NULL,
    right_lead  BLOB    NOT NULL,
    -- In millionths, so that it compares the same everywhere.
    probability INTEGER NOT NULL,
    reasons     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'later', 'merged', 'different')),
    found_at    INTEGER NOT NULL,
    decided_at  INTEGER,
    decided_by  TEXT,
    UNIQUE (workspace, left_lead, right_lead)
) STRICT;
CREATE INDEX duplicate_pair_in_state ON duplicate_pair (workspace, state, probability, id);
CREATE INDEX duplicate_pair_of_right ON duplicate_pair (right_lead);
