-- The capability library.

CREATE TABLE catalog_directory (
    path TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE catalog_provider (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    internal BOOLEAN NOT NULL,
    contact TEXT NOT NULL,
    managed_by TEXT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);

CREATE TABLE catalog_api (
    id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    summary TEXT NOT NULL,
    owner TEXT NOT NULL,
    provider_id TEXT REFERENCES catalog_provider (id),
    directory TEXT REFERENCES catalog_directory (path),
    managed_by TEXT,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);
CREATE INDEX catalog_api_directory ON catalog_api (directory);

-- The bytes of a document as they came in: UTF-8 text, byte order mark and all. Versions share a row when the bytes are the same.
CREATE TABLE catalog_document (
    sha256 TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
);

CREATE TABLE catalog_version (
    id TEXT NOT NULL PRIMARY KEY,
    api_id TEXT NOT NULL REFERENCES catalog_api (id),
    version TEXT NOT NULL,
    stage TEXT NOT NULL,
    state TEXT NOT NULL,
    published_at BIGINT,
    base_path TEXT NOT NULL,
    hosts TEXT NOT NULL,
    settings TEXT NOT NULL,
    document TEXT NOT NULL,
    sha256 TEXT NOT NULL REFERENCES catalog_document (sha256),
    proposed_level TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    generation BIGINT NOT NULL
);
CREATE INDEX catalog_version_api ON catalog_version (api_id, id);
CREATE INDEX catalog_version_stage ON catalog_version (stage, id);

-- Category and data class are those in force; what the document proposed stands beside them.
CREATE TABLE catalog_operation (
    version_id TEXT NOT NULL REFERENCES catalog_version (id),
    ordinal BIGINT NOT NULL,
    name TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    summary TEXT NOT NULL,
    service_domain TEXT,
    control_record TEXT,
    behaviour_qualifier TEXT,
    action TEXT,
    category TEXT NOT NULL,
    data_class TEXT NOT NULL,
    proposed_category TEXT NOT NULL,
    proposed_class TEXT NOT NULL,
    scopes TEXT NOT NULL,
    PRIMARY KEY (version_id, ordinal)
);
CREATE INDEX catalog_operation_domain ON catalog_operation (service_domain, version_id, ordinal);
CREATE INDEX catalog_operation_category ON catalog_operation (category, version_id, ordinal);

-- One row per token and version: where it stands in the version and how much that counts.
CREATE TABLE catalog_token (
    token TEXT NOT NULL,
    version_id TEXT NOT NULL REFERENCES catalog_version (id),
    places TEXT NOT NULL,
    PRIMARY KEY (token, version_id)
);
CREATE INDEX catalog_token_version ON catalog_token (version_id);

-- An identification code belongs to one API for good; its versions may share it.
CREATE TABLE catalog_code (
    code TEXT NOT NULL PRIMARY KEY,
    api_id TEXT NOT NULL REFERENCES catalog_api (id)
);
INSERT INTO counter (name, value) VALUES ('identification', 0);

CREATE TABLE catalog_import (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    operator_id TEXT NOT NULL,
    source TEXT NOT NULL,
    outcome TEXT NOT NULL,
    version_id TEXT REFERENCES catalog_version (id),
    report TEXT NOT NULL
);
