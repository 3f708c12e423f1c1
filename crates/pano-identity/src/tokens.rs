//! What the OAuth endpoints do, apart from HTTP.

use crate::consents::Trace;
use crate::state::State;
use pano_crypto::{compare, digest, jws, random};
use pano_oauth::access::ACCESS_TOKEN_TYPE;
use pano_oauth::consent::Revoker;
use pano_oauth::grant::{CodeRequest, Unredeemed};
use pano_oauth::token::{Caller, Genuine, inactive, parameter};
use pano_oauth::{Client, Form, Granted, Presented, Proven, Refusal, TokenRequest};
use pano_store::audit::{Act, Actor, Subject};
use pano_store::meta::SecretHash;
use pano_store::operator::{Kind, Operator};
use pano_store::outbox::Event;
use pano_store::token::RevokedToken;
use pano_store::{StoreError, transact};
use pano_types::id::EventId;
use pano_types::{Instant, Secret};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// How the names of service accounts begin that stand for roles of ours. Others, such as a pipeline's, may not introspect.
const ROLE_ACCOUNT: &str = "service:";

/// What an endpoint answers when it does not succeed.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// Set when the sender should slow down.
    pub(crate) retry_after: Option<Duration>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, retry_after: None }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        failed(&error);
        let refusal = if error.retriable() { Refusal::Unavailable } else { Refusal::Internal };
        refusal.into()
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(cause = chain(error), "token endpoint failed");
}

/// An error with all that caused it, for the log.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut chain = error.to_string();
    let mut inner = error.source();
    while let Some(cause) = inner {
        chain.push_str(": ");
        chain.push_str(&cause.to_string());
        inner = cause.source();
    }
    chain
}

/// Who sent a request, and when.
pub(crate) struct Sender {
    pub(crate) address: Option<IpAddr>,
    pub(crate) now: Instant,
    pub(crate) trace_id: String,
    pub(crate) traceparent: String,
    pub(crate) bearer: Option<Secret>,
}

impl Sender {
    pub(crate) fn trace(&self) -> Trace {
        Trace { id: self.trace_id.clone(), parent: Some(self.traceparent.clone()) }
    }
}

impl State {
    /// `POST /oauth2/token` (RFC 6749 §3.2).
    pub(crate) async fn issue(&self, form: &Form, sender: &Sender) -> Result<Value, Refused> {
        let outcome = self.issue_unbraked(form, sender).await;
        self.brake(outcome, sender)
    }

    async fn issue_unbraked(&self, form: &Form, sender: &Sender) -> Result<Value, Refused> {
        let request = TokenRequest::read(form)?;
        let (client, proven) = self.authenticate(form, sender.now).await?;
        let audience = self.issuing.audience.as_str();
        let (granted, refresh) = match request {
            TokenRequest::ClientCredentials(asked) => (asked.for_client(&proven, &client, audience)?, None),
            TokenRequest::AuthorizationCode(code) => {
                let (granted, refresh) = self.redeem(&code, &proven, &client, sender).await?;
                (granted, Some(refresh))
            }
            // The same token goes on: a client that lost the answer can ask again (FAPI 2.0 §5.3.2.1).
            TokenRequest::RefreshToken { token, asked } => {
                let token = SecretHash::of(&Secret::new(token));
                let consent = self.deps.store.read().await?.consent_by_refresh(&token).await?;
                (asked.by_consent(&proven, &client, consent.as_ref(), audience, sender.now)?, None)
            }
        };
        let jti = random::identifier(self.deps.entropy.as_ref());
        let claims = self.issuing.claims(&granted, jti, sender.now);
        let signer = self.keys.signer().map_err(|_| Refusal::Unavailable)?;
        let token = jws::sign(signer.as_ref(), ACCESS_TOKEN_TYPE, &claims).map_err(|error| {
            failed(&error);
            Refusal::Internal
        })?;
        tracing::info!(app = %client.id, jti = claims.jti, trace_id = sender.trace_id, "token issued");
        let mut response = claims.response(&token);
        if let (Some(members), Some(refresh)) = (response.as_object_mut(), refresh) {
            // The client has to know the value; the store has its digest.
            members.insert("refresh_token".to_owned(), refresh.expose().into());
        }
        Ok(response)
    }

