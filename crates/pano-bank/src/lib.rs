//! The sandbox bank: a stateful reference bank behind real APIs, and the mock of any published API.
