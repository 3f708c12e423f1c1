//! Reads, lints, compares and writes OpenAPI 3.0 and 3.1 documents, bounded against hostile ones.
