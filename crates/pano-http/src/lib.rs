//! HTTP kit: problem+json, extractors, idempotency, paging, graceful server, internal client.
