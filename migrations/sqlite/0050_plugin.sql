-- Plugins that administrators installed. What runs is what `live` says; `pending` waits for an approval.
CREATE TABLE plugin (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    -- Its name in documents.
    name       TEXT    NOT NULL,
    enabled    INTEGER NOT NULL,
    -- The release that runs: version, SHA-256, description, signature, who approved it and when; none before the first approval.
    live       TEXT,
    -- The release that waits for an approval, because it wants to reach more than was approved.
    pending    TEXT,
    -- What it may reach.
    approved   TEXT    NOT NULL,
    -- How much a call may take.
    limits     TEXT    NOT NULL,
    -- Counts changes, so that nobody approves what somebody else exchanged meanwhile.
    revision   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;

-- The files of releases, so that a backup of the database is whole.
CREATE TABLE plugin_file (
    plugin BLOB NOT NULL REFERENCES plugin (id) ON DELETE CASCADE,
    sha256 BLOB NOT NULL,
    file   BLOB NOT NULL,
    PRIMARY KEY (plugin, sha256)
) STRICT;

-- The newest version of a name that was ever approved. It outlives the plugin, so that an old release with known holes
-- cannot come back unseen.
CREATE TABLE plugin_newest (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    name      TEXT    NOT NULL,
    version   TEXT    NOT NULL,
    PRIMARY KEY (workspace, name)
) STRICT;

-- What plugins keep for the workflows they are used in.
CREATE TABLE plugin_state (
    plugin     BLOB    NOT NULL REFERENCES plugin (id) ON DELETE CASCADE,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    workflow   TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (plugin, workflow, key)
) STRICT, WITHOUT ROWID;

-- What came of calls that kept something, written with what they kept: one that is repeated after a crash gives this, and
-- keeps nothing twice.
CREATE TABLE plugin_call (
    plugin    BLOB    NOT NULL REFERENCES plugin (id) ON DELETE CASCADE,
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    -- SHA-256 of the call's key.
    key       BLOB    NOT NULL,
    result    TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (plugin, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX plugin_call_by_age ON plugin_call (at);
