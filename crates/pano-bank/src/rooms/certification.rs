//! Certification: an app shows by its own calls that it is fit to go live. The rules are in [`pano_partner::certification`].
//!
//! [`watch`] stands around every call of an app with an open run: it tells the run what the sandbox answered, and carries out
//! the two drills. What the gateway and the token service saw is looked up when the run is read ([`look`]), and a run that
//! has passed leaves its certificate with the app ([`keep`]), with the call that passed it or with the next look.

mod run;
mod wire;

use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::failure::Error;
use crate::wire::Listed;
use crate::world::Kind;
use pano_http::idempotency::REPLAYED;
use pano_partner::Certificate;
use pano_partner::certification::script::{LIMITED, PAYMENTS};
use pano_partner::certification::{DRILL_WAIT, Drill, Observation, Profile, Run, Sight, Source, Standing};
use pano_store::outbox::Event;
use pano_store::usage::Search;
use pano_store::{Store, StoreError, transact};
use pano_types::id::{AppId, CertificationId, EventId};
use pano_types::{Code, Entropy, Instant, PageRequest};
use run::{Lost, OpenRun, Waiting};
use serde::Deserialize;
use serde_json::json;
use std::sync::{Mutex, PoisonError};

pub(crate) const ROOM: Room = Room {
    document: Document::new("product-quality-assurance", include_str!("../../openapi/product-quality-assurance.yaml")),
    operations: &[
        get("/certification-scripts", "listCertificationScripts", scripts),
        post("/certification-runs", "initiateCertificationRun", start).keyed(),
        get("/certification-runs", "listCertificationRuns", list).looking(),
        get("/certification-runs/{runId}", "retrieveCertificationRun", retrieve).looking(),
    ],
    kinds: &[Kind::of::<OpenRun>()],
    seed: None,
};

/// What others saw of the app lately, and the certificate of a run that the call found to have passed.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    seen: Vec<Seen>,
    passed: Mutex<Option<Certificate>>,
}

impl Outside {
    /// Has a run's certificate kept, if it has passed. A call may run again: the last time counts.
    fn hand_on(&self, run: Option<&Run>) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner) = run.and_then(Run::certificate);
    }
}

#[derive(Debug)]
struct Seen {
    at: Instant,
    source: Source,
    operation: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    trace_id: Option<String>,
}

/// Looks up what the token service and the gateway saw of the app.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn look(store: &dyn Store, app: &str) -> Result<Outside, Error> {
    let Ok(app) = app.parse::<AppId>() else { return Ok(Outside::default()) };
    let mut unit = store.read().await?;
    let used = unit.credential_list(app).await?.into_iter().filter_map(|credential| credential.last_used_at).max();
    let token =
        |at| Seen { at, source: Source::TokenService, operation: None, status: None, code: None, trace_id: None };
    let mut seen: Vec<Seen> = used.map(token).into_iter().collect();
    for code in refusals() {
        // The latest is enough: one from before the run counts for nothing, and then there is none after it.
        let search = Search { app: Some(app), code: Some(code.to_owned()), ..Search::default() };
        let found = unit.access_search(&search, &PageRequest::new(None, Some(1))).await?;
        seen.extend(found.items.into_iter().map(|record| Seen {
            at: record.at,
            source: Source::Gateway,
            operation: record.operation,
            status: Some(record.status),
            code: record.code,
            trace_id: Some(record.trace_id),
        }));
    }
    Ok(Outside { seen, passed: Mutex::default() })
}

/// The refusals of the gateway that any script asks for.
fn refusals() -> impl Iterator<Item = &'static str> {
    let codes = |sight: Sight| if let Sight::Refused(codes) = sight { codes } else { &[] };
    Profile::Payment.script().steps().flat_map(move |step| codes(step.sight)).copied()
}

