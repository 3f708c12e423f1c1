//! The words every other crate speaks: ids, money, instants, data classes, API levels, problem codes, secrets.
//!
//! Why it exists: one meaning per word, stated once, so that no crate invents its own id, amount or error code.
//!
//! Invariants:
//! * A value of a type here is valid: fields are private and constructors can refuse.
//! * No I/O, no clock, no randomness: [`Clock`] and [`Entropy`] are arguments, assembly supplies the real ones.
//! * [`Problem`] codes are a closed, documented list ([`problem::Code`]); `docs/errors.md` is generated from it.
//!
//! Start reading at [`id`], then [`problem`].

pub mod class;
pub mod clock;
pub mod date;
pub mod environment;
pub mod id;
pub mod money;
pub mod page;
pub mod problem;
pub mod role;
pub mod secret;
pub mod text;

pub use class::{ApiLevel, DataClass};
pub use clock::{Clock, Entropy, Instant};
pub use date::Date;
pub use environment::Environment;
pub use money::{Currency, Money};
pub use page::{Page, PageRequest};
pub use problem::{Code, Problem};
pub use role::Role;
pub use secret::Secret;
pub use text::{Lang, Localized};
