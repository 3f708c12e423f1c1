//! The pages' addresses: they read forms and cookies, and answer with a page or send the browser on with 303.

use crate::authorize::{Decision, Opened, Stop};
use crate::browser::Browser;
use crate::consents::Trace;
use crate::pages::{self, Entry, Failed, Page, Question};
use crate::state::State;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use pano_http::Context;
use pano_oauth::Form;
use pano_oauth::authorize::escape;
use pano_oauth::consent::Revoker;
use pano_oauth::metadata::AUTHORIZE_PATH;
use pano_store::consent::{ConsentFilter, SignIn};
use pano_store::{StoreError, transact};
use pano_types::id::{AppId, ConsentId};
use pano_types::{PageRequest, Secret};
use std::sync::{Arc, PoisonError};

type Host = Shared<Arc<State>>;

/// Longest name and password taken, bytes.
const LOGIN_BYTES_MAX: usize = 128;
/// Where a sign-in is posted to.
const SIGN_IN_PATH: &str = "/sign-in";
/// Where customers see what they permitted.
const CONSENTS_PATH: &str = "/consents";

pub(crate) fn router() -> Router<Arc<State>> {
    Router::new()
        .route(AUTHORIZE_PATH, get(authorize))
        .route("/oauth2/decision", post(decide))
        .route(SIGN_IN_PATH, post(sign_in))
        .route("/sign-out", post(sign_out))
        .route(CONSENTS_PATH, get(consents))
        .route("/consents/revoke", post(revoke))
}

/// A browser's request, read.
struct Visit {
    context: Context,
    browser: Browser,
    form: Form,
}

impl Visit {
    /// The query of a GET, the body of a POST; a POST must come from a page of this browser.
    async fn read(state: &State, context: Context, request: Request) -> Result<Self, (Context, Stop)> {
        let browser = Browser::of(request.headers(), state.secure(), state.deps.entropy.as_ref());
        let is_post = request.method() == Method::POST;
        let parsed = if is_post {
            let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let is_form = media.split(';').next().unwrap_or_default().trim() == "application/x-www-form-urlencoded";
            match Bytes::from_request(request, &()).await {
                Ok(body) if is_form => Form::parse(&body).ok(),
                _ => None,
            }
        } else {
            Form::parse(request.uri().query().unwrap_or_default().as_bytes()).ok()
        };
        let Some(form) = parsed else { return Err((context, Stop::Unknown)) };
        if is_post && browser.check(&form).is_err() {
            return Err((context, Stop::Form));
        }
        Ok(Self { context, browser, form })
    }

    fn trace(&self) -> Trace {
        Trace { id: self.context.trace_id.clone(), parent: Some(self.context.traceparent()) }
    }

    /// What leads back to where the customer was: the request, or the list of consents.
    fn back(&self, state: &State) -> String {
        let mut url = state.issuer.path().to_owned();
        let names: &[&str] = if self.form.value("request_uri").is_some() {
            url.push_str(AUTHORIZE_PATH);
            &["client_id", "request_uri"]
        } else {
            url.push_str(CONSENTS_PATH);
            &["client_id"]
        };
        let mut separator = '?';
        for name in names {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            escape(self.form.value(name).unwrap_or_default(), &mut url);
            separator = '&';
        }
        url
    }

    fn sign_in_page(&self, state: &State, app: &str, failed: Option<Failed>) -> Response {
        let csrf = self.browser.csrf();
        let mut hidden = vec![("csrf", csrf.as_str())];
        hidden.extend(["client_id", "request_uri"].into_iter().filter_map(|n| Some((n, self.form.value(n)?))));
        let action = format!("{}{SIGN_IN_PATH}", state.issuer.path());
        self.with_cookie(pages::sign_in(self.context.lang, &action, &hidden, app, failed))
    }

    fn with_cookie(&self, page: Page) -> Response {
        let mut response = page.into_response();
        response.headers_mut().insert(SET_COOKIE, self.browser.set_cookie());
        response
    }

    fn stopped(&self, stop: Stop) -> Response {
        stopped(&self.context, stop)
    }
}

fn stopped(context: &Context, stop: Stop) -> Response {
    pages::stopped(context.lang, stop.status(), stop.text(), &context.trace_id).into_response()
}

/// 303, so that a POST is not repeated at the other end, body and all (FAPI 2.0 §5.3.2.2; RFC 9700 §4.12).
fn see_other(url: &str) -> Response {
    let mut headers = HeaderMap::new();
    let Ok(location) = HeaderValue::try_from(url) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    headers.insert(LOCATION, location);
    (StatusCode::SEE_OTHER, headers).into_response()
}

async fn authorize(Shared(state): Host, context: Context, request: Request) -> Response {
    let visit = match Visit::read(&state, context, request).await {
        Ok(visit) => visit,
        Err((context, stop)) => return stopped(&context, stop),
    };
    match look(&state, &visit).await {
        Ok(response) => response,
        Err(stop) => visit.stopped(stop),
    }
}

