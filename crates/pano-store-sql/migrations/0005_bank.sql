-- The sandbox bank. Balances stand on an account's normal side; days are BIGINT days since 1970-01-01.

CREATE TABLE bank_party (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE bank_account (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    floor_minor BIGINT,
    purpose TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    owner_id TEXT REFERENCES bank_party (id),
    status TEXT NOT NULL,
    payment_limit_minor BIGINT NOT NULL,
    day_limit_minor BIGINT NOT NULL,
    opened_on BIGINT NOT NULL,
    booked_minor BIGINT NOT NULL,
    held_minor BIGINT NOT NULL CHECK (held_minor >= 0),
    entries BIGINT NOT NULL
);
CREATE INDEX bank_account_owner ON bank_account (owner_id, id);
-- The bank itself has one account for each purpose in each currency.
CREATE UNIQUE INDEX bank_account_own ON bank_account (purpose, currency) WHERE owner_id IS NULL;

CREATE TABLE bank_transaction (
    id TEXT NOT NULL PRIMARY KEY,
    booked_at BIGINT NOT NULL,
    value_date BIGINT NOT NULL,
    narrative TEXT NOT NULL
);

-- Entries of an account are numbered from 1 without gaps. `change_minor` is signed, on the account's normal side.
CREATE TABLE bank_posting (
    account_id TEXT NOT NULL REFERENCES bank_account (id),
    seq BIGINT NOT NULL,
    transaction_id TEXT NOT NULL REFERENCES bank_transaction (id),
    line BIGINT NOT NULL,
    side TEXT NOT NULL,
    change_minor BIGINT NOT NULL,
    balance_minor BIGINT NOT NULL,
    booked_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, seq),
    UNIQUE (transaction_id, line)
);
CREATE INDEX bank_posting_time ON bank_posting (account_id, booked_at, seq);

CREATE TABLE bank_hold (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES bank_account (id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    placed_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    transaction_id TEXT REFERENCES bank_transaction (id),
    ended_at BIGINT
);
CREATE INDEX bank_hold_active ON bank_hold (account_id) WHERE state = 'active';

CREATE TABLE bank_payment (
    id TEXT NOT NULL PRIMARY KEY,
    app TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    debtor_id TEXT NOT NULL REFERENCES bank_account (id),
    creditor_id TEXT REFERENCES bank_account (id),
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    clearing TEXT NOT NULL,
    booking_day BIGINT NOT NULL,
    ordered_at BIGINT NOT NULL,
    hold_id TEXT REFERENCES bank_hold (id),
    transaction_id TEXT REFERENCES bank_transaction (id),
    ended_at BIGINT,
    reason TEXT,
    body TEXT NOT NULL
);
CREATE INDEX bank_payment_app ON bank_payment (app, id);
CREATE INDEX bank_payment_day ON bank_payment (debtor_id, booking_day);
CREATE INDEX bank_payment_waiting ON bank_payment (id) WHERE state = 'accepted';

CREATE TABLE bank_idempotency (
    app TEXT NOT NULL,
    idem_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    status BIGINT,
    body TEXT,
    PRIMARY KEY (app, idem_key)
);
CREATE INDEX bank_idempotency_age ON bank_idempotency (created_at);
