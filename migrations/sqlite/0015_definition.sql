-- What people define with versions: scoring models, lifecycles, segments, routing tables, own fields, saved views. One
-- pair of tables for all of them, because all of them are drafted, published, compared and taken back alike.
CREATE TABLE definition (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    -- What it defines, such as "segment".
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    draft      TEXT    NOT NULL,
    -- Counts saves, so that nobody overwrites what they have not seen.
    revision   INTEGER NOT NULL,
    -- Number of the version in force; none before the first.
    published  INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (workspace, kind, name)
) STRICT;

-- What a definition said when it was published. Decisions name the version that made them.
CREATE TABLE definition_version (
    definition   BLOB    NOT NULL REFERENCES definition (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL,
    document     TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT,
    note         TEXT,
    PRIMARY KEY (definition, number)
) STRICT, WITHOUT ROWID;
