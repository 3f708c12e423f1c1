//! The control plane: admin API, reviews, publishing, snapshots, usage, audit.