/// Leaves the certificate of a run that was found to have passed with the app.
///
/// # Errors
/// When the store cannot be written; the next look at the run tries again.
pub(crate) async fn keep(
    store: &dyn Store,
    entropy: &dyn Entropy,
    now: Instant,
    outside: &Outside,
) -> Result<(), Error> {
    let passed = outside.passed.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(certificate) = &passed else { return Ok(()) };
    if store.read().await?.certificate_by_id(certificate.id).await?.is_some() {
        return Ok(());
    }
    let kept: Result<(), StoreError> = transact(store, move |mut unit| {
        Box::pin(async move {
            if unit.certificate_add(certificate).await? {
                let data = json!({
                    "kind": "app",
                    "detail": { "certificate": certificate.id, "profile": certificate.profile },
                });
                let event = Event {
                    id: EventId::new(now, entropy),
                    kind: "panorama.app.certified".to_owned(),
                    source: "/bank".to_owned(),
                    subject: Some(certificate.app.to_string()),
                    at: now,
                    data,
                    traceparent: None,
                };
                unit.outbox_add(event).await?;
            }
            Ok(())
        })
    })
    .await;
    Ok(kept?)
}

/// Carries out a call, and tells the app's open run, if it has one, what came of it.
pub(crate) fn watch(
    call: &mut Call<'_>,
    operation: &'static str,
    input: &Input,
    work: impl FnOnce(&mut Call<'_>) -> Result<Answer, Refusal>,
) -> Result<Answer, Refusal> {
    let now = call.world.machine_now();
    input.outside.hand_on(None);
    let open = call.world.under::<OpenRun>(run::OPEN, call.app).next_back();
    let Some(mut open) = open.filter(|open| open.run.standing(now) == Standing::Running).cloned() else {
        return work(call);
    };
    if operation == LIMITED && open.waiting.strikes(now) {
        open.waiting = Waiting::Until(now.plus(DRILL_WAIT));
        call.world.put(open);
        return Err(Refusal::from(Code::RateLimited).kept().retry_after(DRILL_WAIT.as_secs()));
    }
    let outcome = work(call);
    let seen = Told { operation, trace_id: trace_id(input), now };
    match outcome {
        Ok(answer) => answered(call, open, &seen, input, answer),
        Err(refusal) => {
            let Some(code) = refusal.code() else { return Err(refusal) };
            if !refusal.is_kept() {
                call.world.undo();
            }
            let met = open.run.observe(&seen.observation(code.status(), Some(code.text()), None));
            if met {
                input.outside.hand_on(Some(&open.run));
                call.world.put(open);
            }
            Err(if met { refusal.kept() } else { refusal })
        }
    }
}

/// What is told of a call.
struct Told<'t> {
    operation: &'static str,
    trace_id: Option<&'t str>,
    now: Instant,
}

