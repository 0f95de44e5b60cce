-- Administrators who are away at an app to allow access. Whoever comes back with the secret of a row gets its connection
-- its token, once.
CREATE TABLE handshake (
    -- SHA-256 of the secret that travels as `state`.
    state      BLOB    PRIMARY KEY NOT NULL,
    connection BLOB    NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    -- Who left; nobody else may come back.
    user_id    BLOB,
    -- The PKCE verifier and the address to come back to, sealed.
    sealed     BLOB    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handshake_of_connection ON handshake (connection);
