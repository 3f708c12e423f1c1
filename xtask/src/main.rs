//! Checks that the house still stands as docs/ARCHITECTURE.md says.

fn main() {}
