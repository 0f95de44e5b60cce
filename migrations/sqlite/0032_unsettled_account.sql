-- Accounts that changed while rules looked at accounts: their leads are looked at again, slice by slice, after the change
-- itself is durable. A row goes when all of them were, and starts over when the account changes again.
CREATE TABLE unsettled_account (
    account   BLOB    PRIMARY KEY NOT NULL,
    workspace INTEGER NOT NULL,
    -- When it changed, in microseconds.
    at        INTEGER NOT NULL,
    -- The last lead that was looked at.
    reached   BLOB
) STRICT;
CREATE INDEX unsettled_account_in_turn ON unsettled_account (at, account);
