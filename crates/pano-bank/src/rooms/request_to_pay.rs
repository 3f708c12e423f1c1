//! Request to Pay: asking to be paid, and collecting under a mandate.

mod mandate;

pub(crate) use mandate::Mandate;

use super::payment_order::{Clearing, Order, Payee, What, place};
use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::class::AccountClass;
use crate::model::party::Party;
use crate::seed::Seeding;
use crate::wire::{Listed, Money, reference, text};
use crate::world::{Entity, Kind};
use pano_ledger::AccountStatus;
use pano_types::id::{AccountId, PartyId, PaymentId, RequestToPayId};
use pano_types::{Code, Currency, Instant, Localized};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

pub(crate) const ROOM: Room = Room {
    document: Document::new("request-to-pay", include_str!("../../openapi/request-to-pay.yaml")),
    operations: &[
        get("/requests-to-pay", "listRequestsToPay", list),
        post("/requests-to-pay", "initiateRequestToPay", initiate).keyed(),
        get("/requests-to-pay/{requestToPayId}", "retrieveRequestToPay", retrieve),
        post("/requests-to-pay/{requestToPayId}/acceptance", "acceptRequestToPay", accept).keyed(),
        post("/requests-to-pay/{requestToPayId}/rejection", "declineRequestToPay", decline).keyed(),
        post("/requests-to-pay/{requestToPayId}/cancellation", "cancelRequestToPay", cancel).keyed(),
        post("/mandates", "initiateMandate", mandate::initiate).keyed(),
        get("/mandates/{mandateId}", "retrieveMandate", mandate::retrieve),
        post("/mandates/{mandateId}/collections", "initiateCollection", mandate::collect).keyed(),
        post("/mandates/{mandateId}/termination", "terminateMandate", mandate::terminate).keyed(),
    ],
    kinds: &[Kind::of::<Request>(), Kind::of::<Mandate>()],
    seed: Some(seed),
};

/// Name of the job that lets a request lapse.
pub(crate) const LAPSE: &str = "request_to_pay.lapse";
/// Longest time that a request stands.
const STANDS_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
const LIST: &str = "requests-to-pay";
/// Index: the party that is asked.
const BY_DEBTOR: &str = "debtor";

/// Why a payer declines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DeclineReason {
    UnknownPayee,
    WrongAmount,
    AlreadyPaid,
    NotWanted,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Pending,
    Paid { by: PaymentId, at: Instant },
    Declined { reason: DeclineReason, at: Instant },
    Cancelled { at: Instant },
    Expired { at: Instant },
}

impl State {
    const fn code(&self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Paid { .. } => "PAID",
            Self::Declined { .. } => "DECLINED",
            Self::Cancelled { .. } => "CANCELLED",
            Self::Expired { .. } => "EXPIRED",
        }
    }
}

/// A request to be paid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    id: RequestToPayId,
    /// Client id of the app that asks.
    app: String,
    state: State,
    creditor: AccountId,
    debtor: PartyId,
    amount_minor: i64,
    currency: Currency,
    reference: Option<String>,
    description: Option<String>,
    expires_at: Instant,
    created_at: Instant,
}

impl Entity for Request {
    const KIND: &'static str = "request_to_pay";
    type Id = RequestToPayId;
    fn id(&self) -> RequestToPayId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_DEBTOR, self.debtor.to_string());
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RequestBody {
    creditor_account_id: AccountId,
    debtor_party_id: PartyId,
    amount: Money,
    reference: Option<String>,
    description: Option<String>,
    expires_at: Instant,
}

fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RequestBody = input.body()?;
    let invalid = |at: &str, reason: (&str, &str)| Err(Refusal::from(Code::RequestInvalid).at(at, reason));
    if let Some(text) = &body.reference {
        reference(text, "/reference")?;
    }
    if let Some(description) = &body.description {
        text(description, 100, "/description")?;
    }
    let (now, amount) = (call.now(), body.amount.positive("/amount")?);
    if body.expires_at <= now || body.expires_at > now.plus(STANDS_MAX) {
        return invalid(
            "/expiresAt",
            ("must be after now and at most 30 days from it", "须晚于当前时间且不超过 30 天"),
        );
    }
    takes_in(call, body.creditor_account_id, amount)?;
    if call.world.get::<Party>(&body.debtor_party_id).is_none() {
        return Err(Refusal::from(Code::PartyNotFound).at("/debtorPartyId", ("names no party", "没有对应的客户")));
    }
    if call.world.customers(body.creditor_account_id).and_then(|s| s.account.owner) == Some(body.debtor_party_id) {
        return invalid("/debtorPartyId", ("asks itself", "不能向自己请求付款"));
    }
    let request = Request {
        id: call.id(RequestToPayId::new),
        app: call.app.to_owned(),
        state: State::Pending,
        creditor: body.creditor_account_id,
        debtor: body.debtor_party_id,
        amount_minor: amount.minor(),
        currency: amount.currency(),
        reference: body.reference,
        description: body.description,
        expires_at: body.expires_at,
        created_at: now,
    };
    put(call, &request);
    Answer::created(format!("requests-to-pay/{}", request.id), &View::new(call, &request))
}

/// Whether an account may be paid to.
fn takes_in(call: &Call<'_>, account: AccountId, amount: pano_types::Money) -> Result<(), Refusal> {
    let creditor = call.world.current(account, "/creditorAccountId")?;
    if creditor.ledger.status != AccountStatus::Open {
        return Err(
            Refusal::from(Code::AccountFrozen).at("/creditorAccountId", ("is frozen or closed", "已冻结或销户"))
        );
    }
    if creditor.ledger.currency != amount.currency() {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/amount/currency", ("is not that of the account", "与账户币种不一致")));
    }
    Ok(())
}

/// Keeps a new request and lets it lapse in time.
fn put(call: &mut Call<'_>, request: &Request) {
    call.world.schedule(request.expires_at, LAPSE, request.id);
    call.world.put(request.clone());
    call.event("bank.request_to_pay.created", request.id, json!({ "requestToPayId": request.id }));
}

/// Ends a request.
fn close(call: &mut Call<'_>, request: Request, state: State, event: &'static str) -> Request {
    call.world.unschedule(request.expires_at, LAPSE, request.id);
    let request = Request { state, ..request };
    call.event(event, request.id, json!({ "requestToPayId": request.id, "status": request.state.code() }));
    call.world.put(request.clone());
    request
}

/// Job: a request that nobody answered lapses.
pub(crate) fn lapse(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: RequestToPayId = subject.parse().map_err(Refusal::broken)?;
    let pending = call.world.get::<Request>(&id).filter(|request| request.state == State::Pending).cloned();
    if let Some(request) = pending {
        let at = call.now();
        close(call, request, State::Expired { at }, "bank.request_to_pay.expired");
    }
    Ok(())
}

fn named(call: &Call<'_>, input: &Input) -> Result<Request, Refusal> {
    let id: RequestToPayId = input.id("requestToPayId", Code::NotFound)?;
    call.world.get::<Request>(&id).cloned().ok_or_else(|| Code::NotFound.into())
}

