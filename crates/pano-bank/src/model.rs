//! What all rooms share: parties and accounts.

pub(crate) mod account;
pub(crate) mod party;
