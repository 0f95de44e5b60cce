-- What tells an activity apart in the system it comes from. It is why the same activity that arrives twice is one, however
-- the system repeats itself.
CREATE TABLE activity_key (
    workspace INTEGER NOT NULL,
    key       TEXT    NOT NULL,
    lead      BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (workspace, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_key_of_lead ON activity_key (lead);
