-- What people define with versions: scoring models, lifecycles, segments, routing tables, own fields, saved views. One
-- pair of tables for all of them, because all of them are drafted, published, compared and taken back alike.
CREATE TABLE definition (
    id         UUID    PRIMARY KEY,
    workspace  BIGINT NOT NULL REFERENCES workspace (id),
    -- What it defines, such as "segment".
    kind       TEXT   NOT NULL COLLATE "C",
    name       TEXT   NOT NULL COLLATE "C",
    draft      TEXT    NOT NULL,
    -- Counts saves, so that nobody overwrites what they have not seen.
    revision   BIGINT NOT NULL,
    -- Number of the version in force; none before the first.
    published  BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (workspace, kind, name)
);

-- What a definition said when it was published. Decisions name the version that made them.
CREATE TABLE definition_version (
    definition   UUID    NOT NULL REFERENCES definition (id) ON DELETE CASCADE,
    number       BIGINT NOT NULL,
    document     TEXT    NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT,
    note         TEXT,
    PRIMARY KEY (definition, number)
);
