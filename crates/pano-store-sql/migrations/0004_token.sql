-- The token service's memory.

CREATE TABLE issuer (
    issuer TEXT NOT NULL PRIMARY KEY,
    audience TEXT NOT NULL,
    jwks TEXT NOT NULL
);

-- The key is SHA-256 of client and jti: of one length, whatever the client chose.
CREATE TABLE used_assertion (
    id TEXT NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX used_assertion_end ON used_assertion (expires_at);

CREATE TABLE revoked_token (
    jti TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE INDEX revoked_token_end ON revoked_token (expires_at);

-- Every token of the app issued before the cutoff is void.
CREATE TABLE token_cutoff (
    app_id TEXT NOT NULL PRIMARY KEY,
    cutoff BIGINT NOT NULL
);
