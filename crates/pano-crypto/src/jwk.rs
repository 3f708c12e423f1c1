//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2): read from strangers, judged, written in one form.

use crate::alg::Alg;
use crate::{b64, digest, strict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Longest JWK that is read, bytes. An RSA key of 4096 bits with a certificate thumbprint fits three times.
pub const JWK_BYTES_MAX: usize = 8 * 1024;
/// Longest key id that is kept, bytes.
pub const KID_BYTES_MAX: usize = 128;
/// Bounds of an RSA modulus, bits: below is weak, above costs us more than it brings.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// Members that only a private or symmetric key has (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a JWK was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It holds a private or symmetric part, which must now be considered disclosed.
    #[error("the key holds the private member `{0}`")]
    Private(&'static str),
    /// Not JSON, too long, or a member twice.
    #[error("the key is not a JSON object as RFC 7517 wants it")]
    Json(#[from] strict::Error),
    /// A member is missing or of the wrong form.
    #[error("the member `{member}` {reason}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A kind of key, a curve or an algorithm outside the allow-list.
    #[error("keys must be EC P-256 (ES256), OKP Ed25519 (EdDSA) or RSA of 2048 to 4096 bits (PS256)")]
    Unsupported,
    /// The numbers are no key: not on the curve, of small order, even, too short or too long.
    #[error("the key's numbers are not acceptable: {0}")]
    Numbers(&'static str),
}

/// The numbers of a key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Material {
    /// Uncompressed point `04 || x || y`.
    P256([u8; 65]),
    /// Encoded point.
    Ed25519([u8; 32]),
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// An acceptable public key. Serialises as a JWK with `kty`, its numbers, `alg`, `use` and, when it has one, `kid`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct PublicJwk {
    material: Material,
    kid: Option<String>,
}

impl PublicJwk {
    /// Reads a key from at most [`JWK_BYTES_MAX`] bytes of JSON.
    ///
    /// # Errors
    /// See [`Error`]. Members that we do not know are ignored and not kept (RFC 7517 §4).
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_members(&strict::from_slice::<Map<String, Value>>(bytes, JWK_BYTES_MAX)?)
    }

    /// Reads a key from members already parsed; the caller has bounded them and refused duplicates.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn from_members(members: &Map<String, Value>) -> Result<Self, Error> {
        if let Some(name) = PRIVATE_MEMBERS.into_iter().find(|name| members.contains_key(*name)) {
            return Err(Error::Private(name));
        }
        check_purpose(members)?;
        let key = Self { kid: kid(members)?, ..Self::from_material(material(members)?)? };
        if members.get("alg").is_some_and(|alg| alg.as_str() != Some(key.alg().text())) {
            return Err(Error::Member { member: "alg", reason: "does not fit the kind of key" });
        }
        Ok(key)
    }

    /// From numbers found in a certificate or a key pair of ours.
    pub(crate) fn from_material(material: Material) -> Result<Self, Error> {
        let key = Self { material, kid: None };
        key.check()?;
        Ok(key)
    }

    /// The same key under another id.
    ///
    /// # Errors
    /// When `kid` is empty, longer than [`KID_BYTES_MAX`] or not visible ASCII.
    pub fn with_kid(mut self, kid: &str) -> Result<Self, Error> {
        check_kid(kid)?;
        self.kid = Some(kid.to_owned());
        Ok(self)
    }

    /// The key's id, if it came with one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The one algorithm that this key verifies.
    pub const fn alg(&self) -> Alg {
        match self.material {
            Material::P256(_) => Alg::Es256,
            Material::Ed25519(_) => Alg::EdDsa,
            Material::Rsa { .. } => Alg::Ps256,
        }
    }

    /// SHA-256 thumbprint, base64url (RFC 7638 §3).
    pub fn thumbprint(&self) -> String {
        // The required members in lexicographic order without white space. All values are base64url, so nothing needs escaping.
        let text = match &self.material {
            Material::P256(_) | Material::Ed25519(_) => {
                let (x, y) = self.coordinates();
                match y {
                    Some(y) => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
                    None => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
                }
            }
            Material::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, b64::encode(e), b64::encode(n)),
        };
        b64::encode(digest::sha256(text.as_bytes()))
    }

    /// The JWK, with `alg`, `use` and the given or own `kid`.
    pub fn to_json(&self) -> Value {
        let (x, y) = self.coordinates();
        let mut json = match &self.material {
            Material::P256(_) => json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y.unwrap_or_default() }),
            Material::Ed25519(_) => json!({ "kty": "OKP", "crv": "Ed25519", "x": x }),
            Material::Rsa { n, e } => json!({ "kty": "RSA", "n": b64::encode(n), "e": b64::encode(e) }),
        };
        if let Some(members) = json.as_object_mut() {
            members.insert("alg".into(), self.alg().text().into());
            members.insert("use".into(), "sig".into());
            if let Some(kid) = &self.kid {
                members.insert("kid".into(), kid.as_str().into());
            }
        }
        json
    }

    pub(crate) const fn material(&self) -> &Material {
        &self.material
    }

    fn coordinates(&self) -> (String, Option<String>) {
        match &self.material {
            Material::P256(point) => {
                let (x, y) = point.split_at(1).1.split_at(32);
                (b64::encode(x), Some(b64::encode(y)))
            }
            Material::Ed25519(x) => (b64::encode(x), None),
            Material::Rsa { .. } => (String::new(), None),
        }
    }

    fn check(&self) -> Result<(), Error> {
        match &self.material {
            Material::Ed25519(x) if is_small_order(x) => return Err(Error::Numbers("the point is of small order")),
            Material::Rsa { n, e } => check_rsa(n, e)?,
            Material::P256(_) | Material::Ed25519(_) => {}
        }
        crate::key::VerifyingKey::parse_material(&self.material).map(|_| ())
    }
}

