//! One way to change anything: change, audit links, events and the remembered answer in one transaction.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use pano_http::{Context, Etag, IdempotencyKey, Idempotent};
use pano_partner::Step;
use pano_store::audit::{Act, Actor, Subject};
use pano_store::outbox::Event;
use pano_store::partner::RememberedAnswer;
use pano_store::{StoreError, UnitOfWork};
use pano_types::id::{EventId, OperatorId};
use pano_types::{Code, Instant};
use serde::Serialize;
use serde_json::{Value, json};
use std::pin::Pin;

use crate::call::Call;
use crate::error::{Error, Result};
use crate::state::Manager;

/// Tries of one transaction before it is given up as busy.
const ATTEMPTS: u32 = 8;

/// A change under way: its transaction, who makes it, and what will be told of it.
pub struct Change {
    /// The transaction.
    pub unit: Box<dyn UnitOfWork>,
    /// When it began; the time of everything in it.
    pub now: Instant,
    manager: Manager,
    author: Author,
    notes: Vec<Note>,
}

/// Who makes a change, in which request.
#[derive(Debug, Clone)]
pub struct Author {
    /// As the audit trail names them.
    pub actor: Actor,
    /// The request.
    pub context: Context,
    /// The caller, unless nobody has signed in yet.
    pub call: Option<Call>,
}

#[derive(Debug)]
struct Note {
    action: String,
    subject: Subject,
    detail: Value,
}

/// What a change answers.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    generation: Option<u64>,
    location: Option<String>,
    body: Value,
    once: Option<&'static str>,
}

impl Reply {
    /// 200 with a body.
    ///
    /// # Errors
    /// When the body cannot be serialised, which is a defect.
    pub fn ok(body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_value(body).map_err(Error::internal)?;
        Ok(Self { status: StatusCode::OK, generation: None, location: None, body, once: None })
    }
    /// 201 with `Location` and a body.
    ///
    /// # Errors
    /// As [`Self::ok`].
    pub fn created(location: String, body: &impl Serialize) -> Result<Self> {
        Ok(Self { status: StatusCode::CREATED, location: Some(location), ..Self::ok(body)? })
    }
    /// With the resource's `ETag`.
    pub const fn tagged(mut self, generation: u64) -> Self {
        self.generation = Some(generation);
        self
    }
    /// With a member that is answered but never kept: a replay has `null` in its place.
    pub const fn once(mut self, member: &'static str) -> Self {
        self.once = Some(member);
        self
    }

