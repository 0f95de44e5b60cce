-- Accounts in other systems that steps use. What proves who we are is sealed by the server before it comes here; the
-- database alone opens nothing.
CREATE TABLE connection (
    id         UUID    PRIMARY KEY,
    workspace  BIGINT  NOT NULL REFERENCES workspace (id),
    -- The app's manifest.
    app        TEXT    NOT NULL COLLATE "C",
    name       TEXT    NOT NULL COLLATE "C",
    -- The way to sign in, by its id in the manifest.
    auth       TEXT    NOT NULL,
    -- What is known of the account and is no secret.
    settings   TEXT    NOT NULL,
    -- What proves who we are, sealed.
    sealed     BYTEA   NOT NULL,
    -- Which master key sealed it, so that a rotation finds what is left to do.
    seal_key   BYTEA   NOT NULL,
    -- Whether an administrator still has to allow access at the app.
    pending    BOOLEAN NOT NULL,
    -- Counts changes, so that of two renewals of a token one does not undo the other.
    revision   BIGINT  NOT NULL,
    -- When the token ends, and whether it can be renewed without a person.
    expires_at BIGINT,
    renews     BOOLEAN NOT NULL,
    -- What the account is called at the app, as the last test found.
    account    TEXT,
    tested_at  BIGINT,
    -- Why it did not work when it was last used, as code and text; none when it did.
    trouble    TEXT,
    -- Calls of one day, so that a daily limit outlives a restart.
    calls_day  TEXT,
    calls      BIGINT  NOT NULL DEFAULT 0,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    UNIQUE (workspace, name)
);
CREATE INDEX connection_of_key ON connection (seal_key, id);
