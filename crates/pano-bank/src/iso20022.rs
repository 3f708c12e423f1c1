//! Messages of ISO 20022: reading pain.001, writing pain.002 and camt.053. Pure: text in, text out.
//!
//! What we write is valid against the schemas of ISO 20022; what we read is bounded, has no document type and no entities
//! of its own, and whatever we would have to pass over in silence is refused by its path.

pub(crate) mod camt053;
pub(crate) mod pain001;
pub(crate) mod pain002;
mod tree;
mod write;

use pano_types::{Date, Instant};
use std::time::Duration;

/// An instant as banks in China print it.
fn date_time(at: Instant) -> String {
    let ahead = at.plus(Duration::from_secs(8 * 3600)).to_string();
    ahead.strip_suffix('Z').map_or(ahead.clone(), |local| format!("{local}+08:00"))
}

/// A day of `xs:date`, with or without its zone.
fn day(text: &str) -> Option<Date> {
    Date::parse(text.get(..10)?).filter(|_| matches!(text.get(10..), Some("" | "Z" | "+08:00")))
}