    /// Gives for a code what the customer permitted, once; and takes it back when the code is brought again.
    async fn redeem(
        &self,
        request: &CodeRequest,
        proven: &Proven,
        client: &Client,
        sender: &Sender,
    ) -> Result<(Granted, Secret), Refused> {
        let (code, refresh) =
            (SecretHash::of(&Secret::new(request.code.clone())), random::secret(self.deps.entropy.as_ref()));
        let (code, hash, audience) = (&code, &SecretHash::of(&refresh), self.issuing.audience.as_str());
        let (consent, outcome) = transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            Box::pin(async move {
                let found = work.pushed_by_code(code).await?;
                let both = found.as_ref().map(|(pushed, consent)| (pushed, consent));
                let mut outcome = request.redeem(proven, client, both, audience, sender.now);
                let consent = found.map(|(_, consent)| consent.id);
                if let (Ok(_), Some(id)) = (&outcome, consent) {
                    if work.pushed_code_use(code, sender.now).await? {
                        work.consent_refresh_put(id, hash).await?;
                    } else {
                        outcome = Err(Unredeemed::Reused);
                    }
                }
                Ok((consent, outcome))
            })
        })
        .await?;
        match (outcome, consent) {
            (Ok(granted), _) => Ok((granted, refresh)),
            (Err(Unredeemed::Refused(refusal)), _) => Err(refusal.into()),
            (Err(Unredeemed::Reused), consent) => {
                tracing::warn!(app = %client.id, "a code was brought again");
                if let Some(id) = consent {
                    let why = "its code was brought again";
                    self.consent_revoke(id, &Revoker::Rule, why, sender.now, &sender.trace()).await?;
                }
                Err(Refusal::GrantInvalid.into())
            }
        }
    }

    /// `POST /oauth2/introspect` (RFC 7662 §2).
    pub(crate) async fn introspect(&self, form: &Form, sender: &Sender) -> Result<Value, Refused> {
        let outcome = self.introspect_unbraked(form, sender).await;
        self.brake(outcome, sender)
    }

    async fn introspect_unbraked(&self, form: &Form, sender: &Sender) -> Result<Value, Refused> {
        let token = parameter(form)?;
        let caller = self.caller(form, sender).await?;
        let Some(genuine) = self.genuine(token).filter(|token| token.concerns(&caller)) else { return Ok(inactive()) };
        let mut unit = self.deps.store.read().await?;
        let ended = match genuine.claims().consent_id {
            Some(id) => unit.consent_by_id(id).await?.is_none_or(|c| c.state.in_force(sender.now).is_none()),
            None => false,
        };
        let revoked = ended || unit.token_revoked(&genuine.claims().jti).await?;
        let cutoff = match genuine.claims().app() {
            Some(app) => unit.token_cutoff(app).await?,
            None => None,
        };
        Ok(if genuine.is_active(sender.now, revoked, cutoff) { genuine.introspection() } else { inactive() })
    }

    /// `POST /oauth2/revoke` (RFC 7009 §2): success too for tokens that are unknown, foreign or already void.
    pub(crate) async fn revoke(&self, form: &Form, sender: &Sender) -> Result<(), Refused> {
        let outcome = self.revoke_unbraked(form, sender).await;
        self.brake(outcome, sender)
    }

    async fn revoke_unbraked(&self, form: &Form, sender: &Sender) -> Result<(), Refused> {
        let token = parameter(form)?;
        let caller = self.caller(form, sender).await?;
        let Some(genuine) = self.genuine(token) else { return self.revoke_refresh(token, &caller, sender).await };
        if !genuine.concerns(&caller) {
            return Ok(());
        }
        let claims = genuine.claims();
        let Some(app) = claims.app().filter(|_| sender.now < claims.expires_at()) else { return Ok(()) };
        let revoked =
            RevokedToken { jti: claims.jti.clone(), app, expires_at: claims.expires_at(), revoked_at: sender.now };
        let actor = match caller {
            Caller::Client(app) => Actor::App(app),
            Caller::Role(_) => Actor::System,
        };
        self.write_revocation(&revoked, actor, sender).await?;
        Ok(())
    }

    /// A refresh token that is taken back takes its consent along, and so every token that names it.
    async fn revoke_refresh(&self, token: &str, caller: &Caller, sender: &Sender) -> Result<(), Refused> {
        let token = SecretHash::of(&Secret::new(token.to_owned()));
        let found = self.deps.store.read().await?.consent_by_refresh(&token).await?;
        if let Some(consent) = found.filter(|consent| *caller == Caller::Client(consent.app)) {
            let why = "its refresh token was revoked";
            self.consent_revoke(consent.id, &Revoker::Partner, why, sender.now, &sender.trace()).await?;
        }
        Ok(())
    }

    async fn write_revocation(&self, revoked: &RevokedToken, actor: Actor, sender: &Sender) -> Result<(), StoreError> {
        let act = Act {
            at: sender.now,
            actor,
            action: "token.revoke".to_owned(),
            subject: Subject::new("app", revoked.app),
            detail: json!({ "jti": revoked.jti }),
            trace_id: sender.trace_id.clone(),
        };
        let event = Event {
            id: EventId::new(sender.now, self.deps.entropy.as_ref()),
            kind: "panorama.token.revoked".to_owned(),
            source: "/identity".to_owned(),
            subject: Some(revoked.app.to_string()),
            at: sender.now,
            data: json!({ "jti": revoked.jti, "expires_at": revoked.expires_at }),
            traceparent: Some(sender.traceparent.clone()),
        };
        transact(self.deps.store.as_ref(), |mut work| {
            let (act, event) = (act.clone(), event.clone());
            Box::pin(async move {
                if work.token_revoke(revoked).await? {
                    work.audit_append(act).await?;
                    work.outbox_add(event).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Client authentication, whole: proof, then the assertion used up.
    pub(crate) async fn authenticate(&self, form: &Form, now: Instant) -> Result<(Arc<Client>, Proven), Refused> {
        let presented = Presented::read(form, &self.rules, now)?;
        let client = self.clients.find(presented.client()).await?;
        let proven = presented.prove(client.as_deref(), now)?;
        let client = client.ok_or(Refusal::ClientNotProven)?;
        let first = transact::<_, StoreError, _>(self.deps.store.as_ref(), |mut work| {
            let proven = proven.clone();
            Box::pin(async move { work.assertion_use(proven.client(), proven.jti(), proven.expires_at()).await })
        })
        .await?;
        if !first {
            tracing::warn!(app = %client.id, "an assertion was replayed");
            return Err(Refusal::AssertionReplayed.into());
        }
        self.clients.used(proven.credential(), now);
        Ok((client, proven))
    }

    /// Who asks: an app by its assertion, or a role by its bearer credential; never both.
    async fn caller(&self, form: &Form, sender: &Sender) -> Result<Caller, Refused> {
        let Some(bearer) = &sender.bearer else {
            let (client, _) = self.authenticate(form, sender.now).await?;
            return Ok(Caller::Client(client.id));
        };
        if form.value("client_assertion").is_some() {
            return Err(Refusal::OtherClientAuthentication.into());
        }
        let given = digest::sha256(bearer.expose().as_bytes());
        // Digests are compared, so that not even a length shows.
        let role = self.roles.iter().find(|(_, own)| compare::equal(&digest::sha256(own.expose().as_bytes()), &given));
        if let Some((name, _)) = role {
            return Ok(Caller::Role(name.clone()));
        }
        match self.operator(bearer, sender.now).await? {
            Some(operator) if operator.kind == Kind::Service && operator.name.starts_with(ROLE_ACCOUNT) => {
                Ok(Caller::Role(operator.name))
            }
            _ => Err(Refusal::CallerNotProven.into()),
        }
    }

    /// The operator or service account behind a bearer credential, if it may act now.
    pub(crate) async fn operator(&self, bearer: &Secret, now: Instant) -> Result<Option<Operator>, StoreError> {
        let mut unit = self.deps.store.read().await?;
        let found = unit.operator_token_find(&SecretHash::of(bearer)).await?;
        Ok(found
            .filter(|(token, operator)| token.is_live(now) && operator.disabled_at.is_none())
            .map(|(_, operator)| operator))
    }

    fn genuine(&self, token: &str) -> Option<Genuine> {
        let published = self.keys.published();
        Genuine::read(token, self.issuer.as_str(), |kid| published.set.key(kid))
    }

    /// Lets everything pass but failed proofs of who fails too often.
    pub(crate) fn brake<T>(&self, outcome: Result<T, Refused>, sender: &Sender) -> Result<T, Refused> {
        let Err(refused) = outcome else { return outcome };
        let (Some(address), true) = (sender.address, refused.refusal.is_failed_proof()) else { return Err(refused) };
        let wait = self.throttle.lock().unwrap_or_else(PoisonError::into_inner).failed(address, sender.now);
        Err(match wait {
            Some(wait) => Refused { refusal: Refusal::TooManyFailures, retry_after: Some(wait) },
            None => {
                tracing::info!(%address, reason = %refused.refusal, trace_id = sender.trace_id, "proof refused");
                refused
            }
        })
    }
}
