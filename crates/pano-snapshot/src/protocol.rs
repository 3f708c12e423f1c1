//! What gateway and manager say to each other. All calls carry the gateway role's own credential as a bearer token.
//!
//! | call | meaning |
//! |---|---|
//! | `GET /internal/v1/snapshot?digest=HEX&wait_ms=N` | the delta from the snapshot with that digest (or the whole, when unknown), held back up to N ms until there is one; 204 when nothing changed |
//! | `GET /internal/v1/contracts/{digest}` | the text of a contract that a unit names; 404 when nobody knows it |
//! | `POST /internal/v1/gateways/report` | [`GatewayReport`]: which snapshot runs; the manager shows drift |
//! | `POST /internal/v1/access-records` | [`RecordBatch`] in order; answered with [`RecordCursor`]; 409 with the true cursor when `from` is not it |

use crate::access::AccessRecord;
use pano_types::Instant;
use serde::{Deserialize, Serialize};

/// Path of the snapshot long poll.
pub const SNAPSHOT_PATH: &str = "/internal/v1/snapshot";
/// Path of contracts; the digest follows as a segment.
pub const CONTRACTS_PATH: &str = "/internal/v1/contracts";
/// Path of the gateway's report.
pub const REPORT_PATH: &str = "/internal/v1/gateways/report";
/// Path of access record shipping.
pub const RECORDS_PATH: &str = "/internal/v1/access-records";

/// What a gateway tells about itself, every few seconds and after every swap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayReport {
    /// Stable name of the instance (kept in its data folder).
    pub gateway: String,
    /// Software version.
    pub version: String,
    /// Since when it runs.
    pub started_at: Instant,
    /// Digest of the snapshot in use; `None` before the first.
    pub digest: Option<String>,
    /// Revision of the snapshot in use.
    pub revision: u64,
    /// Why the last delta was refused, if it was.
    pub last_error: Option<String>,
}

/// A run of access records, in the order of the gateway's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordBatch {
    /// The gateway instance, owner of the log.
    pub gateway: String,
    /// Position in its log before the first record (opaque, ordered; 0 at the start).
    pub from: u64,
    /// Position after the last.
    pub to: u64,
    /// The records between.
    pub records: Vec<AccessRecord>,
}

/// How far the manager has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordCursor {
    /// Position up to which every record is counted, once.
    pub cursor: u64,
}
