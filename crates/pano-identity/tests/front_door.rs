//! The role through its front door: a real server on a free port, its own store and key file, a clock that the test moves.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what a test does not find, it must not find quietly"
)]

#[path = "front_door/code_flow.rs"]
mod code_flow;
#[path = "front_door/keys.rs"]
mod keys;
#[path = "front_door/refusals.rs"]
mod refusals;
#[path = "front_door/tokens.rs"]
mod tokens;
#[path = "front_door/world.rs"]
mod world;
