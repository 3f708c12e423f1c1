//! What all rooms share: parties, what is known of them, accounts and their limits, the calendar.

pub(crate) mod account;
pub(crate) mod calendar;
pub(crate) mod class;
pub(crate) mod kyc;
pub(crate) mod limit;
pub(crate) mod party;
