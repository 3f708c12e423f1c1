-- The sandbox bank becomes one sandbox per partner, which works in memory and keeps its changes here.
DROP TABLE bank_idempotency;
DROP TABLE bank_payment;
DROP TABLE bank_hold;
DROP TABLE bank_posting;
DROP TABLE bank_transaction;
DROP TABLE bank_account;
DROP TABLE bank_party;

CREATE TABLE bank_sandbox (
    id TEXT NOT NULL PRIMARY KEY,
    partner_id TEXT NOT NULL UNIQUE,
    scenario TEXT NOT NULL,
    version BIGINT NOT NULL,
    image_id TEXT NOT NULL,
    transactions BIGINT NOT NULL,
    events BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX bank_sandbox_due ON bank_sandbox (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE bank_entity (
    image_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (image_id, kind, id)
);

CREATE TABLE bank_transaction (
    image_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (image_id, seq)
);

CREATE TABLE bank_event (
    sandbox_id TEXT NOT NULL REFERENCES bank_sandbox (id),
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (sandbox_id, seq)
);

CREATE TABLE bank_snapshot (
    sandbox_id TEXT NOT NULL REFERENCES bank_sandbox (id),
    name TEXT NOT NULL,
    image_id TEXT NOT NULL,
    scenario TEXT NOT NULL,
    transactions BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sandbox_time BIGINT NOT NULL,
    PRIMARY KEY (sandbox_id, name)
);
