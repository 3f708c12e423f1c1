//! Keys. What an app's developer does on their own machine: make a key pair, get a token; no admin API needed. And the signing
//! keys of the authorization server, which has its own small API for operators.

use crate::cli::{Global, Keys};
use crate::folder;
use crate::output::{self, Output};
use crate::remote::{Remote, escape, explain};
use anyhow::{Context, bail};
use http::{HeaderMap, HeaderValue, Method};
use pano_crypto::{Alg, Signer, SigningKey, jws, random};
use pano_http::Client;
use pano_types::{Clock, Entropy, Secret};
use serde_json::{Value, json};
use std::path::Path;

/// How long a client assertion is good for, seconds. Short, for it is used at once.
const ASSERTION_SECONDS: i64 = 60;

/// Makes a key pair: the private key into `file` (mode 0600), the public key as JWK on screen.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn keygen(file: &Path, alg: &str) -> anyhow::Result<()> {
    if file.exists() {
        bail!("{} exists; a key that may be in use is never overwritten", file.display());
    }
    let alg = match alg {
        "EdDSA" => Alg::EdDsa,
        _ => Alg::Es256,
    };
    let key = SigningKey::generate(alg)?;
    // The private half is written for its owner, nowhere else.
    folder::write_private(file, key.to_pem()?.expose().as_bytes())?;
    output::json(&key.public().to_json());
    output::note(&format!(
        "private key in {}; register the public key above with `panorama app add-key`",
        file.display()
    ));
    Ok(())
}

/// Who wants a token, and how they prove it.
#[derive(Debug)]
pub struct Credentials<'a> {
    /// The app's id.
    pub client_id: &'a str,
    /// The key that signs the assertion.
    pub key: &'a SigningKey,
    /// Issuer identifier of the authorization server.
    pub issuer: &'a str,
    /// Scopes wanted; all that the app may have when absent.
    pub scope: Option<&'a str>,
}

/// Reads a private key (PKCS#8 PEM).
///
/// # Errors
/// When it is no such key.
pub fn private_key(file: &Path, kid: Option<&str>) -> anyhow::Result<SigningKey> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let key =
        SigningKey::from_pem(&Secret::new(text)).with_context(|| format!("{} holds no key we know", file.display()))?;
    Ok(match kid {
        Some(kid) => key.with_kid(kid)?,
        None => key,
    })
}

/// The form that asks for a token by client_credentials with `private_key_jwt` (RFC 6749 §4.4, RFC 7523 §2.2).
///
/// # Errors
/// When signing fails.
pub fn token_form(who: &Credentials<'_>, clock: &dyn Clock, entropy: &dyn Entropy) -> anyhow::Result<String> {
    let now = clock.now().unix_seconds();
    let claims = json!({
        "iss": who.client_id, "sub": who.client_id, "aud": who.issuer,
        "iat": now, "exp": now + ASSERTION_SECONDS, "jti": random::identifier(entropy),
    });
    let assertion = jws::sign(who.key as &dyn Signer, "JWT", &claims)?;
    let mut form = format!(
        "grant_type=client_credentials&client_id={}&client_assertion_type={}&client_assertion={assertion}",
        escape(who.client_id),
        escape("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
    );
    if let Some(scope) = who.scope {
        form.push_str(&format!("&scope={}", escape(scope)));
    }
    Ok(form)
}

/// Gets an access token from the authorization server that `client` calls.
///
/// # Errors
/// What the authorization server refuses.
pub async fn token(
    who: &Credentials<'_>,
    client: &Client,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
) -> anyhow::Result<Value> {
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let body = token_form(who, clock, entropy)?;
    let answer = client.send(Method::POST, &format!("{}/oauth2/token", client.base()), headers, body.into()).await;
    let answer = answer.map_err(explain)?;
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if !answer.status.is_success() {
        let (status, member) = (answer.status.as_u16(), |name| json.get(name).and_then(Value::as_str));
        let Some(error) = member("error") else {
            bail!("{} answers {status} and no OAuth error: is it the authorization server?", client.base());
        };
        bail!("{error}: {} (HTTP {status})", member("error_description").unwrap_or("no description"));
    }
    Ok(json)
}

/// Prints what the authorization server gave.
pub fn show(out: Output, token: &Value) {
    match (out, token.get("access_token").and_then(Value::as_str)) {
        (Output::Table, Some(text)) => output::line(text),
        _ => output::json(token),
    }
}

/// Signing keys of the authorization server, with the operator's token.
///
/// # Errors
/// What the authorization server refuses.
pub async fn signing(global: &Global, command: Keys) -> anyhow::Result<()> {
    const PATH: &str = "/internal/v1/keys";
    let at = |server: String| Remote::new(&Global { server, ..global.clone() });
    match command {
        Keys::List { identity } => {
            let columns =
                [("KID", "/kid"), ("ALG", "/alg"), ("STATE", "/state"), ("AT", "/at"), ("CREATED", "/created_at")];
            let answer = at(identity)?.get(PATH).await?;
            output::rows(global.output, &columns, answer.get("keys").unwrap_or(&Value::Null));
        }
        Keys::Rotate { identity, urgent } => {
            let rotated = at(identity)?.post(&format!("{PATH}/rotate"), &json!({ "urgent": urgent })).await?;
            output::object(global.output, &rotated);
        }
    }
    Ok(())
}
