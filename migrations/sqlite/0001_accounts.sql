-- Time is microseconds since 1970 UTC, ids are 16 byte UUIDv7, JSON is TEXT. The same names exist in every database.

-- Everything belongs to a workspace, so that one customer's rows can never be answered to another.
CREATE TABLE workspace (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A person who may sign in.
CREATE TABLE "user" (
    id            BLOB    PRIMARY KEY NOT NULL,
    workspace     INTEGER NOT NULL REFERENCES workspace (id),
    email         TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'viewer')),
    created_at    INTEGER NOT NULL
) STRICT;

-- A signed-in browser. Kept on the server so that signing out, or removing a person, ends it at once.
CREATE TABLE session (
    hash       BLOB    PRIMARY KEY NOT NULL,
    "user"     BLOB    NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    csrf       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A key for programs. Only its hash is here; the key itself is shown once.
CREATE TABLE api_token (
    id           BLOB    PRIMARY KEY NOT NULL,
    workspace    INTEGER NOT NULL REFERENCES workspace (id),
    name         TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE,
    created_by   BLOB    REFERENCES "user" (id) ON DELETE SET NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    last_used_at INTEGER
) STRICT;

-- The one-time link of a fresh installation. It is gone once it was used.
CREATE TABLE setup_token (
    hash       BLOB    PRIMARY KEY NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
