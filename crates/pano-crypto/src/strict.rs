//! JSON from strangers: bounded, and with every member named once.
//!
//! Two readers that disagree about which of two members counts is how signature checks are bypassed; RFC 7515 §4 and
//! RFC 7519 §4 allow refusing such objects, and we do, at every depth.

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Deepest nesting that is read.
const DEPTH_MAX: u8 = 16;

/// Why a JSON text was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More bytes than the caller allows.
    #[error("longer than {max} bytes")]
    TooLong {
        /// The bound.
        max: usize,
    },
    /// Not JSON, nested too deep, a member named twice, or not of the wanted shape.
    #[error("not acceptable JSON")]
    Json(#[source] serde_json::Error),
}

/// Reads a `T` from at most `max` bytes of JSON without duplicate members.
///
/// # Errors
/// See [`Error`].
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8], max: usize) -> Result<T, Error> {
    if bytes.len() > max {
        return Err(Error::TooLong { max });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Unique(DEPTH_MAX).deserialize(&mut reader).and_then(|()| reader.end()).map_err(Error::Json)?;
    serde_json::from_slice(bytes).map_err(Error::Json)
}

/// Walks any JSON value and refuses duplicates; the number is the depth left.
#[derive(Clone, Copy)]
struct Unique(u8);

impl Unique {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !seen.insert(name) {
                return Err(A::Error::custom("a member is named twice"));
            }
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn duplicates_depth_and_length_are_refused() {
        for (text, fine) in [
            (r#"{"a":1,"b":[{"a":null}],"c":1.5}"#.to_owned(), true),
            (r#"{"a":1,"a":1}"#.to_owned(), false),
            (r#"{"a":1,"\u0061":2}"#.to_owned(), false),
            (r#"{"x":[{"a":1,"a":2}]}"#.to_owned(), false),
            (r#"{"a":1} {"#.to_owned(), false),
            ("[".repeat(15) + &"]".repeat(15), true),
            ("[".repeat(17) + &"]".repeat(17), false),
            (format!("\"{}\"", "x".repeat(200)), false),
            (String::new(), false),
        ] {
            assert_eq!(from_slice::<Value>(text.as_bytes(), 150).is_ok(), fine, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = from_slice::<Value>(&bytes, 1_000);
        }
    }
}
