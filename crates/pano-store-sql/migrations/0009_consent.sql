-- Consents: what customers permit apps, from the app's request to its end; and where customers' browsers may be sent back to.

ALTER TABLE app ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '[]';

-- ended_at: when one that was in force ended. Gateways hear of those whose tokens may still live.
CREATE TABLE consent (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES app (id),
    partner_id TEXT NOT NULL REFERENCES partner (id),
    customer TEXT,
    scopes TEXT NOT NULL,
    refresh TEXT UNIQUE,
    state TEXT NOT NULL,
    state_body TEXT NOT NULL,
    ends_at BIGINT,
    ended_at BIGINT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);
CREATE INDEX consent_app ON consent (app_id, id);
CREATE INDEX consent_customer ON consent (partner_id, customer, id);
CREATE INDEX consent_ends ON consent (ends_at) WHERE state = 'authorised';
CREATE INDEX consent_ended ON consent (ended_at) WHERE ended_at IS NOT NULL;

-- A request from its push to its code. Keys are digests.
CREATE TABLE pushed_request (
    id TEXT NOT NULL PRIMARY KEY,
    consent_id TEXT NOT NULL UNIQUE REFERENCES consent (id),
    request TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    browser TEXT,
    code TEXT UNIQUE,
    code_expires_at BIGINT,
    code_used_at BIGINT
);
CREATE INDEX pushed_request_end ON pushed_request (expires_at);

CREATE TABLE customer_sign_in (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL,
    customer TEXT NOT NULL,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX customer_sign_in_end ON customer_sign_in (expires_at);
