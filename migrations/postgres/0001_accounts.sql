-- Time is microseconds since 1970 UTC, ids are UUIDv7, JSON is TEXT: it is read and written whole, and JSONB refuses
-- some of the texts people send. The same names exist in every database. Texts are compared byte by byte (COLLATE "C"),
-- so that order and identity do not depend on the server's locale.

-- Everything belongs to a workspace, so that one customer's rows can never be answered to another.
CREATE TABLE workspace (
    id         BIGINT PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- A person who may sign in.
CREATE TABLE "user" (
    id            UUID   PRIMARY KEY,
    workspace     BIGINT NOT NULL REFERENCES workspace (id),
    email         TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'viewer')),
    created_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_email ON "user" (lower(email));

-- A signed-in browser. Kept on the server so that signing out, or removing a person, ends it at once.
CREATE TABLE session (
    hash       BYTEA  PRIMARY KEY,
    "user"     UUID   NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
    csrf       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- A key for programs. Only its hash is here; the key itself is shown once.
CREATE TABLE api_token (
    id           UUID   PRIMARY KEY,
    workspace    BIGINT NOT NULL REFERENCES workspace (id),
    name         TEXT   NOT NULL,
    hash         BYTEA  NOT NULL UNIQUE,
    created_by   UUID   REFERENCES "user" (id) ON DELETE SET NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT
);

-- The one-time link of a fresh installation. It is gone once it was used.
CREATE TABLE setup_token (
    hash       BYTEA  PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
