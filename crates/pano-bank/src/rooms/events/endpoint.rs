//! Endpoints.

use crate::call::{Refusal, Shown};
use crate::keys::Keys;
use crate::world::Entity;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pano_crypto::b64;
use pano_types::Instant;
use pano_types::id::WebhookEndpointId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long both secrets sign after a rotation, on the machine's clock.
pub(super) const BOTH_FOR: Duration = Duration::from_secs(24 * 3600);

/// How deliveries to an endpoint are signed (Standard Webhooks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scheme {
    /// HMAC-SHA256 with a secret of the endpoint.
    #[default]
    V1,
    /// Ed25519 with a key pair of the endpoint.
    V1a,
}

/// Whether deliveries are made to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Enabled,
    Disabled,
}

/// An endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Endpoint {
    pub(crate) id: WebhookEndpointId,
    pub(crate) app: String,
    /// C2.
    pub(crate) url: String,
    /// Types wanted; none: all.
    pub(crate) event_types: Vec<String>,
    pub(crate) scheme: Scheme,
    pub(crate) enabled: bool,
    /// Which of its secrets is in force; the secrets themselves are derived.
    pub(crate) generation: u32,
    /// Until when the one before signs too, on the machine's clock.
    pub(crate) previous_until: Option<Instant>,
    /// Since when nothing was delivered, on the machine's clock.
    pub(crate) failing_since: Option<Instant>,
    /// When something was last sent, on the machine's clock.
    #[serde(default)]
    pub(crate) attempted_at: Option<Instant>,
    /// Deliveries given up because too many waited.
    #[serde(default)]
    pub(crate) crowded_out: u64,
    pub(crate) created_at: Instant,
}

/// Index by app.
pub(super) const BY_APP: &str = "app";

impl Entity for Endpoint {
    const KIND: &'static str = "webhook.endpoint";
    type Id = WebhookEndpointId;
    fn id(&self) -> WebhookEndpointId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
    }
}

impl Endpoint {
    /// The secret in force, where there is one to be shown.
    pub(super) fn shown(&self) -> Option<Shown> {
        (self.scheme == Scheme::V1).then_some(Shown { endpoint: self.id, generation: self.generation })
    }

    pub(super) fn wants(&self, kind: &str) -> bool {
        self.event_types.is_empty() || self.event_types.iter().any(|wanted| wanted == kind)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EndpointView {
    pub(super) endpoint_id: WebhookEndpointId,
    url: String,
    event_types: Vec<String>,
    status: Status,
    signature: Scheme,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    crowded_out: u64,
    created_at: Instant,
}

impl EndpointView {
    pub(super) fn new(endpoint: &Endpoint, keys: &Keys) -> Result<Self, Refusal> {
        let public_key = match endpoint.scheme {
            Scheme::V1 => None,
            Scheme::V1a => Some(public_key(endpoint, keys)?),
        };
        Ok(Self {
            endpoint_id: endpoint.id,
            url: endpoint.url.clone(),
            event_types: endpoint.event_types.clone(),
            status: if endpoint.enabled { Status::Enabled } else { Status::Disabled },
            signature: endpoint.scheme,
            public_key,
            crowded_out: endpoint.crowded_out,
            created_at: endpoint.created_at,
        })
    }
}

fn public_key(endpoint: &Endpoint, keys: &Keys) -> Result<String, Refusal> {
    let key = keys.endpoint_key(&endpoint.id.to_string(), endpoint.generation)?;
    let x = key.public().to_json().get("x").and_then(serde_json::Value::as_str).map(b64::decode);
    let x = x.and_then(Result::ok).ok_or_else(|| Refusal::broken("a public key without its number"))?;
    Ok(format!("whpk_{}", STANDARD.encode(x)))
}