async fn look(state: &State, visit: &Visit) -> Result<Response, Stop> {
    let opened = state.opened(&visit.form, &visit.browser, visit.context.now).await?;
    match signed_in(state, visit, &opened).await? {
        Some(sign_in) => question(state, visit, &opened, &sign_in, false).await,
        None => Ok(visit.sign_in_page(state, opened.app.name.get(visit.context.lang), None)),
    }
}

/// The sign-in of this browser, if it is with the bank that the request is about.
async fn signed_in(state: &State, visit: &Visit, opened: &Opened) -> Result<Option<SignIn>, Stop> {
    let sign_in = state.sign_in_of(&visit.browser, visit.context.now).await?;
    Ok(sign_in.filter(|sign_in| sign_in.partner == opened.partner.id))
}

async fn question(
    state: &State,
    visit: &Visit,
    opened: &Opened,
    sign_in: &SignIn,
    failed: bool,
) -> Result<Response, Stop> {
    let lang = visit.context.lang;
    let wishes = state.wishes(opened.app.id, &opened.consent.scopes, lang).await?;
    let accounts = state.deps.customers.accounts(sign_in.partner, &sign_in.customer).await?;
    let csrf = visit.browser.csrf();
    let value = |name| visit.form.value(name).unwrap_or_default();
    let hidden = [("csrf", csrf.as_str()), ("client_id", value("client_id")), ("request_uri", value("request_uri"))];
    let question = Question {
        customer: sign_in.name.get(lang),
        app: opened.app.name.get(lang),
        partner: opened.partner.name.get(lang),
        wishes: &wishes,
        accounts: &accounts,
        until: visit.context.now.plus(state.consent_lifetime),
        leads_to: opened.request.redirect_origin(),
    };
    Ok(visit.with_cookie(pages::consent(lang, &hidden, &question, failed)))
}

async fn decide(Shared(state): Host, context: Context, request: Request) -> Response {
    let visit = match Visit::read(&state, context, request).await {
        Ok(visit) => visit,
        Err((context, stop)) => return stopped(&context, stop),
    };
    match decided(&state, &visit).await {
        Ok(response) => response,
        Err(stop) => visit.stopped(stop),
    }
}

async fn decided(state: &State, visit: &Visit) -> Result<Response, Stop> {
    let opened = state.opened(&visit.form, &visit.browser, visit.context.now).await?;
    let Some(sign_in) = signed_in(state, visit, &opened).await? else {
        return Ok(visit.sign_in_page(state, opened.app.name.get(visit.context.lang), None));
    };
    let decision = match visit.form.value("decision") {
        Some("approve") => {
            // Asked anew: a form may name any account, the customer's are the bank's to say.
            let all = state.deps.customers.accounts(sign_in.partner, &sign_in.customer).await?;
            let chosen = |id: &String| visit.form.value(&format!("account:{id}")).is_some();
            let accounts: Vec<_> = all.into_iter().map(|account| account.id).filter(chosen).collect();
            if accounts.is_empty() {
                return question(state, visit, &opened, &sign_in, true).await;
            }
            Decision::Approve(accounts)
        }
        Some("refuse") => Decision::Refuse,
        _ => return Err(Stop::Form),
    };
    let url = state.decide(opened, &sign_in.customer, decision, visit.context.now, &visit.trace()).await?;
    Ok(see_other(&url))
}

async fn sign_in(Shared(state): Host, context: Context, request: Request) -> Response {
    let visit = match Visit::read(&state, context, request).await {
        Ok(visit) => visit,
        Err((context, stop)) => return stopped(&context, stop),
    };
    match try_sign_in(&state, &visit).await {
        Ok(response) => response,
        Err(stop) => visit.stopped(stop),
    }
}

async fn try_sign_in(state: &State, visit: &Visit) -> Result<Response, Stop> {
    let now = visit.context.now;
    let opened = match visit.form.value("request_uri") {
        Some(_) => Some(state.opened(&visit.form, &visit.browser, now).await?),
        None => None,
    };
    let (app, partner) = match &opened {
        Some(opened) => (opened.app.clone(), opened.partner.clone()),
        None => of_client(state, &visit.form).await?,
    };
    let name = app.name.get(visit.context.lang);
    let sender = visit.context.peer.map(|peer| peer.ip());
    let throttled = |failed: bool| {
        let mut throttle = state.sign_ins.lock().unwrap_or_else(PoisonError::into_inner);
        sender.is_some_and(|sender| match failed {
            true => throttle.failed(sender, now).is_some(),
            false => throttle.held(sender, now).is_some(),
        })
    };
    if throttled(false) {
        return Ok(visit.sign_in_page(state, name, Some(Failed::TooOften)));
    }
    let field = |name| visit.form.value(name).filter(|value| value.len() <= LOGIN_BYTES_MAX);
    let found = match (field("login"), field("password")) {
        (Some(login), Some(password)) => {
            state.deps.customers.sign_in(partner.id, login, &Secret::new(password.to_owned())).await?
        }
        _ => None,
    };
    let Some(customer) = found else {
        tracing::info!(partner = %partner.id, trace_id = visit.context.trace_id, "sign-in refused");
        throttled(true);
        return Ok(visit.sign_in_page(state, name, Some(Failed::Wrong)));
    };
    let browser = Browser::new(state.secure(), state.deps.entropy.as_ref());
    state.signed_in(&browser, &partner, customer, now).await?;
    if let Some(opened) = &opened
        && !state.bind(&opened.uri, Some(&visit.browser.hash()), &browser.hash(), now).await?
    {
        return Err(Stop::Decided);
    }
    let mut response = see_other(&visit.back(state));
    response.headers_mut().insert(SET_COOKIE, browser.set_cookie());
    Ok(response)
}

