//! The life of a signing key, and the trait behind which keys are kept.
//!
//! ```text
//! stage ─► next ─ activate (published long enough) ─► current ─ activate of its successor ─► retiring ─ sweep ─► removed
//!            └────────────────────────── withdraw (disclosed) ──────────────────────────────────┴──────────────────▲
//! ```
//!
//! A key is published before it signs, so that no verifier meets a token whose key it has not seen; and it stays published
//! until the last token it signed has expired. A retiring key cannot sign: its private half is gone by then.

use crate::jwk::PublicJwk;
use crate::key::{PrivateKeyError, Signer};
use pano_types::Instant;
use std::sync::Arc;
use std::time::Duration;

/// How many removed keys are remembered, so that a late token can be told from a forged one in an inquiry.
pub const REMOVED_KEPT_MAX: usize = 32;

/// When keys move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Age at which the current key is replaced; `None`: only on demand.
    pub rotate_every: Option<Duration>,
    /// How long a key is published before it may sign.
    pub publish_lead: Duration,
    /// How long a key stays published after it last signed: the longest token life, with room for clocks that differ.
    pub retire_after: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            rotate_every: Some(Duration::from_secs(30 * 86_400)),
            publish_lead: Duration::from_secs(60),
            retire_after: Duration::from_secs(15 * 60),
        }
    }
}

/// Where a key stands. `K` is the private half, or a handle to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State<K> {
    /// Published, does not sign yet.
    Next {
        /// Private half.
        key: K,
        /// Since when it is published.
        since: Instant,
    },
    /// The one that signs.
    Current {
        /// Private half.
        key: K,
        /// Since when it signs.
        since: Instant,
    },
    /// Signs no more, still verifies.
    Retiring {
        /// Until when it is published.
        until: Instant,
    },
    /// Neither signs nor verifies.
    Removed {
        /// Since when.
        at: Instant,
    },
}

impl<K> State<K> {
    /// The word used on screens, in files and on the wire.
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Next { .. } => "next",
            Self::Current { .. } => "current",
            Self::Retiring { .. } => "retiring",
            Self::Removed { .. } => "removed",
        }
    }
}

/// One key of a ring.
#[derive(Debug, Clone)]
pub struct Version<K> {
    /// The public half; its `kid` is set.
    pub public: PublicJwk,
    /// When it was made.
    pub created: Instant,
    /// Where it stands.
    pub state: State<K>,
}

impl<K> Version<K> {
    /// The key's id.
    pub fn kid(&self) -> &str {
        self.public.kid().unwrap_or_default()
    }
}

/// Why a key did not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is a staged key already.
    #[error("the key {0} is staged already")]
    AlreadyStaged(String),
    /// There is nothing to activate.
    #[error("no key is staged")]
    NothingStaged,
    /// Verifiers may not have seen it yet.
    #[error("the key may sign from {0} on, when it has been published long enough")]
    TooEarly(Instant),
    /// The ring has no key of this id.
    #[error("there is no key {0}")]
    Unknown(String),
    /// The key still signs; activate its successor first.
    #[error("the key {0} is the current one; activate its successor first")]
    Current(String),
    /// A stored ring that breaks the rules: two current keys, an id twice, a key without an id.
    #[error("the keys do not form a ring: {0}")]
    Broken(&'static str),
}

/// What the schedule asks for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Make a key and publish it.
    Stage,
    /// Let the staged key sign.
    Activate,
    /// Take keys off that nobody needs any more.
    Sweep,
}

/// The keys of one issuer, oldest first. At most one is next, at most one is current.
#[derive(Debug, Clone)]
pub struct Ring<K> {
    versions: Vec<Version<K>>,
}

impl<K> Default for Ring<K> {
    fn default() -> Self {
        Self { versions: Vec::new() }
    }
}