impl std::fmt::Debug for PublicJwk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicJwk({} {})", self.alg(), self.thumbprint())
    }
}

impl TryFrom<Value> for PublicJwk {
    type Error = Error;
    fn try_from(value: Value) -> Result<Self, Error> {
        let members = value.as_object().ok_or(Error::Member { member: "kty", reason: "is missing" })?;
        Self::from_members(members)
    }
}

impl From<PublicJwk> for Value {
    fn from(key: PublicJwk) -> Self {
        key.to_json()
    }
}

/// `use` and `key_ops` must allow verifying and nothing private (RFC 7517 §4.2, §4.3).
fn check_purpose(members: &Map<String, Value>) -> Result<(), Error> {
    if members.get("use").is_some_and(|use_| use_.as_str() != Some("sig")) {
        return Err(Error::Member { member: "use", reason: "must be `sig`" });
    }
    let Some(ops) = members.get("key_ops") else { return Ok(()) };
    let only_verify = ops.as_array().is_some_and(|ops| !ops.is_empty() && ops.iter().all(|op| op == "verify"));
    if only_verify { Ok(()) } else { Err(Error::Member { member: "key_ops", reason: "must be `[\"verify\"]`" }) }
}

fn kid(members: &Map<String, Value>) -> Result<Option<String>, Error> {
    let Some(kid) = members.get("kid") else { return Ok(None) };
    let kid = kid.as_str().ok_or(Error::Member { member: "kid", reason: "must be a string" })?;
    check_kid(kid)?;
    Ok(Some(kid.to_owned()))
}

fn check_kid(kid: &str) -> Result<(), Error> {
    let fine = !kid.is_empty() && kid.len() <= KID_BYTES_MAX && kid.bytes().all(|b| b.is_ascii_graphic());
    if fine {
        Ok(())
    } else {
        Err(Error::Member { member: "kid", reason: "must be 1 to 128 visible ASCII characters" })
    }
}

