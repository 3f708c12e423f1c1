//! Units: the independently digested parts of a snapshot. Their serialised form is the wire and the disk format.

use pano_types::id::{ApiId, ApiVersionId, AppId, ConsentId, PartnerId, SubscriptionId};
use pano_types::{ApiLevel, DataClass, Instant};
use serde::{Deserialize, Serialize};

/// What a unit is about; unique in a snapshot. Text form `kind/id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum UnitKey {
    /// Routes and upstream of one API version.
    Api(ApiVersionId),
    /// One app with its subscriptions.
    App(AppId),
    /// Token issuer, by its `iss`.
    Issuer(String),
    /// Tokens taken back before they expired.
    Revocations,
}

/// One part of a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "unit")]
pub enum Unit {
    /// Routes and upstream of one API version.
    Api(ApiUnit),
    /// One app with its subscriptions.
    App(AppUnit),
    /// Token issuer.
    Issuer(IssuerUnit),
    /// Tokens taken back before they expired.
    Revocations(Revocations),
}

impl Unit {
    /// The unit's key.
    pub fn key(&self) -> UnitKey {
        match self {
            Self::Api(unit) => UnitKey::Api(unit.version_id),
            Self::App(unit) => UnitKey::App(unit.id),
            Self::Issuer(unit) => UnitKey::Issuer(unit.issuer.clone()),
            Self::Revocations(_) => UnitKey::Revocations,
        }
    }
}

/// One API version as the gateway serves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiUnit {
    /// The version.
    pub version_id: ApiVersionId,
    /// The API; subscriptions are to an API, not to a version.
    pub api: ApiId,
    /// Short name, e.g. `sandbox-accounts`.
    pub slug: String,
    /// Version text of the contract, e.g. `1.2.0`.
    pub version: String,
    /// Where it stands in its life.
    pub state: ServingState,
    /// Hosts it answers to; empty: any.
    pub hosts: Vec<String>,
    /// Path before every template, without a trailing slash; may be empty.
    pub base_path: String,
    /// Regulator's level.
    pub level: ApiLevel,
    /// Where calls go.
    pub upstream: Upstream,
    /// Digest of its [`crate::ApiContract`], which travels and is kept apart; without one no request is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// What can be called. Empty for a retired version: every path below `base_path` then answers 410.
    pub operations: Vec<OperationUnit>,
}

/// Where a served version stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ServingState {
    /// Served.
    Published,
    /// Served with `Deprecation` (RFC 9745) and, when set, `Sunset` (RFC 8594).
    Deprecated {
        /// Since when.
        since: Instant,
        /// When it will stop.
        sunset: Option<Instant>,
        /// Address of what to use instead.
        link: Option<String>,
    },
    /// No longer served: 410.
    Retired {
        /// Address of what to use instead.
        link: Option<String>,
    },
}

/// Where calls of an API version go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// `http://host:port/prefix` or `https://…` addresses, used in turn. The operation's path is appended to the prefix.
    pub targets: Vec<String>,
    /// Time to connect, milliseconds.
    pub connect_timeout_ms: u32,
    /// Time from first byte out to last byte in, milliseconds.
    pub deadline_ms: u32,
    /// Most requests at once to this upstream; more are refused.
    pub max_in_flight: u32,
    /// Name of the credential that the gateway's own configuration holds for this upstream; sent as
    /// `Authorization: Bearer`. Never the value: no secret is in a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Whether the partner's own `Authorization` header goes on to the upstream. Off: it ends here.
    #[serde(default)]
    pub pass_authorization: bool,
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            connect_timeout_ms: 2_000,
            deadline_ms: 30_000,
            max_in_flight: 1_024,
            credential: None,
            pass_authorization: false,
        }
    }
}

/// One operation: the unit of scope, limit and contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperationUnit {
    /// `operationId`, or `METHOD path` when the document has none. Unique in the version.
    pub name: String,
    /// HTTP method, upper case.
    pub method: String,
    /// Path template below the base path: `/accounts/{accountId}`.
    pub path: String,
    /// Who may call.
    pub access: Access,
    /// Highest class of data it handles; C2 and C3 never reach logs.
    pub data_class: DataClass,
    /// Largest request body, bytes.
    pub max_body_bytes: u64,
    /// Own deadline, milliseconds; else the upstream's.
    pub deadline_ms: Option<u32>,
    /// Rate limit over all callers.
    pub rate: Option<Rate>,
    /// Place of what requests must look like in the API's contract; without one they are not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<u32>,
}

/// Who may call an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "access")]
pub enum Access {
    /// Anyone, without a token.
    Public,
    /// An app with a valid token, a subscription to the API, and all of these scopes.
    App {
        /// Scopes, all needed.
        scopes: Vec<String>,
    },
    /// Any valid token of the issuer, without a subscription (plain proxying, benches).
    Token,
}

/// A rate: `requests` per `per_seconds`, with room for `burst` at once (GCRA).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Requests in the window.
    pub requests: u32,
    /// Window, seconds.
    pub per_seconds: u32,
    /// How many may come at once.
    pub burst: u32,
}

/// An admitted, active app. Apps that are not active are not in the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppUnit {
    /// The app; equals the token's `client_id`.
    pub id: AppId,
    /// Its partner.
    pub partner: PartnerId,
    /// Rate over all of the app's calls.
    pub rate: Option<Rate>,
    /// Rate over all of the partner's apps (the same in each of them).
    pub partner_rate: Option<Rate>,
    /// Active subscriptions.
    pub subscriptions: Vec<SubscriptionUnit>,
    /// SHA-256 thumbprints (hex) of registered certificates, for TLS client authentication.
    #[serde(default)]
    pub certificates: Vec<String>,
}

/// An active subscription of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionUnit {
    /// The subscription.
    pub id: SubscriptionId,
    /// To this API.
    pub api: ApiId,
    /// Rate of each operation under this subscription.
    pub rate: Option<Rate>,
    /// Requests per UTC day over all operations.
    pub quota_per_day: Option<u64>,
}

/// A token issuer that gateways trust.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssuerUnit {
    /// `iss` of its tokens (RFC 9068 §2.2).
    pub issuer: String,
    /// `aud` that its tokens must hold.
    pub audience: String,
    /// Public keys (RFC 7517 §5).
    pub jwks: serde_json::Value,
}

/// Tokens taken back before they expired.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Revocations {
    /// `jti` and when the token would have expired anyway.
    pub tokens: Vec<(String, Instant)>,
    /// Apps all of whose tokens issued before an instant are void.
    pub apps: Vec<(AppId, Instant)>,
    /// Consents that ended and when, while tokens that name them may live.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<(ConsentId, Instant)>,
}
