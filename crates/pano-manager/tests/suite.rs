//! The manager through its front door: a real server on a free port, its own store, three people.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do: at once, at the place"
)]

#[path = "suite/access.rs"]
mod access;
#[path = "suite/document.rs"]
mod document;
#[path = "suite/gateway.rs"]
mod gateway;
#[path = "suite/library.rs"]
mod library;
#[path = "suite/operators.rs"]
mod operators;
#[path = "suite/partners.rs"]
mod partners;
#[path = "suite/refusals.rs"]
mod refusals;
#[path = "suite/relay.rs"]
mod relay;
#[path = "suite/upkeep.rs"]
mod upkeep;
#[path = "suite/writes.rs"]
mod writes;

use pano_http::client::Answer;
use pano_http::{Client, ClientError};
use serde_json::{Value, json};

/// The stable code of a refusal.
fn code<T: std::fmt::Debug>(outcome: Result<T, ClientError>) -> String {
    match outcome {
        Err(error) => error.code().map_or_else(|| format!("{error:?}"), str::to_owned),
        Ok(value) => format!("not refused: {value:?}"),
    }
}

/// The text of a member, by pointer.
fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

/// A POST with other headers, answered as it came.
async fn post_with(client: &Client, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    send(client, "POST", path, headers, body).await
}

async fn send(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut all = http::HeaderMap::new();
    all.insert("content-type", http::HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        all.insert(http::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    let url = format!("{}{path}", client.base());
    client.send(method.parse().unwrap(), &url, all, body.to_string().into()).await.unwrap()
}

fn partner(slug: &str) -> Value {
    json!({
        "slug": slug, "name": { "zh": "财富伙伴", "en": "Wealth Mate" }, "registration": "91310000MA1FL00000",
        "contact": "api@wealth-mate.example", "scenario": { "sensitive_data": true }
    })
}

fn jwk() -> Value {
    pano_crypto::SigningKey::generate(pano_crypto::Alg::Es256).unwrap().public().to_json()
}
