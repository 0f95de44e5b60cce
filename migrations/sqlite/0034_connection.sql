-- Accounts in other systems that steps use. What proves who we are is sealed by the server before it comes here; the
-- database alone opens nothing.
CREATE TABLE connection (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    -- The app's manifest.
    app        TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    -- The way to sign in, by its id in the manifest.
    auth       TEXT    NOT NULL,
    -- What is known of the account and is no secret.
    settings   TEXT    NOT NULL,
    -- What proves who we are, sealed.
    sealed     BLOB    NOT NULL,
    -- Which master key sealed it, so that a rotation finds what is left to do.
    seal_key   BLOB    NOT NULL,
    -- Whether an administrator still has to allow access at the app.
    pending    INTEGER NOT NULL,
    -- Counts changes, so that of two renewals of a token one does not undo the other.
    revision   INTEGER NOT NULL,
    -- When the token ends, and whether it can be renewed without a person.
    expires_at INTEGER,
    renews     INTEGER NOT NULL,
    -- What the account is called at the app, as the last test found.
    account    TEXT,
    tested_at  INTEGER,
    -- Why it did not work when it was last used, as code and text; none when it did.
    trouble    TEXT,
    -- Calls of one day, so that a daily limit outlives a restart.
    calls_day  TEXT,
    calls      INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;
CREATE INDEX connection_of_key ON connection (seal_key, id);