    fn remembered(&self, fingerprint: &str) -> RememberedAnswer {
        let mut body = self.body.clone();
        if let Some(member) = self.once.and_then(|member| body.get_mut(member)) {
            *member = Value::Null;
        }
        RememberedAnswer {
            fingerprint: fingerprint.to_owned(),
            status: self.status.as_u16(),
            etag: self.generation.and_then(|g| Etag(g).value().to_str().ok().map(str::to_owned)),
            location: self.location.clone(),
            body: body.to_string(),
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let etag = self.generation.and_then(|g| Etag(g).value().to_str().ok().map(str::to_owned));
        answer(self.status, etag, self.location, self.body.to_string())
    }
}

fn answer(status: StatusCode, etag: Option<String>, location: Option<String>, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [(ETAG, etag), (LOCATION, location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

impl Change {
    /// A link of the audit chain and an event `panorama.ACTION`, written when the change is saved. No secret, no C2 or C3
    /// value in `detail`.
    pub fn note(&mut self, action: impl Into<String>, kind: &str, id: impl std::fmt::Display, detail: Value) {
        self.notes.push(Note { action: action.into(), subject: Subject::new(kind, id), detail });
    }
    /// The caller's step, for a lifecycle.
    ///
    /// # Errors
    /// When nobody has signed in.
    pub fn step(&self, why: &str) -> Result<Step> {
        let who = self.operator()?;
        if why.chars().count() > 500 {
            return Err(Error::invalid("/why", ("must be at most 500 characters", "至多 500 个字符")));
        }
        Ok(Step { who, at: self.now, why: why.to_owned() })
    }
    /// The caller.
    ///
    /// # Errors
    /// When nobody has signed in.
    pub fn operator(&self) -> Result<OperatorId> {
        match self.author.actor {
            Actor::Operator(id) => Ok(id),
            Actor::System | Actor::App(_) => Err(Code::OperatorUnauthenticated.into()),
        }
    }
    /// The call, unless nobody has signed in.
    pub const fn call(&self) -> Option<&Call> {
        self.author.call.as_ref()
    }
    /// The manager.
    pub const fn manager(&self) -> &Manager {
        &self.manager
    }

    /// Audit links and events come last: whoever appends makes others wait until the save.
    async fn tell(&mut self) -> Result<()> {
        for note in std::mem::take(&mut self.notes) {
            let data = json!({ "kind": note.subject.kind, "by": self.author.actor.to_string(), "detail": note.detail });
            let event = Event {
                id: EventId::new(self.now, self.manager.entropy()),
                kind: format!("panorama.{}", note.action),
                source: "/manager".to_owned(),
                subject: Some(note.subject.id.clone()),
                at: self.now,
                data,
                traceparent: Some(self.author.context.traceparent()),
            };
            let act = Act {
                at: self.now,
                actor: self.author.actor,
                action: note.action,
                subject: note.subject,
                detail: note.detail,
                trace_id: self.author.context.trace_id.clone(),
            };
            self.unit.audit_append(act).await?;
            self.unit.outbox_add(event).await?;
        }
        Ok(())
    }
}

/// What the body of a change returns.
pub type Changing<'u> = Pin<Box<dyn Future<Output = Result<Reply>> + Send + 'u>>;

impl Manager {
    /// Carries out a POST: once, when it came with an idempotency key.
    ///
    /// `body` may run several times (a lost race), each time in a new transaction; it must have no other effect.
    ///
    /// # Errors
    /// What `body` refuses, a reused key, or a store that stays busy.
    pub async fn post<T, F>(&self, call: Call, request: Idempotent<T>, body: F) -> Result<Response>
    where
        T: Clone + Send,
        F: for<'u> Fn(&'u mut Change, T) -> Changing<'u> + Send + Sync,
    {
        let key = request.key.map(|key| (call.operator.id, key, request.fingerprint));
        self.write(Author::of(call), key, request.body, body).await
    }

    /// Carries out a change that is safe to repeat by itself: a PUT with `If-Match`.
    ///
    /// # Errors
    /// As [`Self::post`].
    pub async fn put<T, F>(&self, call: Call, form: T, body: F) -> Result<Response>
    where
        T: Clone + Send,
        F: for<'u> Fn(&'u mut Change, T) -> Changing<'u> + Send + Sync,
    {
        self.write(Author::of(call), None, form, body).await
    }

    pub(crate) async fn write<T, F>(
        &self,
        author: Author,
        key: Option<(OperatorId, IdempotencyKey, String)>,
        form: T,
        body: F,
    ) -> Result<Response>
    where
        T: Clone + Send,
        F: for<'u> Fn(&'u mut Change, T) -> Changing<'u> + Send + Sync,
    {
        let mut attempt = 0;
        loop {
            match self.attempt(&author, key.as_ref(), form.clone(), &body).await {
                Err(Error::Store(error)) if error.retriable() && attempt + 1 < ATTEMPTS => {
                    self.store().pause(attempt).await;
                    attempt += 1;
                }
                Ok(response) => {
                    self.notify();
                    return Ok(response);
                }
                Err(error) => return self.carried_out_meanwhile(key.as_ref()).await?.unwrap_or(Err(error)),
            }
        }
    }

    /// Two requests with one key at once: the second may fail over what the first has just done. Then the first's answer is
    /// its answer too.
    async fn carried_out_meanwhile(
        &self,
        key: Option<&(OperatorId, IdempotencyKey, String)>,
    ) -> Result<Option<Result<Response>>> {
        let Some((operator, key, fingerprint)) = key else { return Ok(None) };
        let known = self.read().await?.remembered_answer(*operator, key.as_str()).await?;
        Ok(known.map(|known| replay(known, fingerprint)))
    }

    async fn attempt<T, F>(
        &self,
        author: &Author,
        key: Option<&(OperatorId, IdempotencyKey, String)>,
        form: T,
        body: &F,
    ) -> Result<Response>
    where
        F: for<'u> Fn(&'u mut Change, T) -> Changing<'u>,
    {
        let unit = self.store().begin().await?;
        let (now, manager, author) = (self.now(), self.clone(), author.clone());
        let mut change = Change { unit, now, manager, author, notes: Vec::new() };
        if let Some((operator, key, fingerprint)) = key
            && let Some(known) = change.unit.remembered_answer(*operator, key.as_str()).await?
        {
            return replay(known, fingerprint);
        }
        let reply = body(&mut change, form).await?;
        if let Some((operator, key, fingerprint)) = key {
            let answer = reply.remembered(fingerprint);
            let kept = change.unit.remembered_answer_add(*operator, key.as_str(), &answer, now).await;
            // Another request with this key was first: the next attempt finds its answer.
            kept.map_err(|error| if matches!(error, StoreError::Conflict { .. }) { StoreError::Busy } else { error })?;
        }
        change.tell().await?;
        change.unit.save().await?;
        Ok(reply.into_response())
    }
}

impl Author {
    fn of(call: Call) -> Self {
        Self { actor: call.actor(), context: call.context.clone(), call: Some(call) }
    }
}

fn replay(known: RememberedAnswer, fingerprint: &str) -> Result<Response> {
    if known.fingerprint != fingerprint {
        return Err(Code::IdempotencyKeyReused.into());
    }
    let status = StatusCode::from_u16(known.status).map_err(Error::internal)?;
    let mut response = answer(status, known.etag, known.location, known.body);
    let header = HeaderName::from_static(pano_http::idempotency::REPLAYED);
    response.headers_mut().insert(header, HeaderValue::from_static("true"));
    Ok(response)
}
