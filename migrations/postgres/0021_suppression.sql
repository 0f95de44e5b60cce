-- Addresses that must not be written to. An address is found by its digest, so that the refusal of somebody whose data was
-- erased goes on being obeyed.
CREATE TABLE suppression (
    workspace BIGINT NOT NULL REFERENCES workspace (id),
    -- SHA-256 of the kind and the address.
    digest    BYTEA  NOT NULL,
    id        UUID  NOT NULL UNIQUE,
    kind      TEXT    NOT NULL CHECK (kind IN ('email', 'phone', 'domain')),
    -- The address itself, until its owner is erased.
    shown     TEXT,
    reason    TEXT    NOT NULL,
    source    TEXT    NOT NULL,
    -- The person, or the run, that added it.
    added_by  TEXT,
    run       UUID,
    at        BIGINT NOT NULL,
    PRIMARY KEY (workspace, digest)
);
CREATE INDEX suppression_by_id ON suppression (workspace, id);
