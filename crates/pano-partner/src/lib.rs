//! Partners and their apps: from registration to exit, with the keys they prove themselves by and the rights they hold.
//!
//! Why it exists: one pure model of who may call, so that manager, token service and snapshot agree on it.
//!
//! Invariants:
//! * A partner is admitted, and a subscription approved, only by another person than the one who asked ([`Refused::SamePerson`]).
//! * A state owns what is known in it (who, when, why); moves consume the state and can refuse, naming what is possible instead.
//! * A production subscription is given only to an app that holds a valid [`Certificate`] for what the API asks for.
//! * Only public keys are kept. What holds a private member or a PEM private key is refused as disclosed.
//! * An app calls only while it is active, its partner admitted, one of its credentials valid, and a subscription approved.
//! * Everything here is a function of its arguments: no I/O, no clock, no randomness.
//! * The serialised forms of the states and of [`credential::Material`] are stored; they only ever grow.
//!
//! Start reading at [`partner`], then [`app`], [`credential`], [`plan`], [`subscription`], [`certification`].

pub mod app;
pub mod certification;
pub mod credential;
pub mod name;
pub mod partner;
pub mod plan;
pub mod redirect;
pub mod step;
pub mod subscription;

pub use app::App;
pub use certification::Certificate;
pub use credential::Credential;
pub use name::Slug;
pub use partner::{Partner, Tier};
pub use plan::{Plan, Rate};
pub use redirect::RedirectUri;
pub use step::{Refused, Step, Unmet};
pub use subscription::{Environment, Subscription};
