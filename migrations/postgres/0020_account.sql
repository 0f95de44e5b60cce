-- A company that leads work for: whole in "record"; what lists filter and sort by is repeated in columns.
CREATE TABLE account (
    id         UUID    PRIMARY KEY,
    workspace  BIGINT NOT NULL REFERENCES workspace (id),
    -- Its name in lower case, by which lists are sorted.
    label      TEXT    NOT NULL COLLATE "C",
    parent     UUID,
    owner      UUID,
    is_named   BOOLEAN NOT NULL,
    -- Whether a sale is under way.
    is_open    BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Names, domains, city and ids in other systems in lower case.
    search     TEXT    NOT NULL,
    record     TEXT    NOT NULL
);
CREATE INDEX account_by_label ON account (workspace, label, id);
CREATE INDEX account_of_parent ON account (parent) WHERE parent IS NOT NULL;

-- What an account is looked up by: its domains, and the words, sounds and beginnings of its names. Matching a lead asks
-- this table and never reads all accounts.
CREATE TABLE account_key (
    workspace BIGINT NOT NULL,
    key       TEXT    NOT NULL COLLATE "C",
    account   UUID    NOT NULL,
    PRIMARY KEY (workspace, key, account)
);
CREATE INDEX account_key_of_account ON account_key (account);

-- How the search for a lead's account ended, and what else may have been meant: the evidence of a match, and the queue
-- of leads that wait for a person.
CREATE TABLE account_match (
    lead       UUID    PRIMARY KEY,
    workspace  BIGINT NOT NULL,
    status     TEXT    NOT NULL COLLATE "C",
    -- In thousandths.
    confidence BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    record     TEXT    NOT NULL
);
CREATE INDEX account_match_queue ON account_match (workspace, status, confidence, lead);
