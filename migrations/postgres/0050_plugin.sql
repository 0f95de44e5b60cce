-- Plugins that administrators installed. What runs is what `live` says; `pending` waits for an approval.
CREATE TABLE plugin (
    id         UUID    PRIMARY KEY,
    workspace  BIGINT  NOT NULL REFERENCES workspace (id),
    -- Its name in documents.
    name       TEXT    NOT NULL COLLATE "C",
    enabled    BOOLEAN NOT NULL,
    -- The release that runs: version, SHA-256, description, signature, who approved it and when; none before the first approval.
    live       TEXT,
    -- The release that waits for an approval, because it wants to reach more than was approved.
    pending    TEXT,
    -- What it may reach.
    approved   TEXT    NOT NULL,
    -- How much a call may take.
    limits     TEXT    NOT NULL,
    -- Counts changes, so that nobody approves what somebody else exchanged meanwhile.
    revision   BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    UNIQUE (workspace, name)
);

-- The files of releases, so that a backup of the database is whole.
CREATE TABLE plugin_file (
    plugin UUID  NOT NULL REFERENCES plugin (id) ON DELETE CASCADE,
    sha256 BYTEA NOT NULL,
    file   BYTEA NOT NULL,
    PRIMARY KEY (plugin, sha256)
);

-- The newest version of a name that was ever approved. It outlives the plugin, so that an old release with known holes
-- cannot come back unseen.
CREATE TABLE plugin_newest (
    workspace BIGINT  NOT NULL REFERENCES workspace (id),
    name      TEXT    NOT NULL COLLATE "C",
    version   TEXT    NOT NULL,
    PRIMARY KEY (workspace, name)
);

-- What plugins keep for the workflows they are used in.
CREATE TABLE plugin_state (
    plugin     UUID    NOT NULL REFERENCES plugin (id) ON DELETE CASCADE,
    workspace  BIGINT  NOT NULL REFERENCES workspace (id),
    workflow   TEXT    NOT NULL,
    key        TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    updated_at BIGINT  NOT NULL,
    PRIMARY KEY (plugin, workflow, key)
);

-- What came of calls that kept something, written with what they kept: one that is repeated after a crash gives this, and
-- keeps nothing twice.
CREATE TABLE plugin_call (
    plugin    UUID    NOT NULL REFERENCES plugin (id) ON DELETE CASCADE,
    workspace BIGINT  NOT NULL REFERENCES workspace (id),
    -- SHA-256 of the call's key.
    key       BYTEA   NOT NULL,
    result    TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    PRIMARY KEY (plugin, key)
);
CREATE INDEX plugin_call_by_age ON plugin_call (at);
