-- What happened to an account itself: that it was made, and each change with the values before and after. What happened to
-- its leads stands on their timelines, and both are read together.
CREATE TABLE account_activity (
    id        INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    account   BLOB NOT NULL,
    at        INTEGER NOT NULL,
    title     TEXT NOT NULL,
    -- Values by the name of the field, as JSON.
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL,
    run       BLOB,
    step      TEXT,
    by_id     BLOB,
    by_name   TEXT
) STRICT;
CREATE INDEX account_activity_of_account ON account_activity (account, id);
