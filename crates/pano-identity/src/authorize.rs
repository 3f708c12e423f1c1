//! The authorization code flow up to its code: a pushed request, opened by a browser, decided by a customer.

use crate::browser::Browser;
use crate::consents::Trace;
use crate::customers::{Customer, CustomersError};
use crate::pages::Words;
use crate::state::State;
use crate::tokens::{Refused, Sender, chain};
use http::StatusCode;
use pano_crypto::random;
use pano_oauth::authorize::{CODE_LIFETIME, DECISION_LIFETIME, REQUEST_LIFETIME, REQUEST_URI_PREFIX};
use pano_oauth::consent::{Given, State as Standing};
use pano_oauth::refusal::ErrorCode;
use pano_oauth::{AuthorizationRequest, Consent, Form, Pushed, Refusal, ScopeSet};
use pano_partner::{App, Partner};
use pano_store::audit::Actor;
use pano_store::consent::SignIn;
use pano_store::meta::SecretHash;
use pano_store::{StoreError, transact};
use pano_types::id::{ApiId, AppId, ConsentId};
use pano_types::{Instant, Lang, Secret};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Why a page does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// No such request, not in time, another client's or another browser's: not told apart.
    Unknown,
    /// The form is not one of this browser's.
    Form,
    /// The customer decided before.
    Decided,
    /// We or the bank cannot answer.
    Later,
}

impl Stop {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::BAD_REQUEST,
            Self::Form => StatusCode::FORBIDDEN,
            Self::Decided => StatusCode::CONFLICT,
            Self::Later => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
    pub(crate) const fn text(self) -> fn(&Words) -> &'static str {
        match self {
            Self::Unknown => |words| words.stopped_unknown,
            Self::Form => |words| words.stopped_form,
            Self::Decided => |words| words.stopped_decided,
            Self::Later => |words| words.stopped_later,
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Stale { .. }) {
            return Self::Decided;
        }
        tracing::error!(cause = chain(&error), "a page failed");
        Self::Later
    }
}

impl From<CustomersError> for Stop {
    fn from(error: CustomersError) -> Self {
        tracing::error!(cause = chain(&error), "the bank did not answer for a page");
        Self::Later
    }
}

/// A request that a browser may decide on.
pub(crate) struct Opened {
    pub(crate) uri: SecretHash,
    pub(crate) request: AuthorizationRequest,
    pub(crate) consent: Consent,
    pub(crate) app: App,
    pub(crate) partner: Partner,
}

/// What the customer decided.
pub(crate) enum Decision {
    /// Yes, for these accounts.
    Approve(Vec<String>),
    /// No.
    Refuse,
}

impl State {
    /// `POST /oauth2/par` (RFC 9126 §2).
    pub(crate) async fn push(&self, form: &Form, sender: &Sender) -> Result<Value, Refused> {
        let outcome = self.push_unbraked(form, sender).await;
        self.brake(outcome, sender)
    }

