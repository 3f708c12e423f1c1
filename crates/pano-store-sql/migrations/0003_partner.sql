-- Partners, apps, credentials, plans, subscriptions; and the answers that the admin API gave under idempotency keys.

CREATE TABLE partner (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    registration TEXT NOT NULL,
    contact TEXT NOT NULL,
    scenario TEXT NOT NULL,
    evidence TEXT NOT NULL,
    rate TEXT,
    state TEXT NOT NULL,
    state_body TEXT NOT NULL,
    managed_by TEXT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);
CREATE INDEX partner_state ON partner (state, id);

CREATE TABLE app (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partner (id),
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL,
    state_body TEXT NOT NULL,
    managed_by TEXT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    UNIQUE (partner_id, slug)
);
CREATE INDEX app_state ON app (state, id);

-- A key is one app's: its thumbprint is unique in the platform, revoked or not.
CREATE TABLE credential (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES app (id),
    kid TEXT NOT NULL,
    label TEXT NOT NULL,
    material TEXT NOT NULL,
    certificate_sha256 TEXT,
    thumbprint TEXT NOT NULL UNIQUE,
    not_before BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (app_id, kid)
);

CREATE TABLE plan (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    limits TEXT NOT NULL,
    retired BOOLEAN NOT NULL,
    managed_by TEXT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE subscription (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES app (id),
    api_id TEXT NOT NULL,
    plan_id TEXT NOT NULL REFERENCES plan (id),
    state TEXT NOT NULL,
    state_body TEXT NOT NULL,
    managed_by TEXT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);
-- One subscription at a time of an app to an API; those that are over stay for the record.
CREATE UNIQUE INDEX subscription_live ON subscription (app_id, api_id) WHERE state NOT IN ('rejected', 'ended');
CREATE INDEX subscription_api ON subscription (api_id, id);
CREATE INDEX subscription_plan ON subscription (plan_id, id);

CREATE TABLE remembered_answer (
    operator_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    etag TEXT,
    location TEXT,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (operator_id, key)
);
CREATE INDEX remembered_answer_at ON remembered_answer (at);