impl<K> Ring<K> {
    /// A ring as it was kept.
    ///
    /// # Errors
    /// [`Refusal::Broken`].
    pub fn restore(versions: Vec<Version<K>>) -> Result<Self, Refusal> {
        let count = |text: &str| versions.iter().filter(|v| v.state.text() == text).count();
        if count("next") > 1 || count("current") > 1 {
            return Err(Refusal::Broken("two keys are next, or two are current"));
        }
        let mut kids = std::collections::HashSet::new();
        if !versions.iter().all(|v| !v.kid().is_empty() && kids.insert(v.kid().to_owned())) {
            return Err(Refusal::Broken("a key id is missing or stands twice"));
        }
        Ok(Self { versions })
    }

    /// All keys, removed ones too.
    pub fn versions(&self) -> &[Version<K>] {
        &self.versions
    }

    /// What verifiers must know: next, current and retiring keys.
    pub fn published(&self) -> impl Iterator<Item = &Version<K>> {
        self.versions.iter().filter(|v| !matches!(v.state, State::Removed { .. }))
    }

    /// The key that signs, and its private half.
    pub fn current(&self) -> Option<(&Version<K>, &K)> {
        self.versions.iter().find_map(|v| match &v.state {
            State::Current { key, .. } => Some((v, key)),
            State::Next { .. } | State::Retiring { .. } | State::Removed { .. } => None,
        })
    }

    fn next(&self) -> Option<(&Version<K>, Instant)> {
        self.versions.iter().find_map(|v| match &v.state {
            State::Next { since, .. } => Some((v, *since)),
            State::Current { .. } | State::Retiring { .. } | State::Removed { .. } => None,
        })
    }

    /// Publishes a new key. `public` must carry a `kid`.
    ///
    /// # Errors
    /// When one is staged already, or the `kid` is missing or taken.
    pub fn stage(&mut self, key: K, public: PublicJwk, now: Instant) -> Result<(), Refusal> {
        if let Some((staged, _)) = self.next() {
            return Err(Refusal::AlreadyStaged(staged.kid().to_owned()));
        }
        if public.kid().is_none_or(|kid| self.versions.iter().any(|v| v.kid() == kid)) {
            return Err(Refusal::Broken("a key id is missing or stands twice"));
        }
        self.versions.push(Version { public, created: now, state: State::Next { key, since: now } });
        Ok(())
    }

    /// Lets the staged key sign and retires the one before. The first key of a ring need not wait: there is no token yet.
    ///
    /// # Errors
    /// When nothing is staged, or not for long enough.
    pub fn activate(&mut self, now: Instant, schedule: &Schedule) -> Result<(), Refusal> {
        let (_, since) = self.next().ok_or(Refusal::NothingStaged)?;
        let earliest = since.plus(schedule.publish_lead);
        if self.current().is_some() && now < earliest {
            return Err(Refusal::TooEarly(earliest));
        }
        for version in &mut self.versions {
            let retired = State::Retiring { until: now.plus(schedule.retire_after) };
            match &version.state {
                State::Current { .. } => version.state = retired,
                State::Next { .. } => {
                    if let State::Next { key, .. } = std::mem::replace(&mut version.state, retired) {
                        version.state = State::Current { key, since: now };
                    }
                }
                State::Retiring { .. } | State::Removed { .. } => {}
            }
        }
        Ok(())
    }

    /// Removes a next or retiring key at once: every token it signed is void from here on.
    ///
    /// # Errors
    /// When there is no such key, or it is the current one.
    pub fn withdraw(&mut self, kid: &str, now: Instant) -> Result<(), Refusal> {
        let unknown = || Refusal::Unknown(kid.to_owned());
        let version = self.versions.iter_mut().find(|v| v.public.kid() == Some(kid)).ok_or_else(unknown)?;
        match &version.state {
            State::Current { .. } => return Err(Refusal::Current(kid.to_owned())),
            State::Next { .. } | State::Retiring { .. } => version.state = State::Removed { at: now },
            State::Removed { .. } => {}
        }
        self.forget();
        Ok(())
    }

