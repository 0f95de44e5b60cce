-- What a person did, and what the person behind a lead did: the timeline says by whom and what sort of touch.
ALTER TABLE activity ADD COLUMN by_id UUID;
ALTER TABLE activity ADD COLUMN by_name TEXT;
ALTER TABLE activity ADD COLUMN touch TEXT;
ALTER TABLE activity ADD COLUMN channel TEXT;

-- Lists filter and sort leads by these, so they are repeated outside of the record.
ALTER TABLE lead ADD COLUMN score BIGINT;
ALTER TABLE lead ADD COLUMN account UUID;
UPDATE lead SET score = (record::json ->> 'score')::bigint WHERE record::json ->> 'score' IS NOT NULL;
CREATE INDEX lead_of_account ON lead (account, id) WHERE account IS NOT NULL;
