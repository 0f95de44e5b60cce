-- The orders in which the leads page lists leads besides the newest first. Sorting a million leads for a page of fifty is
-- what these indexes are for. Leads without a score come below every score.
ALTER TABLE lead ADD COLUMN score_order BIGINT GENERATED ALWAYS AS (coalesce(score, -1000000000)) STORED;
CREATE INDEX lead_by_score ON lead (workspace, score_order, id);
CREATE INDEX lead_by_change ON lead (workspace, updated_at, id);
