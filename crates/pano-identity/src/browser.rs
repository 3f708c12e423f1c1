//! A customer's browser: its cookie, and the token that its forms must carry.
//!
//! The cookie is a secret of which the store keeps the digest. It is replaced when the customer signs in, so that a cookie
//! known before is worth nothing afterwards (session fixation). A form carries a token derived from the cookie, which
//! another site can neither read nor guess (CSRF).

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use pano_crypto::{b64, compare, mac, random};
use pano_oauth::{Form, Refusal};
use pano_store::meta::SecretHash;
use pano_types::{Entropy, Secret};

/// 256 bits in base64url.
const SECRET_LEN: usize = 43;

/// A browser.
#[derive(Debug)]
pub(crate) struct Browser {
    secret: Secret,
    secure: bool,
}

impl Browser {
    /// The browser that sent these headers; a new one, when it has no cookie of ours. `secure`: we are reached by https.
    pub(crate) fn of(headers: &HeaderMap, secure: bool, entropy: &dyn Entropy) -> Self {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let own = pairs.find(|(name, _)| *name == cookie_name(secure)).map(|(_, value)| value);
        let good = |value: &&str| {
            value.len() == SECRET_LEN && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        match own.filter(good) {
            Some(value) => Self { secret: Secret::new(value.to_owned()), secure },
            None => Self::new(secure, entropy),
        }
    }

    /// A browser with a new secret.
    pub(crate) fn new(secure: bool, entropy: &dyn Entropy) -> Self {
        Self { secret: random::secret(entropy), secure }
    }

    /// By what the store knows it.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.secret)
    }

    /// What its forms carry. The value is needed as a key; nothing of it can be read from the token.
    pub(crate) fn csrf(&self) -> String {
        b64::encode(mac::hmac_sha256(self.secret.expose().as_bytes(), &[b"csrf"]))
    }

    /// Whether a form came from a page that this browser was given.
    ///
    /// # Errors
    /// [`Refusal::ParameterMissing`] when not.
    pub(crate) fn check(&self, form: &Form) -> Result<(), Refusal> {
        let sent = form.value("csrf").unwrap_or_default();
        let own = self.csrf();
        if compare::equal(sent.as_bytes(), own.as_bytes()) { Ok(()) } else { Err(Refusal::ParameterMissing("csrf")) }
    }

    /// The cookie. `SameSite=Lax`: an app's redirect to us must find it, another site's form must not.
    pub(crate) fn set_cookie(&self) -> HeaderValue {
        let (name, secure) = (cookie_name(self.secure), if self.secure { "; Secure" } else { "" });
        // The browser is who has to know the value.
        let text = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}", self.secret.expose());
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }
}

/// `__Host-` binds the cookie to this very host; it needs https.
const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-panorama" } else { "panorama" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(cookie).unwrap())])
    }

    #[test]
    fn a_browser_is_known_by_its_cookie_and_no_other() {
        let entropy = SeededEntropy::new(1);
        for (secure, name) in [(true, "__Host-panorama"), (false, "panorama")] {
            let browser = Browser::new(secure, &entropy);
            let set = browser.set_cookie().to_str().unwrap().to_owned();
            let pair = set.split(';').next().unwrap();
            assert!(pair.starts_with(name) && set.contains("; HttpOnly; SameSite=Lax"));
            assert_eq!(set.ends_with("; Secure"), secure);
            let again = Browser::of(&headers(&format!("a=b; {pair}")), secure, &entropy);
            assert_eq!((again.hash(), again.csrf()), (browser.hash(), browser.csrf()));
            for other in ["", "panorama=short", "x=y", &format!("{pair}x"), &pair.replace('=', "=\"")] {
                assert_ne!(Browser::of(&headers(other), secure, &entropy).hash(), browser.hash(), "{other}");
            }
        }
    }

    #[test]
    fn a_form_carries_its_own_browsers_token() {
        let entropy = SeededEntropy::new(1);
        let (one, two) = (Browser::new(true, &entropy), Browser::new(true, &entropy));
        let form = Form::parse(format!("csrf={}", one.csrf()).as_bytes()).unwrap();
        assert!(one.check(&form).is_ok() && two.check(&form).is_err());
        assert!(one.check(&Form::default()).is_err());
    }
}
