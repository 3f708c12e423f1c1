//! How consents end, and how others hear of it: row, audit link and event are one transaction, and the manager carries the
//! end to every gateway as it carries revoked tokens.

use crate::state::State;
use pano_oauth::Consent;
use pano_oauth::consent::{Revoker, WrongState};
use pano_store::audit::{Act, Actor, Subject};
use pano_store::consent::ConsentSweep;
use pano_store::outbox::Event;
use pano_store::{StoreError, Work, transact};
use pano_types::Instant;
use pano_types::id::{ConsentId, EventId};
use serde_json::json;
use std::time::Duration;

/// A request's rows are kept this long after its end, so that a code that is brought again is known for what it is.
const REQUESTS_KEPT: Duration = Duration::from_secs(86_400);
/// Consents that end by their time in one sweep.
const DUE: u32 = 200;

/// In which request something happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
}

/// What is written with every move of a consent.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    act: Act,
    event: Event,
}

impl Noted {
    /// Writes both. Last in a unit: whoever appends waits for others who did.
    pub(crate) async fn write(self, work: &mut Work<'_, '_>) -> Result<(), StoreError> {
        work.audit_append(self.act).await?;
        work.outbox_add(self.event).await.map(drop)
    }
}

impl State {
    /// What is written when `consent` has come to where it stands now. `verb`: `authorised`, `rejected`, `revoked`, `expired`.
    pub(crate) fn noted(&self, verb: &str, consent: &Consent, actor: Actor, now: Instant, trace: &Trace) -> Noted {
        let detail = json!({
            "app": consent.app, "partner": consent.partner, "customer": consent.state.customer(), "scopes": consent.scopes,
        });
        let act = Act {
            at: now,
            actor,
            action: format!("consent.{verb}"),
            subject: Subject::new("consent", consent.id),
            detail: detail.clone(),
            trace_id: trace.id.clone(),
        };
        let event = Event {
            id: EventId::new(now, self.deps.entropy.as_ref()),
            kind: format!("panorama.consent.{verb}"),
            source: "/identity".to_owned(),
            subject: Some(consent.id.to_string()),
            at: now,
            data: detail,
            traceparent: trace.parent.clone(),
        };
        Noted { act, event }
    }

    /// Takes a consent back. Whether it was in force.
    pub(crate) async fn consent_revoke(
        &self,
        id: ConsentId,
        revoker: &Revoker,
        why: &str,
        now: Instant,
        trace: &Trace,
    ) -> Result<bool, StoreError> {
        transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            Box::pin(async move {
                let Some(consent) = work.consent_by_id(id).await? else { return Ok(false) };
                let Ok(state) = consent.state.clone().revoked(revoker.clone(), why, now) else { return Ok(false) };
                let actor = match revoker {
                    Revoker::Partner => Actor::App(consent.app),
                    Revoker::Operator { operator } => Actor::Operator(*operator),
                    // The customer stands in the detail.
                    Revoker::Customer | Revoker::Rule => Actor::System,
                };
                let consent = Consent { state, ..consent };
                work.consent_update(&consent).await?;
                self.noted("revoked", &consent, actor, now, trace).write(&mut work).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Ends what has come to its time, and forgets what nobody needs.
    pub(crate) async fn consents_sweep(&self, now: Instant, limit: u32) -> Result<u64, StoreError> {
        let sweep = ConsentSweep { now, requests_before: now.minus(REQUESTS_KEPT), limit };
        transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            Box::pin(async move {
                let mut swept = work.consent_sweep(sweep).await?;
                for consent in work.consent_due(now, DUE).await? {
                    let state = match consent.state.clone().expired(now) {
                        Ok(state) => state,
                        Err(WrongState { .. }) => continue,
                    };
                    let consent = Consent { state, ..consent };
                    work.consent_update(&consent).await?;
                    self.noted("expired", &consent, Actor::System, now, &Trace::default()).write(&mut work).await?;
                    swept += 1;
                }
                Ok(swept)
            })
        })
        .await
    }
}
