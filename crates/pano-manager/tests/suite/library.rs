//! The capability library: documents in, review, publishing, the snapshot that gateways get, and what is refused.

#[path = "library/bad_input.rs"]
mod bad_input;
#[path = "library/life.rs"]
mod life;
#[path = "library/real_documents.rs"]
mod real_documents;
#[path = "library/world.rs"]
mod world;
