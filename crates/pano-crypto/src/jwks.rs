//! Sets of public keys (RFC 7517 §5), as issuers publish them.

use crate::jwk::{self, PublicJwk};
use crate::key::VerifyingKey;
use serde_json::{Value, json};

/// Most keys in a set; a rotation needs three.
pub const KEYS_MAX: usize = 64;

/// Keys by their id, ready for work.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<(String, VerifyingKey)>,
}

/// Why a key set was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an object with an array `keys` of at most [`KEYS_MAX`].
    #[error("expected an object with an array `keys` of at most {KEYS_MAX}")]
    Shape,
    /// One of its keys is private: the whole set is refused, for whoever publishes that has lost it.
    #[error("a key of the set is refused")]
    Key(#[from] jwk::Error),
}

impl KeySet {
    /// Reads a set. Keys for other purposes or of kinds that we do not accept are left out (RFC 7517 §5), and so are keys
    /// without an id; a private key is refused.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn parse(set: &Value) -> Result<Self, Error> {
        let keys =
            set.get("keys").and_then(Value::as_array).filter(|keys| keys.len() <= KEYS_MAX).ok_or(Error::Shape)?;
        let mut read = Self::default();
        for key in keys {
            let members = key.as_object().ok_or(Error::Shape)?;
            match PublicJwk::from_members(members) {
                Ok(jwk) => {
                    if let Some(kid) = jwk.kid() {
                        read.keys.push((kid.to_owned(), VerifyingKey::new(&jwk)?));
                    }
                }
                Err(private @ jwk::Error::Private(_)) => return Err(private.into()),
                Err(_) => {}
            }
        }
        Ok(read)
    }

    /// The key with this id.
    pub fn key(&self, kid: &str) -> Option<&VerifyingKey> {
        self.keys.iter().find(|(own, _)| own == kid).map(|(_, key)| key)
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key can be used.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

/// The set's wire form.
pub fn to_json<'a>(keys: impl IntoIterator<Item = &'a PublicJwk>) -> Value {
    json!({ "keys": keys.into_iter().map(PublicJwk::to_json).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alg::Alg;
    use crate::key::SigningKey;

    #[test]
    fn usable_keys_are_found_and_others_left_out() {
        let key = SigningKey::generate(Alg::Es256).unwrap();
        let mut set = to_json([key.public()]);
        let list = set["keys"].as_array_mut().unwrap();
        list.push(json!({ "kty": "EC", "crv": "P-521", "kid": "later" }));
        list.push(json!({ "kty": "RSA", "use": "enc", "kid": "sealing" }));
        let read = KeySet::parse(&set).unwrap();
        assert_eq!(read.len(), 1);
        assert!(read.key(key.public().kid().unwrap()).is_some() && read.key("later").is_none());
    }

    #[test]
    fn a_set_with_a_private_key_or_of_another_shape_is_refused() {
        let private = json!({ "keys": [{ "kty": "oct", "k": "AAAA" }] });
        assert!(matches!(KeySet::parse(&private), Err(Error::Key(jwk::Error::Private("k")))));
        for bad in [
            json!([]),
            json!({}),
            json!({ "keys": {} }),
            json!({ "keys": [1] }),
            json!({ "keys": vec![json!({}); 65] }),
        ] {
            assert!(matches!(KeySet::parse(&bad), Err(Error::Shape)), "{bad}");
        }
    }
}
