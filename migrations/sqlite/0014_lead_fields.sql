-- What a person did, and what the person behind a lead did: the timeline says by whom and what sort of touch.
ALTER TABLE activity ADD COLUMN by_id BLOB;
ALTER TABLE activity ADD COLUMN by_name TEXT;
ALTER TABLE activity ADD COLUMN touch TEXT;
ALTER TABLE activity ADD COLUMN channel TEXT;

-- Lists filter and sort leads by these, so they are repeated outside of the record.
ALTER TABLE lead ADD COLUMN score INTEGER;
ALTER TABLE lead ADD COLUMN account BLOB;
UPDATE lead SET score = record ->> 'score' WHERE record ->> 'score' IS NOT NULL;
CREATE INDEX lead_of_account ON lead (account, id) WHERE account IS NOT NULL;
