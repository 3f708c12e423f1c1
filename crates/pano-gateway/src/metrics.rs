//! Counters and their Prometheus text (exposition format 0.0.4). Labels are bounded: API short names, status classes, problem codes.
//!
//! Counters are plain atomics, one set per API, incremented without a lock; the text is made when it is asked for.

use crate::shared::Shared;
use pano_types::Code;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Upper bounds of the latency buckets, microseconds.
const BUCKETS: [u64; 12] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// Names, with what they mean.
const NAMES: &[(&str, &str, &str)] = &[
    ("panorama_gateway_requests_total", "counter", "Requests answered, by API and status class."),
    ("panorama_gateway_problems_total", "counter", "Requests that the gateway itself refused, by problem code."),
    ("panorama_gateway_request_seconds", "histogram", "From head in to record, by API."),
    ("panorama_gateway_upstream_seconds_total", "counter", "Time spent waiting for upstreams, by API."),
    ("panorama_gateway_upstream_failures_total", "counter", "Calls that upstreams failed, by API."),
    ("panorama_gateway_breakers_open", "gauge", "Operations whose circuit breaker is open."),
    ("panorama_gateway_connections", "gauge", "Downstream connections."),
    ("panorama_gateway_tokens_remembered", "gauge", "Verified tokens in memory."),
    ("panorama_gateway_token_lookups_total", "counter", "Looked-up tokens, by whether they were remembered."),
    ("panorama_gateway_log_position", "gauge", "End of the access log, bytes ever written."),
    ("panorama_gateway_log_lag_bytes", "gauge", "Bytes of the access log that the manager has not counted yet."),
    ("panorama_gateway_log_failures_total", "counter", "Batches of access records that could not be written."),
    ("panorama_gateway_snapshot_revision", "gauge", "Revision of the snapshot in use."),
    ("panorama_gateway_snapshot_refused_total", "counter", "Snapshots that were refused."),
];

/// Counters of one API.
#[derive(Debug, Default)]
pub struct ApiStats {
    classes: [AtomicU64; 5],
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    sum_us: AtomicU64,
    upstream_us: AtomicU64,
    upstream_failures: AtomicU64,
}