fn pending(call: &Call<'_>, input: &Input) -> Result<Request, Refusal> {
    let request = named(call, input)?;
    if request.state != State::Pending {
        let state = request.state.code();
        let refusal = Refusal::from(Code::LifecycleRefused);
        return Err(refusal.detail(format!("the request is {state}"), format!("当前状态：{state}")));
    }
    Ok(request)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Acceptance {
    debtor_account_id: AccountId,
}

fn accept(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: Acceptance = input.body()?;
    let request = pending(call, input)?;
    let account = call.world.current(body.debtor_account_id, "/debtorAccountId")?;
    if account.account.owner != Some(request.debtor) {
        return Err(Refusal::from(Code::AccountNotFound)
            .at("/debtorAccountId", ("does not belong to the party that was asked", "不属于被请求的客户")));
    }
    let order = Order {
        debtor: body.debtor_account_id,
        payee: Payee::Here(request.creditor),
        amount: pano_types::Money::new(request.amount_minor, request.currency),
        clearing: Clearing::Book,
        end_to_end_id: request.reference.clone().unwrap_or_default(),
        remittance: request.description.clone().unwrap_or_default(),
        what: What::Payment,
    };
    let app = call.app.to_owned();
    let payment = place(call, &app, order)?;
    let at = call.now();
    let request = close(call, request, State::Paid { by: payment.id, at }, "bank.request_to_pay.paid");
    Answer::ok(&View::new(call, &request))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decline {
    reason: DeclineReason,
}

fn decline(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let Decline { reason } = input.body()?;
    let (request, at) = (pending(call, input)?, call.now());
    let request = close(call, request, State::Declined { reason, at }, "bank.request_to_pay.declined");
    Answer::ok(&View::new(call, &request))
}

fn cancel(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let (request, at) = (pending(call, input)?, call.now());
    // Only the app that asked may take it back; for others there is none to cancel.
    if request.app != call.app {
        return Err(Code::NotFound.into());
    }
    let request = close(call, request, State::Cancelled { at }, "bank.request_to_pay.cancelled");
    Answer::ok(&View::new(call, &request))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let request = named(call, input)?;
    Answer::ok(&View::new(call, &request))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    debtor_party_id: Option<PartyId>,
    status: Option<Status>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Pending,
    Paid,
    Declined,
    Cancelled,
    Expired,
}

impl Status {
    const fn is(self, state: &State) -> bool {
        matches!(
            (self, state),
            (Self::Pending, State::Pending)
                | (Self::Paid, State::Paid { .. })
                | (Self::Declined, State::Declined { .. })
                | (Self::Cancelled, State::Cancelled { .. })
                | (Self::Expired, State::Expired { .. })
        )
    }
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let call = &*call;
    let wanted = |request: &&Request| query.status.is_none_or(|status| status.is(&request.state));
    let (key, view) = (|request: &&Request| request.id.to_string(), |request: &Request| View::new(call, request));
    match query.debtor_party_id {
        Some(party) => {
            let asked = call.world.under::<Request>(BY_DEBTOR, &party.to_string()).rev().filter(wanted);
            Answer::ok(&Listed::descending(LIST, &page, asked, key, view))
        }
        None => {
            Answer::ok(&Listed::descending(LIST, &page, call.world.all::<Request>().rev().filter(wanted), key, view))
        }
    }
}

/// The first merchant asks the first person.
fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let open: Vec<_> = call
        .world
        .customers_accounts()
        .filter(|s| s.ledger.currency == Currency::CNY && s.ledger.status == AccountStatus::Open)
        .filter_map(|s| Some((s.account.id, s.account.class, s.account.owner?)))
        .collect();
    let Some((_, _, debtor)) = open.first().copied() else { return Ok(()) };
    let creditor = open.iter().find(|(_, class, owner)| *class == AccountClass::Business && *owner != debtor);
    let Some((creditor, ..)) = creditor.copied() else { return Ok(()) };
    let request = Request {
        id: call.id(RequestToPayId::new),
        app: String::new(),
        state: State::Pending,
        creditor,
        debtor,
        amount_minor: 16_800,
        currency: Currency::CNY,
        reference: Some("TABLE-12".to_owned()),
        description: Some("午餐 Lunch".to_owned()),
        expires_at: call.now().plus(STANDS_MAX),
        created_at: call.now(),
    };
    put(call, &request);
    Ok(())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    request_to_pay_id: RequestToPayId,
    status: &'static str,
    creditor_account_id: AccountId,
    creditor_name: Localized,
    debtor_party_id: PartyId,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    expires_at: Instant,
    created_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<DeclineReason>,
}

impl View {
    fn new(call: &Call<'_>, request: &Request) -> Self {
        let owner = call.world.customers(request.creditor).and_then(|standing| standing.account.owner);
        let owner = owner.and_then(|owner| call.world.get::<Party>(&owner));
        let (closed_at, payment_id, decline_reason) = match request.state {
            State::Pending => (None, None, None),
            State::Paid { by, at } => (Some(at), Some(by), None),
            State::Declined { reason, at } => (Some(at), None, Some(reason)),
            State::Cancelled { at } | State::Expired { at } => (Some(at), None, None),
        };
        Self {
            request_to_pay_id: request.id,
            status: request.state.code(),
            creditor_account_id: request.creditor,
            creditor_name: owner.map_or_else(|| Localized::new("", ""), |owner| owner.name.clone()),
            debtor_party_id: request.debtor,
            amount: pano_types::Money::new(request.amount_minor, request.currency).into(),
            reference: request.reference.clone(),
            description: request.description.clone(),
            expires_at: request.expires_at,
            created_at: request.created_at,
            closed_at,
            payment_id,
            decline_reason,
        }
    }
}
