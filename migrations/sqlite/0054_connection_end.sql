-- When a key or secret ends, as the person who entered it said.
ALTER TABLE connection ADD COLUMN ends_at INTEGER;
-- Of which end people were warned, and how far: 1 two weeks before, 2 three days before, 3 when it came.
ALTER TABLE connection ADD COLUMN warned_of INTEGER;
ALTER TABLE connection ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;