impl ApiStats {
    /// Counts one answered request.
    pub fn count(&self, status: u16, duration_us: u64, upstream_us: Option<u64>) {
        if let Some(class) = self.classes.get(usize::from(status / 100).wrapping_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(bucket) = BUCKETS.iter().position(|max| duration_us <= *max).and_then(|at| self.buckets.get(at)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(duration_us, Ordering::Relaxed);
        if let Some(us) = upstream_us {
            self.upstream_us.fetch_add(us, Ordering::Relaxed);
        }
    }
    /// Counts a call that the upstream failed.
    pub fn upstream_failed(&self) {
        self.upstream_failures.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counters of the whole gateway.
#[derive(Debug)]
pub struct Totals {
    problems: Vec<AtomicU64>,
    /// Requests that led to no API.
    pub unrouted: Arc<ApiStats>,
    /// Downstream connections.
    pub connections: AtomicU64,
    /// Verified tokens in memory.
    pub tokens: AtomicU64,
    /// Tokens that were remembered.
    pub token_hits: AtomicU64,
    /// Tokens that were not.
    pub token_misses: AtomicU64,
    /// Batches of records that could not be written.
    pub log_failures: AtomicU64,
    /// Position up to which the manager has counted.
    pub log_cursor: AtomicU64,
    /// Snapshots that were refused.
    pub snapshots_refused: AtomicU64,
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            problems: Code::ALL.iter().map(|_| AtomicU64::new(0)).collect(),
            unrouted: Arc::default(),
            connections: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
            token_hits: AtomicU64::new(0),
            token_misses: AtomicU64::new(0),
            log_failures: AtomicU64::new(0),
            log_cursor: AtomicU64::new(0),
            snapshots_refused: AtomicU64::new(0),
        }
    }
}

impl Totals {
    /// Counts one problem answered.
    pub fn problem(&self, code: Code) {
        if let Some(at) = Code::ALL.iter().position(|c| *c == code).and_then(|at| self.problems.get(at)) {
            at.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// All metrics as text.
pub fn text(shared: &Shared) -> String {
    let mut out = String::with_capacity(8 << 10);
    for (name, kind, help) in NAMES {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        values(&mut out, name, shared);
    }
    out
}

fn values(out: &mut String, name: &str, shared: &Shared) {
    let totals = &shared.totals;
    let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let mut apis = shared.registry.all_stats();
    apis.push(("-".into(), Arc::clone(&totals.unrouted)));
    apis.sort_by(|a, b| a.0.cmp(&b.0));
    let single = match name {
        "panorama_gateway_requests_total" => {
            for (slug, stats) in &apis {
                for (class, counter) in stats.classes.iter().enumerate().filter(|(_, c)| get(c) > 0) {
                    let _ = writeln!(out, "{name}{{api=\"{slug}\",class=\"{}xx\"}} {}", class + 1, get(counter));
                }
            }
            return;
        }
        "panorama_gateway_problems_total" => {
            for (code, counter) in Code::ALL.iter().zip(&totals.problems).filter(|(_, c)| get(c) > 0) {
                let _ = writeln!(out, "{name}{{code=\"{}\"}} {}", code.text(), get(counter));
            }
            return;
        }
        "panorama_gateway_request_seconds" => {
            apis.iter()
                .filter(|(_, stats)| get(&stats.count) > 0)
                .for_each(|(slug, stats)| histogram(out, name, slug, stats));
            return;
        }
        "panorama_gateway_upstream_seconds_total" => {
            for (slug, stats) in &apis {
                let _ = writeln!(out, "{name}{{api=\"{slug}\"}} {}", get(&stats.upstream_us) as f64 / 1e6);
            }
            return;
        }
        "panorama_gateway_upstream_failures_total" => {
            for (slug, stats) in &apis {
                let _ = writeln!(out, "{name}{{api=\"{slug}\"}} {}", get(&stats.upstream_failures));
            }
            return;
        }
        "panorama_gateway_token_lookups_total" => {
            let _ = writeln!(out, "{name}{{found=\"true\"}} {}", get(&totals.token_hits));
            let _ = writeln!(out, "{name}{{found=\"false\"}} {}", get(&totals.token_misses));
            return;
        }
        "panorama_gateway_breakers_open" => {
            shared.registry.all_operations().iter().filter(|o| o.breaker.is_open()).count() as u64
        }
        "panorama_gateway_connections" => get(&totals.connections),
        "panorama_gateway_tokens_remembered" => get(&totals.tokens),
        "panorama_gateway_log_position" => shared.log.as_ref().map_or(0, |log| log.end()),
        "panorama_gateway_log_lag_bytes" => {
            shared.log.as_ref().map_or(0, |log| log.end().saturating_sub(get(&totals.log_cursor)))
        }
        "panorama_gateway_log_failures_total" => get(&totals.log_failures),
        "panorama_gateway_snapshot_revision" => shared.compiled.load().as_ref().map_or(0, |c| c.revision),
        "panorama_gateway_snapshot_refused_total" => get(&totals.snapshots_refused),
        _ => return,
    };
    let _ = writeln!(out, "{name} {single}");
}

fn histogram(out: &mut String, name: &str, slug: &str, stats: &ApiStats) {
    let mut below = 0;
    for (max, bucket) in BUCKETS.iter().zip(&stats.buckets) {
        below += bucket.load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}_bucket{{api=\"{slug}\",le=\"{}\"}} {below}", *max as f64 / 1e6);
    }
    let count = stats.count.load(Ordering::Relaxed);
    let _ = writeln!(out, "{name}_bucket{{api=\"{slug}\",le=\"+Inf\"}} {count}");
    let _ = writeln!(out, "{name}_sum{{api=\"{slug}\"}} {}", stats.sum_us.load(Ordering::Relaxed) as f64 / 1e6);
    let _ = writeln!(out, "{name}_count{{api=\"{slug}\"}} {count}");
}
