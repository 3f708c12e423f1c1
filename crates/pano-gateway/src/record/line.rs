//! One access record as a line of JSON, written by hand into a reused buffer; `pano_snapshot::AccessRecord` reads it.

use crate::stamp;
use pano_types::{Code, Instant};

/// What a line says. The pieces that depend on operation and app alone are ready-made JSON.
#[derive(Debug)]
pub struct Line<'l> {
    /// Request id.
    pub id: &'l [u8],
    /// When the head was in.
    pub at: Instant,
    /// 32 hex digits.
    pub trace_id: &'l [u8],
    /// Peer's address.
    pub client: &'l str,
    /// Method.
    pub method: &'l str,
    /// `"route":…,"api":…,"version":…,"operation":…`
    pub operation: &'l [u8],
    /// `"app":…,"partner":…`
    pub app: &'l [u8],
    /// The subscription as a JSON string, or `null`.
    pub subscription: &'l [u8],
    /// Status answered.
    pub status: u16,
    /// Problem that the gateway answered with.
    pub code: Option<Code>,
    /// Whether it is metered.
    pub accepted: bool,
    /// Request body, bytes.
    pub bytes_in: u64,
    /// Response body, bytes.
    pub bytes_out: u64,
    /// From head in to record.
    pub duration_us: u64,
    /// Part of it spent waiting for the upstream.
    pub upstream_us: Option<u64>,
    /// Upstream attempts.
    pub attempts: u8,
}

/// The operation's part when there is none.
pub const NO_OPERATION: &[u8] = b"\"route\":null,\"api\":null,\"version\":null,\"operation\":null";
/// The app's part when there is none.
pub const NO_APP: &[u8] = b"\"app\":null,\"partner\":null";

impl Line<'_> {
    /// Appends the line with its newline.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(640);
        put(out, &[b"{\"id\":\"", self.id, b"\",\"at\":\""]);
        stamp::rfc3339(self.at, out);
        put(out, &[b"\",\"trace_id\":\"", self.trace_id, b"\",\"client\":\"", self.client.as_bytes()]);
        put(out, &[b"\",\"method\":\"", self.method.as_bytes(), b"\",", self.operation, b",", self.app]);
        put(out, &[b",\"subscription\":", self.subscription, b",\"status\":"]);
        stamp::number(u64::from(self.status), out);
        match self.code {
            Some(code) => put(out, &[b",\"code\":\"", code.text().as_bytes(), b"\""]),
            None => put(out, &[b",\"code\":null"]),
        }
        put(out, &[b",\"accepted\":", if self.accepted { b"true" } else { b"false" }, b",\"bytes_in\":"]);
        stamp::number(self.bytes_in, out);
        put(out, &[b",\"bytes_out\":"]);
        stamp::number(self.bytes_out, out);
        put(out, &[b",\"duration_us\":"]);
        stamp::number(self.duration_us, out);
        match self.upstream_us {
            Some(us) => {
                put(out, &[b",\"upstream_us\":"]);
                stamp::number(us, out);
            }
            None => put(out, &[b",\"upstream_us\":null"]),
        }
        put(out, &[b",\"attempts\":"]);
        stamp::number(u64::from(self.attempts), out);
        put(out, &[b"}\n"]);
    }
}

fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_snapshot::AccessRecord;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::{ApiId, AppId, PartnerId, SubscriptionId};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_reads_as_the_record_that_it_was_written_from(
            micros in 0i64..4_000_000_000_000_000, numbers in prop::array::uniform4(0u64..1 << 50), status in 100u16..600,
            accepted: bool, known: bool, attempts: u8, upstream in prop::option::of(0u64..1 << 40),
            route in "[ -~äöü\\\\\"]{0,20}", code in prop::option::of(prop::sample::select(Code::ALL)),
        ) {
            let (at, entropy) = (Instant::from_unix_micros(micros), SeededEntropy::new(status.into()));
            let text = |t: &str| serde_json::to_string(t).unwrap();
            let (api, app) = (ApiId::new(at, &entropy), AppId::new(at, &entropy));
            let (partner, subscription) = (PartnerId::new(at, &entropy), SubscriptionId::new(at, &entropy));
            let operation = format!("\"route\":{0},\"api\":\"{api}\",\"version\":{0},\"operation\":{0}", text(&route));
            let caller = format!("\"app\":\"{app}\",\"partner\":\"{partner}\"");
            let subscription_text = format!("\"{subscription}\"");
            let line = Line {
                id: b"abc-0-1f",
                at,
                trace_id: b"0af7651916cd43dd8448eb211c80319c",
                client: "::1",
                method: "GET",
                operation: if known { operation.as_bytes() } else { NO_OPERATION },
                app: if known { caller.as_bytes() } else { NO_APP },
                subscription: if known { subscription_text.as_bytes() } else { b"null" },
                status,
                code,
                accepted,
                bytes_in: numbers[0],
                bytes_out: numbers[1],
                duration_us: numbers[2],
                upstream_us: upstream,
                attempts,
            };
            let mut out = Vec::new();
            line.write(&mut out);
            prop_assert_eq!(out.pop(), Some(b'\n'));
            prop_assert!(!out.contains(&b'\n'));
            let expected = AccessRecord {
                id: "abc-0-1f".into(),
                at,
                trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
                client: "::1".into(),
                method: "GET".into(),
                route: known.then(|| route.clone()),
                api: known.then_some(api),
                version: known.then(|| route.clone()),
                operation: known.then(|| route.clone()),
                app: known.then_some(app),
                partner: known.then_some(partner),
                subscription: known.then_some(subscription),
                status,
                code: code.map(|c| c.text().into()),
                accepted,
                bytes_in: numbers[0],
                bytes_out: numbers[1],
                duration_us: numbers[2],
                upstream_us: upstream,
                attempts,
            };
            prop_assert_eq!(serde_json::from_slice::<AccessRecord>(&out).unwrap(), expected);
        }
    }
}
