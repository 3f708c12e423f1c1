-- What every role leans on. One text for both dialects: ids TEXT, instants BIGINT (UTC microseconds), numbers BIGINT,
-- amounts BIGINT minor units, bodies TEXT holding JSON, truth BOOLEAN. Where the dialects differ, a block under `--@sqlite` or
-- `--@postgres` ends at `--@both`.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Single rows that transactions queue up at: a sequence taken from here is ordered as the commits are.
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('outbox', 0);

CREATE TABLE one_time_secret (
    name TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT,
    used_by TEXT
);

CREATE TABLE operator (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    generation BIGINT NOT NULL
);

CREATE TABLE operator_token (
    id TEXT NOT NULL PRIMARY KEY,
    operator_id TEXT NOT NULL REFERENCES operator (id),
    label TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX operator_token_operator ON operator_token (operator_id);

CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject_kind, subject_id, seq);
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_at ON audit (at);

-- The chain's end, locked by whoever appends.
CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');

CREATE TABLE outbox (
    seq BIGINT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    source TEXT NOT NULL,
    subject TEXT,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,
    traceparent TEXT
);

CREATE TABLE consumer_cursor (
    consumer TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    moved_at BIGINT NOT NULL
);

CREATE TABLE gateway (
    name TEXT NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    digest TEXT,
    revision BIGINT NOT NULL,
    last_error TEXT,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);

-- How far each gateway's log has been counted. Moved in the transaction that counts.
CREATE TABLE gateway_cursor (
    gateway TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL,
    moved_at BIGINT NOT NULL
);

-- Counts per hour. '' stands for "not known" in a key column.
CREATE TABLE usage_hour (
    hour BIGINT NOT NULL,
    partner TEXT NOT NULL,
    app TEXT NOT NULL,
    api TEXT NOT NULL,
    version TEXT NOT NULL,
    operation TEXT NOT NULL,
    status BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    bytes_in BIGINT NOT NULL,
    bytes_out BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    PRIMARY KEY (hour, partner, app, api, version, operation, status)
);

-- Recent requests, for looking at; the counts above are the truth.
CREATE TABLE access_record (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    trace_id TEXT NOT NULL,
    client TEXT NOT NULL,
    method TEXT NOT NULL,
    route TEXT,
    api TEXT,
    version TEXT,
    operation TEXT,
    app TEXT,
    partner TEXT,
    subscription TEXT,
    status BIGINT NOT NULL,
    code TEXT,
    accepted BOOLEAN NOT NULL,
    bytes_in BIGINT NOT NULL,
    bytes_out BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    upstream_us BIGINT,
    attempts BIGINT NOT NULL
);
CREATE INDEX access_record_at ON access_record (at, id);
CREATE INDEX access_record_app ON access_record (app, at, id);
CREATE INDEX access_record_partner ON access_record (partner, at, id);
CREATE INDEX access_record_api ON access_record (api, at, id);
CREATE INDEX access_record_trace ON access_record (trace_id);

-- The last snapshot compiled, so that revisions keep growing.
CREATE TABLE snapshot_last (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    revision BIGINT NOT NULL,
    digest TEXT NOT NULL,
    change_seq BIGINT NOT NULL,
    compiled_at BIGINT NOT NULL
);