impl<'t> Told<'t> {
    const fn observation(&self, status: u16, code: Option<&'t str>, drill: Option<Drill>) -> Observation<'t> {
        Observation {
            at: self.now,
            source: Source::Sandbox,
            operation: Some(self.operation),
            status: Some(status),
            code,
            trace_id: self.trace_id,
            drill,
        }
    }
}

fn answered(
    call: &mut Call<'_>,
    mut open: OpenRun,
    seen: &Told<'_>,
    input: &Input,
    answer: Answer,
) -> Result<Answer, Refusal> {
    let key = input.header("idempotency-key").unwrap_or_default();
    let replayed = answer.headers.iter().any(|(name, _)| name == REPLAYED);
    let pays = PAYMENTS.contains(&seen.operation);
    let paid_before = open.run.evidence("payment").is_some();
    let mut drill = None;
    if seen.operation == LIMITED && open.waiting != Waiting::Done {
        open.waiting = Waiting::Done;
        drill = Some(Drill::Waited);
    }
    if pays && replayed && open.lost == Lost::Answer(key.to_owned()) {
        open.lost = Lost::Done;
        drill = Some(Drill::Repeated);
    }
    // Another payment in place of a repetition loses its answer too: nobody passes by ordering anew.
    let lose = pays && !replayed && paid_before && open.lost != Lost::Done;
    if lose {
        open.lost = Lost::Answer(key.to_owned());
    }
    let met = !lose && open.run.observe(&seen.observation(answer.status, None, drill));
    if met || lose || drill.is_some() {
        if met {
            input.outside.hand_on(Some(&open.run));
        }
        call.world.put(open);
    }
    // The payment stays; only its answer is lost.
    if lose { Err(Refusal::from(Code::Unavailable).kept().retry_after(1)) } else { Ok(answer) }
}

/// The trace id of `traceparent` (W3C Trace Context, section 3.2).
fn trace_id(input: &Input) -> Option<&str> {
    let id = input.header("traceparent")?.split('-').nth(1)?;
    (id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))).then_some(id)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn scripts(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("certification-scripts", query.cursor.as_deref(), query.limit)?;
    let key = |profile: &Profile| profile.text().to_owned();
    Answer::ok(&Listed::ascending("certification-scripts", &page, Profile::ALL.into_iter(), key, wire::Script::new))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunForm {
    profile: Profile,
}

fn start(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let RunForm { profile } = input.body()?;
    let now = call.world.machine_now();
    let app: AppId = call.app.parse().map_err(|_| {
        Refusal::from(Code::Conflict).detail("only a registered app can be certified", "仅已登记的应用可以认证")
    })?;
    let running =
        call.world.under::<OpenRun>(run::OPEN, call.app).any(|open| open.run.standing(now) == Standing::Running);
    if running {
        return Err(Refusal::from(Code::Conflict).detail("a run of the app is open", "该应用已有进行中的认证"));
    }
    let id = CertificationId::new(now, call.random());
    let open = OpenRun::new(Run::start(id, app, profile, now));
    let answer = Answer::created(format!("certification-runs/{id}"), &wire::RunView::new(&open.run, now));
    call.world.put(open);
    answer
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("certification-runs", query.cursor.as_deref(), query.limit)?;
    let open = call.world.under::<OpenRun>(run::OPEN, call.app).next_back().map(|open| open.run.id);
    if let Some(id) = open {
        catch_up(call, input, id);
    }
    // One that died between a run's end and its certificate makes up for it here.
    let passed = |open: &&OpenRun| open.run.passed_at.is_some();
    let latest = call.world.under::<OpenRun>(run::BY_APP, call.app).rev().find(passed);
    input.outside.hand_on(latest.map(|open| &open.run));
    let now = call.world.machine_now();
    let runs = call.world.under::<OpenRun>(run::BY_APP, call.app).rev();
    let view = |open: &OpenRun| wire::RunView::new(&open.run, now);
    Answer::ok(&Listed::descending("certification-runs", &page, runs, |open| open.run.id.to_string(), view))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id: CertificationId = input.id("runId", Code::NotFound)?;
    call.world.get::<OpenRun>(&id).filter(|open| open.app == call.app).ok_or(Code::NotFound)?;
    catch_up(call, input, id);
    let open = call.world.get::<OpenRun>(&id).ok_or(Code::NotFound)?;
    Answer::ok(&wire::RunView::new(&open.run, call.world.machine_now()))
}

/// Tells a run what others saw, and hands on its certificate when it has passed.
fn catch_up(call: &mut Call<'_>, input: &Input, id: CertificationId) {
    let Some(mut open) = call.world.get::<OpenRun>(&id).cloned() else { return };
    let mut met = false;
    for seen in &input.outside.seen {
        met |= open.run.observe(&Observation {
            at: seen.at,
            source: seen.source,
            operation: seen.operation.as_deref(),
            status: seen.status,
            code: seen.code.as_deref(),
            trace_id: seen.trace_id.as_deref(),
            drill: None,
        });
    }
    input.outside.hand_on(Some(&open.run));
    if met {
        call.world.put(open);
    }
}