/// The app that a page is about, and its partner.
async fn of_client(state: &State, form: &Form) -> Result<(pano_partner::App, pano_partner::Partner), Stop> {
    let id: AppId = form.value("client_id").and_then(|id| id.parse().ok()).ok_or(Stop::Unknown)?;
    let mut unit = state.deps.store.read().await?;
    let app = unit.app_by_id(id).await?.ok_or(Stop::Unknown)?;
    let partner = unit.partner_by_id(app.partner).await?.ok_or(Stop::Unknown)?;
    Ok((app, partner))
}

async fn sign_out(Shared(state): Host, context: Context, request: Request) -> Response {
    let visit = match Visit::read(&state, context, request).await {
        Ok(visit) => visit,
        Err((context, stop)) => return stopped(&context, stop),
    };
    let cookie = &visit.browser.hash();
    let ended = transact::<_, StoreError, _>(state.deps.store.as_ref(), move |mut work| {
        Box::pin(async move { work.sign_in_end(cookie).await })
    });
    match ended.await {
        Ok(_) => see_other(&format!("{}{CONSENTS_PATH}", state.issuer.path())),
        Err(error) => visit.stopped(error.into()),
    }
}

async fn consents(Shared(state): Host, context: Context, request: Request) -> Response {
    let visit = match Visit::read(&state, context, request).await {
        Ok(visit) => visit,
        Err((context, stop)) => return stopped(&context, stop),
    };
    match listed(&state, &visit).await {
        Ok(response) => response,
        Err(stop) => visit.stopped(stop),
    }
}

async fn listed(state: &State, visit: &Visit) -> Result<Response, Stop> {
    let (now, lang) = (visit.context.now, visit.context.lang);
    let Some(sign_in) = state.sign_in_of(&visit.browser, now).await? else {
        let (app, _) = of_client(state, &visit.form).await?;
        return Ok(visit.sign_in_page(state, app.name.get(lang), None));
    };
    let filter = ConsentFilter {
        partner: Some(sign_in.partner),
        customer: Some(sign_in.customer.clone()),
        state: Some("authorised".to_owned()),
        ..ConsentFilter::default()
    };
    let mut unit = state.deps.store.read().await?;
    let page = unit.consent_list(&filter, &PageRequest::new(None, Some(PageRequest::MAX))).await?;
    let mut entries = Vec::new();
    for consent in page.items {
        let Some(given) = consent.state.in_force(now) else { continue };
        let app = unit.app_by_id(consent.app).await?;
        let partner = unit.partner_by_id(consent.partner).await?;
        entries.push(Entry {
            id: consent.id.to_string(),
            app: app.map(|app| app.name.get(lang).to_owned()).unwrap_or_default(),
            partner: partner.map(|partner| partner.name.get(lang).to_owned()).unwrap_or_default(),
            scopes: consent.scopes.to_string(),
            accounts: given.accounts.len(),
            given_at: given.at,
            until: given.ends_at,
        });
    }
    drop(unit);
    Ok(visit.with_cookie(pages::consents(lang, &visit.browser.csrf(), sign_in.name.get(lang), &entries)))
}

async fn revoke(Shared(state): Host, context: Context, request: Request) -> Response {
    let visit = match Visit::read(&state, context, request).await {
        Ok(visit) => visit,
        Err((context, stop)) => return stopped(&context, stop),
    };
    match revoked(&state, &visit).await {
        Ok(response) => response,
        Err(stop) => visit.stopped(stop),
    }
}

async fn revoked(state: &State, visit: &Visit) -> Result<Response, Stop> {
    let now = visit.context.now;
    let sign_in = state.sign_in_of(&visit.browser, now).await?.ok_or(Stop::Form)?;
    let id: ConsentId = visit.form.value("consent").and_then(|id| id.parse().ok()).ok_or(Stop::Unknown)?;
    let consent = state.deps.store.read().await?.consent_by_id(id).await?;
    let own = consent.filter(|consent| {
        consent.partner == sign_in.partner && consent.state.customer() == Some(sign_in.customer.as_str())
    });
    own.ok_or(Stop::Unknown)?;
    state.consent_revoke(id, &Revoker::Customer, "", now, &visit.trace()).await?;
    Ok(see_other(&format!("{}{CONSENTS_PATH}", state.issuer.path())))
}
