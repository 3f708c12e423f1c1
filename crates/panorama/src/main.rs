//! The one binary: roles, command line, configuration.

fn main() {}
