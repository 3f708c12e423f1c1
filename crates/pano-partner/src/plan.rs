//! Plans: the limits and quota that subscriptions are bound to.

use crate::name::Slug;
use pano_types::id::PlanId;
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};

/// A rate: `requests` per `per_seconds`, with room for `burst` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "RateForm", deny_unknown_fields)]
pub struct Rate {
    requests: u32,
    per_seconds: u32,
    burst: u32,
}

/// A rate as it is written, before it has been judged.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateForm {
    requests: u32,
    #[serde(default = "one")]
    per_seconds: u32,
    burst: Option<u32>,
}

const fn one() -> u32 {
    1
}

/// Why a rate was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate has 1 to 1,000,000 requests per 1 to 86,400 seconds and a burst of 1 to 1,000,000")]
pub struct RateError;

impl Rate {
    /// Checks and takes a rate.
    ///
    /// # Errors
    /// [`RateError`] when a number is out of range.
    pub fn new(requests: u32, per_seconds: u32, burst: u32) -> Result<Self, RateError> {
        let many = 1..=1_000_000;
        let good = many.contains(&requests) && many.contains(&burst) && (1..=86_400).contains(&per_seconds);
        if good { Ok(Self { requests, per_seconds, burst }) } else { Err(RateError) }
    }
    /// Requests in the window.
    pub const fn requests(self) -> u32 {
        self.requests
    }
    /// Window, seconds.
    pub const fn per_seconds(self) -> u32 {
        self.per_seconds
    }
    /// How many may come at once.
    pub const fn burst(self) -> u32 {
        self.burst
    }
    /// The more generous of two: by requests per second, then by burst.
    pub fn max(self, other: Self) -> Self {
        let speed = |r: Self, o: Self| (u64::from(r.requests) * u64::from(o.per_seconds), r.burst);
        if speed(other, self) > speed(self, other) { other } else { self }
    }
}

impl TryFrom<RateForm> for Rate {
    type Error = RateError;
    fn try_from(form: RateForm) -> Result<Self, RateError> {
        Self::new(form.requests, form.per_seconds, form.burst.unwrap_or(form.requests))
    }
}

/// What a plan allows. Absent: without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Over all calls of an app; of several plans the most generous holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_rate: Option<Rate>,
    /// For each operation of a subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_rate: Option<Rate>,
    /// Requests per UTC day over all operations of a subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_per_day: Option<u64>,
}

/// Limits and quota with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Identifier.
    pub id: PlanId,
    /// Unique short name; never changed.
    pub slug: Slug,
    /// Name on screens.
    pub name: Localized,
    /// What it allows. A change takes effect on every subscription under it.
    pub limits: Limits,
    /// No new subscriptions under it.
    pub retired: bool,
    /// The declared folder that owns it, if one does.
    pub managed_by: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_judged_when_read() {
        let read = |json: &str| serde_json::from_str::<Rate>(json);
        assert_eq!(read(r#"{"requests":5}"#).unwrap(), Rate::new(5, 1, 5).unwrap());
        for bad in [
            r#"{"requests":0}"#,
            r#"{"requests":1,"per_seconds":0}"#,
            r#"{"requests":1,"burst":0}"#,
            r#"{"requests":1000001}"#,
            r#"{"requests":1,"per_seconds":86401}"#,
            r#"{"requests":1,"per_second":1}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_more_generous_rate_wins() {
        let (slow, fast) = (Rate::new(100, 60, 100).unwrap(), Rate::new(2, 1, 2).unwrap());
        assert_eq!(slow.max(fast), fast);
        assert_eq!(fast.max(slow), fast);
        let bursty = Rate::new(2, 1, 9).unwrap();
        assert_eq!(fast.max(bursty), bursty);
    }
}
