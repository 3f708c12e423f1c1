//! The access record: the one line that the gateway writes for every request. Source of metering, audit and feedback.

use pano_types::Instant;
use pano_types::id::{ApiId, AppId, PartnerId, SubscriptionId};
use serde::{Deserialize, Serialize};

/// One request as the gateway saw it. Holds no token, no key, no C2 or C3 value: the path is the template, never what
/// stood in its parameters; query, headers and bodies are absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AccessRecord {
    /// Unique per request: `gateway instance + sequence`; also sent to partner and upstream as `X-Request-Id`.
    pub id: String,
    /// When the request head was in.
    pub at: Instant,
    /// Trace id (W3C Trace Context), 32 hex digits.
    pub trace_id: String,
    /// Address of the peer.
    pub client: String,
    /// HTTP method.
    pub method: String,
    /// Base path and template of the operation; `null` when no operation was found.
    pub route: Option<String>,
    /// API.
    pub api: Option<ApiId>,
    /// Version text.
    pub version: Option<String>,
    /// Operation name.
    pub operation: Option<String>,
    /// App, once identified.
    pub app: Option<AppId>,
    /// Its partner.
    pub partner: Option<PartnerId>,
    /// The subscription that permitted the call.
    pub subscription: Option<SubscriptionId>,
    /// Status answered.
    pub status: u16,
    /// Problem code, when the gateway itself answered with a problem.
    pub code: Option<String>,
    /// Whether the request passed every check and is metered (forwarded, or refused by the upstream side only).
    pub accepted: bool,
    /// Request body, bytes.
    pub bytes_in: u64,
    /// Response body, bytes.
    pub bytes_out: u64,
    /// From head in to record, microseconds.
    pub duration_us: u64,
    /// Part of it spent waiting for the upstream.
    pub upstream_us: Option<u64>,
    /// Upstream attempts made.
    pub attempts: u8,
}
