-- What the senders of webhooks have to know. Documents name a row; the secret itself is sealed by the server before it comes
-- here, and the database alone opens nothing.
CREATE TABLE hook_secret (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    -- The workflow whose documents name it, and the trigger in them.
    workflow   BLOB    NOT NULL,
    step       TEXT    NOT NULL,
    sealed     BLOB    NOT NULL,
    -- Which master key sealed it, so that a rotation finds what is left to do.
    seal_key   BLOB    NOT NULL,
    -- Whether a published version may name it. Of those that none does, only what the draft names stays.
    published  INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX hook_secret_of_workflow ON hook_secret (workflow);
CREATE INDEX hook_secret_of_key ON hook_secret (seal_key, id);