    /// Removes retiring keys whose last token has expired; says how many.
    pub fn sweep(&mut self, now: Instant) -> usize {
        let mut swept = 0;
        for version in &mut self.versions {
            if matches!(version.state, State::Retiring { until } if until <= now) {
                version.state = State::Removed { at: now };
                swept += 1;
            }
        }
        self.forget();
        swept
    }

    /// What should be done now, in this order.
    pub fn due(&self, now: Instant, schedule: &Schedule) -> Vec<Due> {
        let mut due = Vec::new();
        let old = |since: Instant| schedule.rotate_every.is_some_and(|every| since.plus(every) <= now);
        let current = self.versions.iter().find_map(|v| match v.state {
            State::Current { since, .. } => Some(since),
            State::Next { .. } | State::Retiring { .. } | State::Removed { .. } => None,
        });
        match self.next() {
            None if current.is_none_or(old) => due.push(Due::Stage),
            Some((_, since)) if current.is_none() || since.plus(schedule.publish_lead) <= now => {
                due.push(Due::Activate)
            }
            None | Some(_) => {}
        }
        if self.versions.iter().any(|v| matches!(v.state, State::Retiring { until } if until <= now)) {
            due.push(Due::Sweep);
        }
        due
    }

    fn forget(&mut self) {
        let removed = self.versions.iter().filter(|v| matches!(v.state, State::Removed { .. })).count();
        let mut surplus = removed.saturating_sub(REMOVED_KEPT_MAX);
        self.versions.retain(|v| {
            let drop = surplus > 0 && matches!(v.state, State::Removed { .. });
            surplus -= usize::from(drop);
            !drop
        });
    }
}

