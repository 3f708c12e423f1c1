-- Certificates, the evidence that an app is fit to go live; and what a subscription is for.

CREATE TABLE certificate (
    id TEXT NOT NULL PRIMARY KEY,
    app_id TEXT NOT NULL REFERENCES app (id),
    profile TEXT NOT NULL,
    script_version BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    passed_at BIGINT NOT NULL,
    valid_until BIGINT NOT NULL,
    steps TEXT NOT NULL
);
CREATE INDEX certificate_app ON certificate (app_id, id);

ALTER TABLE subscription ADD COLUMN environment TEXT NOT NULL DEFAULT 'sandbox';
-- One of each environment at a time of an app to an API.
DROP INDEX subscription_live;
CREATE UNIQUE INDEX subscription_live ON subscription (app_id, api_id, environment) WHERE state NOT IN ('rejected', 'ended');
