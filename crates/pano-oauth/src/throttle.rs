//! A brake on failing proofs that cannot lock anyone out.
//!
//! Who fails too often is told to slow down *instead of* what was wrong: guessing and probing get slower and quieter. It is
//! asked only after a proof has failed, so a client with a good signature is never refused, whatever others do under its
//! name or from its address. A signature cannot be guessed anyway; the brake saves logs and answers, not the secret.

use pano_types::Instant;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

/// Bounds of the brake.
#[derive(Debug, Clone, Copy)]
pub struct ThrottleRules {
    /// Failures in a row before the brake holds.
    pub burst: u32,
    /// Time in which one failure is forgiven.
    pub refill: Duration,
    /// Most senders remembered. More are let pass: the brake must not become a lever.
    pub senders_max: usize,
}

impl Default for ThrottleRules {
    fn default() -> Self {
        Self { burst: 20, refill: Duration::from_secs(3), senders_max: 10_000 }
    }
}

/// Failures by sender.
#[derive(Debug)]
pub struct Throttle {
    rules: ThrottleRules,
    /// When the sender would be forgiven everything (GCRA's theoretical arrival time).
    forgiven_at: HashMap<IpAddr, Instant>,
}

impl Throttle {
    /// Nobody has failed.
    pub fn new(rules: ThrottleRules) -> Self {
        Self { rules, forgiven_at: HashMap::new() }
    }

    /// How long the sender should wait, if it has failed too often. For secrets that can be guessed: there a right guess must
    /// wait too, or guessing would not get slower.
    pub fn held(&self, sender: IpAddr, now: Instant) -> Option<Duration> {
        let limit = now.plus(self.rules.refill.saturating_mul(self.rules.burst));
        let after = (*self.forgiven_at.get(&network(sender))?).max(now).plus(self.rules.refill);
        (after > limit).then(|| after.since(limit))
    }

    /// Notes a failure. `Some(wait)` when the sender has failed too often and should wait that long.
    pub fn failed(&mut self, sender: IpAddr, now: Instant) -> Option<Duration> {
        let sender = network(sender);
        if self.forgiven_at.len() >= self.rules.senders_max && !self.forgiven_at.contains_key(&sender) {
            self.forgiven_at.retain(|_, at| *at > now);
            if self.forgiven_at.len() >= self.rules.senders_max {
                return None;
            }
        }
        let debt = self.forgiven_at.entry(sender).or_insert(now);
        let limit = now.plus(self.rules.refill.saturating_mul(self.rules.burst));
        let after = (*debt).max(now).plus(self.rules.refill);
        if after > limit {
            return Some(after.since(limit));
        }
        *debt = after;
        None
    }
}

/// An IPv6 sender owns a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        },
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: ThrottleRules = ThrottleRules { burst: 3, refill: Duration::from_secs(10), senders_max: 2 };
    const NOW: Instant = Instant::from_unix_seconds(1_000);

    #[test]
    fn the_brake_holds_after_a_burst_and_lets_go_with_time() {
        let mut throttle = Throttle::new(RULES);
        let sender = "192.0.2.1".parse().unwrap();
        let other = "192.0.2.2".parse().unwrap();
        for _ in 0..3 {
            assert_eq!(throttle.failed(sender, NOW), None);
        }
        assert_eq!(throttle.failed(sender, NOW), Some(Duration::from_secs(10)));
        assert_eq!(throttle.held(sender, NOW), Some(Duration::from_secs(10)));
        assert_eq!((throttle.held(other, NOW), throttle.failed(other, NOW)), (None, None));
        let later = NOW.plus(Duration::from_secs(10));
        assert_eq!(throttle.failed(sender, later), None);
        assert!(throttle.failed(sender, later).is_some());
    }

    #[test]
    fn neighbours_in_a_network_share_and_memory_is_bounded() {
        let mut throttle = Throttle::new(RULES);
        for host in 1..=3 {
            assert_eq!(throttle.failed(format!("2001:db8::{host}").parse().unwrap(), NOW), None);
        }
        assert!(throttle.failed("2001:db8::99".parse().unwrap(), NOW).is_some());
        assert_eq!(throttle.failed("192.0.2.1".parse().unwrap(), NOW), None);
        for n in 0..50 {
            assert_eq!(throttle.failed(format!("198.51.100.{n}").parse().unwrap(), NOW), None);
        }
        assert_eq!(throttle.forgiven_at.len(), 2);
        let later = NOW.plus(Duration::from_secs(60));
        assert_eq!(throttle.failed("198.51.100.1".parse().unwrap(), later), None);
        assert_eq!(throttle.forgiven_at.len(), 1);
    }
}
