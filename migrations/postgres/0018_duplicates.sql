-- A merge of two leads, with everything needed to take it back. While it stands, the merged lead has no row of its own
-- and its id leads to the survivor.
CREATE TABLE lead_merge (
    id        UUID   PRIMARY KEY,
    workspace BIGINT NOT NULL REFERENCES workspace (id),
    survivor  UUID   NOT NULL,
    merged    UUID   NOT NULL,
    at        BIGINT NOT NULL,
    -- When it was taken back.
    undone_at BIGINT,
    record    TEXT   NOT NULL
);
CREATE INDEX lead_merge_of_survivor ON lead_merge (survivor);
CREATE INDEX lead_merge_of_merged ON lead_merge (merged);

-- Two leads that may be one person, and what a person said of it. Kept after the decision, so that nobody is asked
-- twice.
CREATE TABLE duplicate_pair (
    id          UUID   PRIMARY KEY,
    workspace   BIGINT NOT NULL REFERENCES workspace (id),
    -- The lead with the smaller id stands left.
    left_lead   UUID   NOT NULL,
    right_lead  UUID   NOT NULL,
    -- In millionths, so that it compares the same everywhere.
    probability BIGINT NOT NULL,
    reasons     TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('waiting', 'later', 'merged', 'different')),
    found_at    BIGINT NOT NULL,
    decided_at  BIGINT,
    decided_by  TEXT,
    UNIQUE (workspace, left_lead, right_lead)
);
CREATE INDEX duplicate_pair_in_state ON duplicate_pair (workspace, state, probability, id);
CREATE INDEX duplicate_pair_of_right ON duplicate_pair (right_lead);
