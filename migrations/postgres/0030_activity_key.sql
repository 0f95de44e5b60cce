-- What tells an activity apart in the system it comes from. It is why the same activity that arrives twice is one, however
-- the system repeats itself.
CREATE TABLE activity_key (
    workspace BIGINT NOT NULL,
    key       TEXT   NOT NULL COLLATE "C",
    lead      UUID   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (workspace, key)
);
CREATE INDEX activity_key_of_lead ON activity_key (lead);
