-- What gateways check requests against, made of a document once. Follows from the document: it can be made again at any time.
CREATE TABLE catalog_contract (
    document TEXT NOT NULL PRIMARY KEY REFERENCES catalog_document (sha256),
    made TEXT NOT NULL,
    digest TEXT NOT NULL,
    faults TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX catalog_contract_digest ON catalog_contract (digest);
