//! The durable event log: trait, cursor, and the embedded default on files.