    async fn push_unbraked(&self, form: &Form, sender: &Sender) -> Result<Value, Refused> {
        let (client, _) = self.authenticate(form, sender.now).await?;
        let request = AuthorizationRequest::read(form, &client, &self.issuing.audience)?;
        let app = self.deps.store.read().await?.app_by_id(client.id).await?.ok_or(Refusal::ClientNotProven)?;
        let reference = random::secret(self.deps.entropy.as_ref());
        let consent = Consent {
            id: ConsentId::new(sender.now, self.deps.entropy.as_ref()),
            app: client.id,
            partner: app.partner,
            scopes: request.scopes().clone(),
            state: Standing::AwaitingAuthorisation,
            created_at: sender.now,
            generation: 1,
        };
        let expires_at = sender.now.plus(REQUEST_LIFETIME);
        let pushed = Pushed { request, expires_at, browser: None, code: None };
        let (consent, pushed, uri) = (&consent, &pushed, &SecretHash::of(&reference));
        transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            Box::pin(async move { work.consent_add(consent, uri, pushed).await })
        })
        .await?;
        tracing::info!(app = %client.id, consent = %consent.id, trace_id = sender.trace_id, "request pushed");
        // The client has to know the value; the store has its digest.
        let request_uri = format!("{REQUEST_URI_PREFIX}{}", reference.expose());
        Ok(json!({ "request_uri": request_uri, "expires_in": REQUEST_LIFETIME.as_secs() }))
    }

    /// The request that a browser means, bound to it when it is the first to come.
    pub(crate) async fn opened(&self, form: &Form, browser: &Browser, now: Instant) -> Result<Opened, Stop> {
        let client: AppId = form.value("client_id").and_then(|id| id.parse().ok()).ok_or(Stop::Unknown)?;
        let reference = form.value("request_uri").and_then(|uri| uri.strip_prefix(REQUEST_URI_PREFIX));
        let uri = SecretHash::of(&Secret::new(reference.ok_or(Stop::Unknown)?.to_owned()));
        let mut unit = self.deps.store.read().await?;
        let (pushed, consent) = unit.pushed_by_uri(&uri).await?.ok_or(Stop::Unknown)?;
        let hash = browser.hash();
        if consent.app != client || pushed.browser.as_deref().is_some_and(|own| own != hash.hex()) {
            return Err(Stop::Unknown);
        }
        if consent.state != Standing::AwaitingAuthorisation {
            return Err(Stop::Decided);
        }
        if !pushed.is_open_to(hash.hex(), now) {
            return Err(Stop::Unknown);
        }
        let app = unit.app_by_id(client).await?.ok_or(Stop::Unknown)?;
        let partner = unit.partner_by_id(app.partner).await?.ok_or(Stop::Unknown)?;
        drop(unit);
        if !(app.state.is_active() && partner.state.is_admitted()) {
            return Err(Stop::Unknown);
        }
        if pushed.browser.is_none() && !self.bind(&uri, None, &hash, now).await? {
            return Err(Stop::Unknown);
        }
        Ok(Opened { uri, request: pushed.request, consent, app, partner })
    }

    /// Binds a request to a browser, or on from the cookie that it had before.
    pub(crate) async fn bind(
        &self,
        uri: &SecretHash,
        from: Option<&SecretHash>,
        to: &SecretHash,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let until = now.plus(DECISION_LIFETIME);
        transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            Box::pin(async move { work.pushed_open(uri, from.map(SecretHash::hex), to.hex(), until).await })
        })
        .await
    }

    /// Keeps that a customer has signed in with a browser.
    pub(crate) async fn signed_in(
        &self,
        browser: &Browser,
        partner: &Partner,
        customer: Customer,
        now: Instant,
    ) -> Result<(), StoreError> {
        let expires_at = now.plus(self.sign_in_lifetime);
        let sign_in = SignIn { partner: partner.id, customer: customer.id, name: customer.name, at: now, expires_at };
        let (cookie, sign_in) = (&browser.hash(), &sign_in);
        transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            Box::pin(async move { work.sign_in_add(cookie, sign_in).await })
        })
        .await
    }

    /// Who has signed in with a browser, if it counts.
    pub(crate) async fn sign_in_of(&self, browser: &Browser, now: Instant) -> Result<Option<SignIn>, StoreError> {
        let found = self.deps.store.read().await?.sign_in_find(&browser.hash()).await?;
        Ok(found.filter(|sign_in| now < sign_in.expires_at))
    }

    /// Keeps the decision; the address that the browser goes to with it.
    pub(crate) async fn decide(
        &self,
        opened: Opened,
        customer: &str,
        decision: Decision,
        now: Instant,
        trace: &Trace,
    ) -> Result<String, Stop> {
        let Opened { uri, request, consent, .. } = opened;
        let code = random::secret(self.deps.entropy.as_ref());
        let (verb, state) = match decision {
            Decision::Refuse => ("rejected", consent.state.clone().rejected(customer, now)),
            Decision::Approve(accounts) => {
                let (customer, ends_at) = (customer.to_owned(), now.plus(self.consent_lifetime));
                let given = Given { customer, accounts, at: now, ends_at };
                ("authorised", consent.state.clone().authorised(given))
            }
        };
        let consent = Consent { state: state.map_err(|_| Stop::Decided)?, ..consent };
        let approved = consent.state.given().is_some();
        let noted = self.noted(verb, &consent, Actor::System, now, trace);
        let (uri, hash, consent) = (&uri, &SecretHash::of(&code), &consent);
        let kept = transact::<_, StoreError, _>(self.deps.store.as_ref(), move |mut work| {
            let noted = noted.clone();
            Box::pin(async move {
                work.consent_update(consent).await?;
                let kept = !approved || work.pushed_code_put(uri, hash, now.plus(CODE_LIFETIME)).await?;
                noted.write(&mut work).await?;
                Ok(kept)
            })
        })
        .await?;
        if !kept {
            return Err(Stop::Decided);
        }
        tracing::info!(consent = %consent.id, verb, trace_id = trace.id, "consent decided");
        let issuer = self.issuer.as_str();
        // The client gets the code by way of the browser; the store has its digest.
        Ok(if approved {
            request.answered(code.expose(), issuer)
        } else {
            request.refused(ErrorCode::AccessDenied, issuer)
        })
    }

    /// What scopes mean, in the words of the APIs that an app is subscribed to: the API, and what is done with it.
    pub(crate) async fn wishes(
        &self,
        app: AppId,
        scopes: &ScopeSet,
        lang: Lang,
    ) -> Result<Vec<(String, Vec<String>)>, StoreError> {
        let mut unit = self.deps.store.read().await?;
        let served = unit.served_app_by_id(app).await?;
        let apis: Vec<_> = served.iter().flat_map(|app| &app.subscriptions).map(|(s, _)| s.api).collect();
        let mut doings: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for version in unit.version_of_apis(&apis).await? {
            if !version.state.stage().served() {
                continue;
            }
            for operation in unit.operation_of_version(version.id).await? {
                let needs = operation.effective_scopes(version.settings.operations.get(&operation.name));
                if scopes.iter().any(|scope| needs.iter().any(|need| need == scope.as_str())) {
                    let text = if operation.summary.is_empty() { operation.name } else { operation.summary };
                    doings.entry(version.api).or_default().insert(text);
                }
            }
        }
        let apis: Vec<_> = doings.keys().copied().collect();
        let named = unit.api_by_ids(&apis).await?;
        let name = |id: ApiId| named.iter().find(|api| api.id == id).map_or("", |api| api.name.get(lang)).to_owned();
        Ok(doings.into_iter().map(|(api, doings)| (name(api), doings.into_iter().collect())).collect())
    }
}
