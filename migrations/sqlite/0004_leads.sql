-- How far a lead can come. Names are identities, so that a lead's stage reads as people say it.
CREATE TABLE stage (
    workspace INTEGER NOT NULL REFERENCES workspace (id),
    name      TEXT    NOT NULL,
    rank      INTEGER NOT NULL,
    PRIMARY KEY (workspace, name)
) STRICT, WITHOUT ROWID;

-- Someone who can own leads. Not a user: owners need no account here.
CREATE TABLE owner (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    name       TEXT    NOT NULL,
    email      TEXT    NOT NULL COLLATE NOCASE,
    created_at INTEGER NOT NULL,
    UNIQUE (workspace, email)
) STRICT;

-- A group of owners that take turns.
CREATE TABLE pool (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;

-- An owner's place in a pool, with the counters that decide whose turn is next.
CREATE TABLE pool_member (
    pool     BLOB    NOT NULL REFERENCES pool (id) ON DELETE CASCADE,
    owner    BLOB    NOT NULL REFERENCES owner (id),
    place    INTEGER NOT NULL,
    weight   INTEGER NOT NULL CHECK (weight >= 0),
    active   INTEGER NOT NULL,
    credit   INTEGER NOT NULL DEFAULT 0,
    assigned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (pool, owner)
) STRICT, WITHOUT ROWID;

-- The canonical record of a lead: whole in "record"; what lists filter by is repeated in columns.
CREATE TABLE lead (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL,
    stage      TEXT    NOT NULL,
    owner      BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Name, e-mail address, company, phone and external id in lower case.
    search     TEXT    NOT NULL,
    record     TEXT    NOT NULL
) STRICT;
CREATE INDEX lead_of_owner ON lead (workspace, owner, id);
CREATE INDEX lead_in_stage ON lead (workspace, stage, id);

-- What identifies a lead. The key is why two events about one person never make two leads.
CREATE TABLE lead_key (
    workspace INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    value     TEXT    NOT NULL,
    lead      BLOB    NOT NULL,
    PRIMARY KEY (workspace, kind, value)
) STRICT, WITHOUT ROWID;

-- The timeline of a lead. Its id is the order in which things happened.
CREATE TABLE activity (
    id        INTEGER PRIMARY KEY,
    lead      BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    title     TEXT    NOT NULL,
    why       TEXT,
    old_value TEXT,
    new_value TEXT,
    run       BLOB,
    step      TEXT
) STRICT;
CREATE INDEX activity_of_lead ON activity (lead, id);

-- A named set of leads.
CREATE TABLE list (
    id         BLOB    PRIMARY KEY NOT NULL,
    workspace  INTEGER NOT NULL REFERENCES workspace (id),
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (workspace, name)
) STRICT;

-- Which leads are on a list, and since when.
CREATE TABLE list_member (
    list     BLOB    NOT NULL,
    lead     BLOB    NOT NULL,
    added_at INTEGER NOT NULL,
    PRIMARY KEY (list, lead)
) STRICT, WITHOUT ROWID;
CREATE INDEX list_member_of_lead ON list_member (lead);
