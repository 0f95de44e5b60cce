-- Accounts that changed while rules looked at accounts: their leads are looked at again, slice by slice, after the change
-- itself is durable. A row goes when all of them were, and starts over when the account changes again.
CREATE TABLE unsettled_account (
    account   UUID    PRIMARY KEY NOT NULL,
    workspace BIGINT  NOT NULL,
    -- When it changed, in microseconds.
    at        BIGINT  NOT NULL,
    -- The last lead that was looked at.
    reached   UUID
);
CREATE INDEX unsettled_account_in_turn ON unsettled_account (at, account);
