-- What people answer about pairs corrects the weights, and what a search learned is there for looking one lead up.
-- The log-odds of a pair in thousandths of a bit, without what people taught.
ALTER TABLE duplicate_pair ADD COLUMN bits BIGINT;
-- When a search last found it. What waits and is not found any more goes.
ALTER TABLE duplicate_pair ADD COLUMN seen_at BIGINT;

-- What the last search for duplicates learned of the leads of a workspace: figures that name nobody.
CREATE TABLE linkage_model (
    workspace BIGINT PRIMARY KEY REFERENCES workspace (id),
    record    TEXT   NOT NULL,
    -- How many leads it looked through.
    people    BIGINT NOT NULL,
    at        BIGINT NOT NULL
);
