//! How signing keys move, and how verifiers learn of it.
//!
//! The key store holds the ring; the store's `issuer` row is what the manager puts into every snapshot. The row follows the
//! ring, and a key is activated only when the row with it has stood for the publish lead.

use crate::options::Deps;
use pano_crypto::jwks;
use pano_crypto::ring::{Due, KeyStoreError, Schedule, State, Version};
use pano_crypto::{KeySet, PublicJwk, Signer};
use pano_oauth::access::Issuing;
use pano_store::audit::{Act, Actor, Subject};
use pano_store::outbox::Event;
use pano_store::token::Issuer;
use pano_store::{StoreError, transact};
use pano_types::Instant;
use pano_types::id::EventId;
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Why keys did not move.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key store refused or failed.
    #[error("the key store refused")]
    Keys(#[from] KeyStoreError),
    /// The store failed.
    #[error("publishing the keys failed")]
    Store(#[from] StoreError),
    /// The published keys cannot be read back.
    #[error("the published keys cannot be used")]
    Published(#[from] jwks::Error),
}

/// A signing key as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KeyView {
    /// Key id.
    pub kid: String,
    /// Algorithm.
    pub alg: String,
    /// `next`, `current`, `retiring`, `removed`.
    pub state: String,
    /// Since when; for `retiring`: until when.
    pub at: Instant,
    /// When it was made.
    pub created_at: Instant,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Rotated {
    /// The new key.
    pub kid: String,
    /// From when it signs.
    pub signs_from: Instant,
}

/// What verifiers are told, in the two forms that we use.
pub(crate) struct Published {
    pub(crate) jwks: Value,
    pub(crate) set: KeySet,
}

pub(crate) struct Keys {
    deps: Deps,
    issuer: String,
    audience: String,
    schedule: Schedule,
    published: RwLock<Arc<Published>>,
    /// When the row in the store last changed, as far as this process knows.
    row_changed: Mutex<Option<Instant>>,
    /// One move at a time.
    moving: tokio::sync::Mutex<()>,
}

impl Keys {
    pub(crate) fn new(deps: Deps, issuing: &Issuing, schedule: Schedule) -> Self {
        let nothing = Published { jwks: jwks::to_json([]), set: KeySet::default() };
        Self {
            deps,
            issuer: issuing.issuer.clone(),
            audience: issuing.audience.clone(),
            schedule,
            published: RwLock::new(Arc::new(nothing)),
            row_changed: Mutex::new(None),
            moving: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn signer(&self) -> Result<Arc<dyn Signer>, KeyStoreError> {
        self.deps.keys.signer()
    }

    pub(crate) fn published(&self) -> Arc<Published> {
        Arc::clone(&self.published.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How long others may keep the key set: half the lead, so that they have a new key before it signs.
    pub(crate) fn cache_seconds(&self) -> u64 {
        self.schedule.publish_lead.as_secs() / 2
    }

    pub(crate) fn views(&self) -> Vec<KeyView> {
        self.deps.keys.versions().iter().map(view).collect()
    }

    /// Publishes what stands in the ring, then does what the schedule asks for. Called at the start and by the clock.
    pub(crate) async fn tick(&self, now: Instant) -> Result<(), KeyError> {
        let _moving = self.moving.lock().await;
        self.publish(now).await?;
        for due in self.deps.keys.due(now, &self.schedule) {
            match due {
                Due::Stage => {
                    let kid = self.deps.keys.stage(now)?;
                    self.publish_move(now, "key.staged", &kid, Actor::System, "").await?;
                    // The first key of all signs at once: there is nothing yet that it could confuse.
                    if self.deps.keys.signer().is_err() {
                        self.activate(now, &kid, &self.schedule, Actor::System, "").await?;
                    }
                }
                Due::Activate if self.row_has_stood(now) => {
                    let kid = self.next().unwrap_or_default();
                    self.activate(now, &kid, &self.schedule, Actor::System, "").await?;
                }
                Due::Activate => {}
                Due::Sweep => {
                    self.deps.keys.sweep(now)?;
                    self.publish(now).await?;
                }
            }
        }
        Ok(())
    }

    /// Makes a new key; the schedule lets it sign when it has been published for the lead.
    pub(crate) async fn rotate(&self, now: Instant, actor: Actor, trace_id: &str) -> Result<Rotated, KeyError> {
        let _moving = self.moving.lock().await;
        let kid = self.deps.keys.stage(now)?;
        self.publish_move(now, "key.staged", &kid, actor, trace_id).await?;
        Ok(Rotated { kid, signs_from: now.plus(self.schedule.publish_lead) })
    }

    /// The current key is disclosed: a new one signs at once, and every token of the old one is void. Tokens of the first
    /// moment may be refused by gateways that have not yet heard.
    pub(crate) async fn rotate_urgently(
        &self,
        now: Instant,
        actor: Actor,
        trace_id: &str,
    ) -> Result<Rotated, KeyError> {
        let _moving = self.moving.lock().await;
        let disclosed = self.deps.keys.signer()?.kid().to_owned();
        let kid = match self.next() {
            Some(kid) => kid,
            None => self.deps.keys.stage(now)?,
        };
        self.publish_move(now, "key.staged", &kid, actor, trace_id).await?;
        let at_once = Schedule { publish_lead: std::time::Duration::ZERO, ..self.schedule };
        self.activate(now, &kid, &at_once, actor, trace_id).await?;
        self.deps.keys.withdraw(&disclosed, now)?;
        self.publish_move(now, "key.withdrawn", &disclosed, actor, trace_id).await?;
        Ok(Rotated { kid, signs_from: now })
    }

    async fn activate(
        &self,
        now: Instant,
        kid: &str,
        schedule: &Schedule,
        actor: Actor,
        trace_id: &str,
    ) -> Result<(), KeyError> {
        self.deps.keys.activate(now, schedule)?;
        self.publish_move(now, "key.activated", kid, actor, trace_id).await
    }

    fn next(&self) -> Option<String> {
        self.deps.keys.versions().iter().find(|v| matches!(v.state, State::Next { .. })).map(|v| v.kid().to_owned())
    }

    fn row_has_stood(&self, now: Instant) -> bool {
        let changed = *self.row_changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.is_none_or(|at| at.plus(self.schedule.publish_lead) <= now)
    }

    async fn publish(&self, now: Instant) -> Result<(), KeyError> {
        self.write(now, None).await
    }

    async fn publish_move(
        &self,
        now: Instant,
        action: &'static str,
        kid: &str,
        actor: Actor,
        trace_id: &str,
    ) -> Result<(), KeyError> {
        let act = Act {
            at: now,
            actor,
            action: action.to_owned(),
            subject: Subject::new("signing_key", kid),
            detail: json!({ "issuer": self.issuer }),
            trace_id: trace_id.to_owned(),
        };
        tracing::info!(kid, action, "signing key moved");
        self.write(now, Some(act)).await
    }

    /// Brings the row in the store up to the ring, with an event when it changed and an audit link when there is an act.
    async fn write(&self, now: Instant, act: Option<Act>) -> Result<(), KeyError> {
        let versions = self.deps.keys.versions();
        let public = versions.iter().filter(|v| !matches!(v.state, State::Removed { .. })).map(|v| &v.public);
        let jwks = jwks::to_json(public.collect::<Vec<&PublicJwk>>());
        let issuer = Issuer { issuer: self.issuer.clone(), audience: self.audience.clone(), jwks: jwks.clone() };
        let event = Event {
            id: EventId::new(now, self.deps.entropy.as_ref()),
            kind: "panorama.issuer.changed".to_owned(),
            source: "/identity".to_owned(),
            subject: Some(self.issuer.clone()),
            at: now,
            data: json!({ "keys": versions.iter().map(view).collect::<Vec<_>>() }),
            traceparent: None,
        };
        let changed = transact::<_, StoreError, _>(self.deps.store.as_ref(), |mut work| {
            let (issuer, act, event) = (issuer.clone(), act.clone(), event.clone());
            Box::pin(async move {
                let changed = work.issuer_put(&issuer).await?;
                if let Some(act) = act {
                    work.audit_append(act).await?;
                }
                if changed {
                    work.outbox_add(event).await?;
                }
                Ok(changed)
            })
        })
        .await?;
        if changed {
            *self.row_changed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        }
        let set = KeySet::parse(&jwks)?;
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Published { jwks, set });
        Ok(())
    }
}

fn view(version: &Version<()>) -> KeyView {
    let at = match version.state {
        State::Next { since, .. } | State::Current { since, .. } => since,
        State::Retiring { until } => until,
        State::Removed { at } => at,
    };
    KeyView {
        kid: version.kid().to_owned(),
        alg: version.public.alg().text().to_owned(),
        state: version.state.text().to_owned(),
        at,
        created_at: version.created,
    }
}