/// Why a key store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The rules of the ring forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A key could not be made or used.
    #[error("a signing key cannot be used")]
    Key(#[from] PrivateKeyError),
    /// No key has been activated yet.
    #[error("there is no current signing key")]
    Empty,
    /// Keeping or reading the keys failed.
    #[error("the key store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Where an issuer's signing keys live: an encrypted file, a PKCS#11 module, a key service. A move that was answered is
/// kept: it survives a crash.
pub trait KeyStore: Send + Sync {
    /// The current key, ready to sign. Cheap: called for every token.
    ///
    /// # Errors
    /// When there is none.
    fn signer(&self) -> Result<Arc<dyn Signer>, KeyStoreError>;
    /// All keys without their private halves, removed ones too.
    fn versions(&self) -> Vec<Version<()>>;
    /// Makes a key and publishes it; gives its id.
    ///
    /// # Errors
    /// As [`Ring::stage`], and when keeping it fails.
    fn stage(&self, now: Instant) -> Result<String, KeyStoreError>;
    /// As [`Ring::activate`].
    ///
    /// # Errors
    /// As [`Ring::activate`], and when keeping it fails.
    fn activate(&self, now: Instant, schedule: &Schedule) -> Result<(), KeyStoreError>;
    /// As [`Ring::withdraw`].
    ///
    /// # Errors
    /// As [`Ring::withdraw`], and when keeping it fails.
    fn withdraw(&self, kid: &str, now: Instant) -> Result<(), KeyStoreError>;
    /// As [`Ring::sweep`].
    ///
    /// # Errors
    /// When keeping it fails.
    fn sweep(&self, now: Instant) -> Result<usize, KeyStoreError>;
    /// As [`Ring::due`].
    fn due(&self, now: Instant, schedule: &Schedule) -> Vec<Due>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alg::Alg;
    use crate::key::SigningKey;

    const DAY: Duration = Duration::from_secs(86_400);
    const SCHEDULE: Schedule = Schedule {
        rotate_every: Some(Duration::from_secs(30 * 86_400)),
        publish_lead: Duration::from_secs(60),
        retire_after: Duration::from_secs(600),
    };

    fn public(kid: &str) -> PublicJwk {
        SigningKey::generate(Alg::EdDsa).unwrap().public().clone().with_kid(kid).unwrap()
    }
    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds)
    }
    fn states(ring: &Ring<u8>) -> String {
        ring.versions().iter().map(|v| format!("{}:{} ", v.kid(), v.state.text())).collect::<String>().trim_end().into()
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_until_its_tokens_are_gone() {
        let mut ring = Ring::default();
        assert_eq!(ring.due(at(0), &SCHEDULE), [Due::Stage]);
        ring.stage(1, public("a"), at(0)).unwrap();
        assert_eq!(ring.due(at(0), &SCHEDULE), [Due::Activate]);
        ring.activate(at(0), &SCHEDULE).unwrap();
        assert_eq!((ring.current().unwrap().1, states(&ring).as_str()), (&1, "a:current"));
        assert_eq!(ring.due(at(1), &SCHEDULE), []);

        let month = at(0).plus(30 * DAY);
        assert_eq!(ring.due(month, &SCHEDULE), [Due::Stage]);
        ring.stage(2, public("b"), month).unwrap();
        assert_eq!(states(&ring), "a:current b:next");
        let early = month.plus(Duration::from_secs(59));
        assert_eq!(ring.due(early, &SCHEDULE), []);
        assert_eq!(ring.activate(early, &SCHEDULE), Err(Refusal::TooEarly(month.plus(Duration::from_secs(60)))));
        let lead = month.plus(Duration::from_secs(60));
        ring.activate(lead, &SCHEDULE).unwrap();
        assert_eq!((ring.current().unwrap().1, states(&ring).as_str()), (&2, "a:retiring b:current"));
        assert_eq!(ring.published().count(), 2);
        assert_eq!(ring.sweep(lead.plus(Duration::from_secs(599))), 0);
        assert_eq!(ring.due(lead.plus(Duration::from_secs(600)), &SCHEDULE), [Due::Sweep]);
        assert_eq!(ring.sweep(lead.plus(Duration::from_secs(600))), 1);
        assert_eq!((ring.published().count(), states(&ring).as_str()), (1, "a:removed b:current"));
    }

    #[test]
    fn moves_that_break_the_ring_are_refused() {
        let mut ring = Ring::default();
        assert_eq!(ring.activate(at(0), &SCHEDULE), Err(Refusal::NothingStaged));
        ring.stage(1, public("a"), at(0)).unwrap();
        assert_eq!(ring.stage(2, public("b"), at(0)), Err(Refusal::AlreadyStaged("a".into())));
        ring.activate(at(0), &SCHEDULE).unwrap();
        assert!(matches!(ring.stage(2, public("a"), at(0)), Err(Refusal::Broken(_))));
        assert_eq!(ring.withdraw("a", at(1)), Err(Refusal::Current("a".into())));
        assert_eq!(ring.withdraw("x", at(1)), Err(Refusal::Unknown("x".into())));
        let twice = [ring.versions().to_vec(), ring.versions().to_vec()].concat();
        assert!(matches!(Ring::restore(twice), Err(Refusal::Broken(_))));
    }

    #[test]
    fn a_disclosed_key_goes_at_once_and_memory_stays_bounded() {
        let mut ring = Ring::default();
        let soon = Schedule { publish_lead: Duration::ZERO, ..SCHEDULE };
        for n in 0..50_u8 {
            ring.stage(n, public(&format!("k{n}")), at(i64::from(n))).unwrap();
            ring.activate(at(i64::from(n)), &soon).unwrap();
            if let Some(before) = n.checked_sub(1) {
                ring.withdraw(&format!("k{before}"), at(i64::from(n))).unwrap();
            }
        }
        assert_eq!(ring.published().map(Version::kid).collect::<Vec<_>>(), ["k49"]);
        assert_eq!(ring.versions().len(), REMOVED_KEPT_MAX + 1);
        assert!(Ring::restore(ring.versions().to_vec()).is_ok());
    }
}