fn material(members: &Map<String, Value>) -> Result<Material, Error> {
    let kty = members.get("kty").ok_or(Error::Member { member: "kty", reason: "is missing" })?;
    let crv = members.get("crv").and_then(Value::as_str);
    let material = match (kty.as_str(), crv) {
        (Some("EC"), Some("P-256")) => {
            let mut point = [4; 65];
            let (x, y) = point.split_at_mut(1).1.split_at_mut(32);
            x.copy_from_slice(&fixed(members, "x")?);
            y.copy_from_slice(&fixed(members, "y")?);
            Material::P256(point)
        }
        (Some("OKP"), Some("Ed25519")) => Material::Ed25519(fixed(members, "x")?),
        (Some("RSA"), _) => Material::Rsa { n: bytes(members, "n")?, e: bytes(members, "e")? },
        _ => return Err(Error::Unsupported),
    };
    Ok(material)
}

fn bytes(members: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, Error> {
    let text = members.get(member).ok_or(Error::Member { member, reason: "is missing" })?;
    let text = text.as_str().ok_or(Error::Member { member, reason: "must be a string" })?;
    b64::decode(text).map_err(|_| Error::Member { member, reason: "must be base64url without padding" })
}

fn fixed(members: &Map<String, Value>, member: &'static str) -> Result<[u8; 32], Error> {
    // RFC 7518 §6.2.1.2: the full size of a coordinate, leading zeros included.
    bytes(members, member)?.try_into().map_err(|_| Error::Member { member, reason: "must be 32 bytes" })
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), Error> {
    if n.first().is_none_or(|b| *b == 0) || e.first().is_none_or(|b| *b == 0) {
        // RFC 7518 §2, Base64urlUInt: no leading zeros; else one key would have two thumbprints.
        return Err(Error::Numbers("leading zeros"));
    }
    let bits = n.len() * 8 - n.first().map_or(0, |b| b.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err(Error::Numbers("the RSA modulus must have 2048 to 4096 bits"));
    }
    let exponent = e.iter().try_fold(0u64, |value, b| (value < 1 << 32).then_some(value << 8 | u64::from(*b)));
    let odd = |bytes: &[u8]| bytes.last().is_some_and(|b| b & 1 == 1);
    if !odd(n) || !odd(e) || exponent.is_none_or(|e| !(65_537..1 << 32).contains(&e)) {
        return Err(Error::Numbers("the RSA modulus must be odd, its exponent odd and from 65537 up to 32 bits"));
    }
    Ok(())
}

/// Whether an Ed25519 point generates a group so small that signatures under it prove nothing (RFC 8032 §8.9 leaves the
/// check to us). The sign bit does not matter. Encodings of the points of order 1, 2, 4 and 8, canonical or not.
fn is_small_order(point: &[u8; 32]) -> bool {
    const LOW: [&str; 7] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    let mut unsigned = *point;
    if let Some(last) = unsigned.last_mut() {
        *last &= 0x7f;
    }
    LOW.contains(&hex::encode(unsigned).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    /// RFC 7638 §3.1.
    const N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3\
                     oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA\
                     ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-\
                     kEgU8awapJzKnqDKgw";

    fn ec(edit: impl FnOnce(&mut Value)) -> Value {
        let mut jwk = json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y });
        edit(&mut jwk);
        jwk
    }

    #[test]
    fn thumbprints_match_rfc_7638_and_rfc_8037() {
        for (jwk, thumbprint) in [
            (
                json!({ "kty": "RSA", "n": N, "e": "AQAB", "kid": "2011-04-29" }),
                "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            ),
            (
                json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }),
                "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            ),
        ] {
            assert_eq!(PublicJwk::try_from(jwk).unwrap().thumbprint(), thumbprint);
        }
    }

    #[test]
    fn the_written_form_is_read_again() {
        for jwk in [
            ec(|jwk| jwk["kid"] = "k1".into()),
            json!({ "kty": "RSA", "n": N, "e": "AQAB", "alg": "PS256", "use": "sig", "key_ops": ["verify"] }),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "x-note": 1 }),
        ] {
            let key = PublicJwk::parse(jwk.to_string().as_bytes()).unwrap();
            let text = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<PublicJwk>(&text).unwrap(), key);
            assert_eq!(key.to_json()["alg"], key.alg().text());
        }
    }

    #[test]
    fn a_private_member_is_named_and_refused() {
        for name in PRIVATE_MEMBERS {
            let jwk = ec(|jwk| jwk[name] = "AAAA".into());
            assert!(matches!(PublicJwk::try_from(jwk), Err(Error::Private(found)) if found == name));
        }
        let symmetric = json!({ "kty": "oct", "k": "AAAA" });
        assert!(matches!(PublicJwk::try_from(symmetric), Err(Error::Private("k"))));
    }

    #[test]
    fn keys_outside_the_allow_list_and_bent_numbers_are_refused() {
        let zeros = b64::encode([0; 32]);
        let rsa = |n: &str, e: &str| json!({ "kty": "RSA", "n": n, "e": e });
        let short = b64::encode([0xff; 128]);
        let long = b64::encode([0xff; 513]);
        let even = b64::encode([0xfe; 256]);
        let low = |hex_text: &str| json!({ "kty": "OKP", "crv": "Ed25519", "x": b64::encode(hex::decode(hex_text).unwrap()) });
        for (jwk, error) in [
            (json!({}), "kty"),
            (json!([]), "kty"),
            (ec(|j| j["kty"] = 1.into()), "Unsupported"),
            (ec(|j| j["crv"] = "P-521".into()), "Unsupported"),
            (ec(|j| j["crv"] = "secp256k1".into()), "Unsupported"),
            (json!({ "kty": "OKP", "crv": "X25519", "x": X }), "Unsupported"),
            (ec(|j| j["y"] = X.into()), "Numbers"),
            (ec(|j| (j["x"], j["y"]) = (zeros.clone().into(), zeros.clone().into())), "Numbers"),
            (ec(|j| j["x"] = "AAAA".into()), "32 bytes"),
            (ec(|j| j["x"] = format!("{X}=").into()), "base64url"),
            (ec(|j| j["x"] = 1.into()), "string"),
            (ec(|j| j["alg"] = "EdDSA".into()), "alg"),
            (ec(|j| j["alg"] = "HS256".into()), "alg"),
            (ec(|j| j["alg"] = json!(null)), "alg"),
            (ec(|j| j["use"] = "enc".into()), "use"),
            (ec(|j| j["key_ops"] = json!(["sign"])), "key_ops"),
            (ec(|j| j["key_ops"] = json!(["verify", "sign"])), "key_ops"),
            (ec(|j| j["key_ops"] = json!([])), "key_ops"),
            (ec(|j| j["kid"] = "".into()), "kid"),
            (ec(|j| j["kid"] = "a b".into()), "kid"),
            (ec(|j| j["kid"] = "k".repeat(129).into()), "kid"),
            (rsa(N, "Aw"), "65537"),
            (rsa(N, "AQAAAAE"), "65537"),
            (rsa(N, ""), "leading"),
            (rsa(&short, "AQAB"), "2048"),
            (rsa(&long, "AQAB"), "4096"),
            (rsa(&even, "AQAB"), "odd"),
            (rsa(&format!("AAAA{N}"), "AQAB"), "leading"),
            (low(&"00".repeat(32)), "small order"),
            (low(&format!("01{}80", "00".repeat(30))), "small order"),
        ] {
            let refused = format!("{:?}", PublicJwk::try_from(jwk.clone()).unwrap_err());
            assert!(refused.contains(error), "{jwk}: {refused}");
        }
    }

    #[test]
    fn length_and_duplicates_are_checked_before_meaning() {
        let twice = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","x":"{X}","y":"{Y}"}}"#);
        let long = format!(r#"{{"kty":"EC","pad":"{}"}}"#, "x".repeat(JWK_BYTES_MAX));
        for text in [twice.as_str(), long.as_str(), "{", "null", "\"EC\""] {
            assert!(
                matches!(PublicJwk::parse(text.as_bytes()), Err(Error::Json(_))),
                "{}",
                &text[..text.len().min(60)]
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(x in "[A-Za-z0-9_=-]{0,50}", y in "[A-Za-z0-9_-]{43}", kty in "EC|OKP|RSA|oct", crv in "P-256|Ed25519|P-384") {
            let jwk = json!({ "kty": kty, "crv": crv, "x": x, "y": y, "n": x, "e": y });
            let _ = PublicJwk::parse(jwk.to_string().as_bytes());
        }
    }
}
