-- Administrators who are away at an app to allow access. Whoever comes back with the secret of a row gets its connection
-- its token, once.
CREATE TABLE handshake (
    -- SHA-256 of the secret that travels as `state`.
    state      BYTEA  PRIMARY KEY,
    connection UUID   NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    -- Who left; nobody else may come back.
    user_id    UUID,
    -- The PKCE verifier and the address to come back to, sealed.
    sealed     BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX handshake_of_connection ON handshake (connection);
