//! Starts real servers for tests: private stores, port 0, fake clock, seeded randomness.
