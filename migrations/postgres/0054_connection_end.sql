-- When a key or secret ends, as the person who entered it said.
ALTER TABLE connection ADD COLUMN ends_at BIGINT;
-- Of which end people were warned, and how far: 1 two weeks before, 2 three days before, 3 when it came.
ALTER TABLE connection ADD COLUMN warned_of BIGINT;
ALTER TABLE connection ADD COLUMN warned BIGINT NOT NULL DEFAULT 0;
