//! Standing Order: the same payment every week, month, quarter or year.

mod plan;

use super::payment_order::{Clearing, Creditor, Order, Payee, Payment, What, place};
use super::{Room, get, post, put};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money, text};
use crate::world::Kind;
use pano_ledger::AccountStatus;
use pano_types::id::{AccountId, PaymentId, StandingOrderId};
use pano_types::{Code, Currency, Date, Instant};
use plan::{Convention, Frequency, Outcome, Run, Standing, State};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("standing-order", include_str!("../../openapi/standing-order.yaml")),
    operations: &[
        get("/standing-orders", "listStandingOrders", list),
        post("/standing-orders", "initiateStandingOrder", initiate).keyed(),
        get("/standing-orders/{standingOrderId}", "retrieveStandingOrder", retrieve),
        put("/standing-orders/{standingOrderId}", "updateStandingOrder", update).keyed(),
        post("/standing-orders/{standingOrderId}/termination", "terminateStandingOrder", terminate).keyed(),
        get("/standing-orders/{standingOrderId}/payments", "listStandingOrderPayments", payments),
    ],
    kinds: &[Kind::of::<Standing>(), Kind::of::<Run>()],
    seed: None,
};

/// Name of the job that makes one payment.
pub(crate) const PAY: &str = "standing.pay";
/// Failures in a row after which an order is suspended.
const FAILURES_MAX: u32 = 3;
const LIST: &str = "standing-orders";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OrderRequest {
    debtor_account_id: AccountId,
    creditor_account_id: Option<AccountId>,
    creditor: Option<Creditor>,
    amount: Money,
    frequency: Frequency,
    first_payment_date: Date,
    last_payment_date: Option<Date>,
    payment_count: Option<u32>,
    business_day_convention: Convention,
    #[serde(default)]
    remittance_information: String,
}

fn invalid(at: &str, reason: (&str, &str)) -> Refusal {
    Refusal::from(Code::RequestInvalid).at(at, reason)
}

fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: OrderRequest = input.body()?;
    let today = call.today();
    if body.first_payment_date < today {
        return Err(invalid("/firstPaymentDate", ("must not be before today", "不得早于今日")));
    }
    if body.last_payment_date.is_some_and(|last| last < body.first_payment_date) {
        return Err(invalid("/lastPaymentDate", ("must not be before firstPaymentDate", "不得早于 firstPaymentDate")));
    }
    if body.last_payment_date.is_some() && body.payment_count.is_some() {
        return Err(invalid("/paymentCount", ("not together with lastPaymentDate", "不能与 lastPaymentDate 同时填写")));
    }
    if body.payment_count.is_some_and(|count| !(1..=600).contains(&count)) {
        return Err(invalid("/paymentCount", ("must be 1 to 600", "须为 1 至 600")));
    }
    if !body.remittance_information.is_empty() {
        text(&body.remittance_information, 100, "/remittanceInformation")?;
    }
    let amount = body.amount.positive("/amount")?;
    let order = Standing {
        id: call.id(StandingOrderId::new),
        app: call.app.to_owned(),
        state: State::Active,
        debtor: body.debtor_account_id,
        creditor_account: body.creditor_account_id,
        creditor: body.creditor,
        amount_minor: amount.minor(),
        currency: amount.currency(),
        frequency: body.frequency,
        first: body.first_payment_date,
        last: body.last_payment_date,
        count: body.payment_count,
        convention: body.business_day_convention,
        remittance: body.remittance_information,
        place: 0,
        made: 0,
        failed: 0,
        in_a_row: 0,
        created_at: call.now(),
    };
    check(call, &order)?;
    call.event("bank.standing_order.created", order.id, json!({ "standingOrderId": order.id }));
    let order = schedule(call, order);
    call.world.put(order.clone());
    Answer::created(format!("standing-orders/{}", order.id), &View::from(&order))
}

/// What can be known of the payments to come: accounts, currency, the limit of one payment.
fn check(call: &Call<'_>, order: &Standing) -> Result<(), Refusal> {
    let debtor = call.world.current(order.debtor, "/debtorAccountId")?;
    if debtor.ledger.status != AccountStatus::Open {
        return Err(Refusal::from(Code::AccountFrozen).at("/debtorAccountId", ("gives nothing out", "该账户不可支出")));
    }
    let mismatch = |reason: (&str, &str)| Err(Refusal::from(Code::CurrencyMismatch).at("/amount/currency", reason));
    if debtor.ledger.currency != order.currency {
        return mismatch(("is not that of the account", "与账户币种不一致"));
    }
    match (&order.creditor_account, &order.creditor) {
        (Some(account), None) if *account == order.debtor => return Err(Code::SameAccount.into()),
        (Some(account), None) => {
            if call.world.current(*account, "/creditorAccountId")?.ledger.currency != order.currency {
                return mismatch(("is not that of the payee's account", "与收款账户币种不一致"));
            }
        }
        (None, Some(creditor)) => {
            creditor.check("/creditor")?;
            if order.currency != Currency::CNY {
                return mismatch(("domestic clearing carries CNY only", "境内清算仅支持人民币"));
            }
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(invalid(
                "/creditor",
                (
                    "exactly one of creditor and creditorAccountId is required",
                    "creditor 与 creditorAccountId 须且只能填写其一",
                ),
            ));
        }
    }
    let limit = debtor.account.limits.payment_minor;
    if order.amount_minor > limit {
        let limit = pano_types::Money::new(limit, order.currency);
        let refusal = Refusal::from(Code::LimitExceeded);
        return Err(refusal.detail(format!("per payment limit: {limit}"), format!("单笔限额：{limit}")));
    }
    Ok(())
}

/// Has the next payment made when its day begins, or ends the order when there is none.
fn schedule(call: &mut Call<'_>, mut order: Standing) -> Standing {
    match order.next_payment() {
        Some(day) => {
            let at = day.start(BANK_ZONE).max(call.now());
            call.world.schedule(at, PAY, format!("{} {}", order.id, order.place));
        }
        None => {
            order.state = State::Completed;
            call.event("bank.standing_order.completed", order.id, json!({ "standingOrderId": order.id }));
        }
    }
    order
}

/// Job: makes the payment that is due, and sets out the next one.
pub(crate) fn pay(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let (id, at_place) = subject.split_once(' ').ok_or_else(|| Refusal::broken("no place in the plan"))?;
    let id: StandingOrderId = id.parse().map_err(Refusal::broken)?;
    let Some(order) = call.world.get::<Standing>(&id).cloned() else { return Ok(()) };
    // Terminated, or moved on since.
    if order.state != State::Active || at_place != order.place.to_string() {
        return Ok(());
    }
    let day = call.today();
    let outcome = match place(call, &order.app, order.to_order()) {
        Ok(Payment { id, .. }) => Outcome::Paid { payment: id },
        Err(refusal) => match refusal.code() {
            Some(code) => Outcome::Failed { reason: code.text().to_owned() },
            None => return Err(refusal),
        },
    };
    let (paid, payment) = match &outcome {
        Outcome::Paid { payment } => (true, Some(*payment)),
        Outcome::Failed { .. } => (false, None),
    };
    let run =
        Run { order: id, place: order.place, day, amount_minor: order.amount_minor, currency: order.currency, outcome };
    call.world.put(run);
    let kind = if paid { "bank.standing_order.paid" } else { "bank.standing_order.failed" };
    call.event(kind, id, json!({ "standingOrderId": id, "paymentId": payment }));
    let mut order = order.moved_on(paid);
    if order.in_a_row >= FAILURES_MAX {
        order.state = State::Suspended;
        call.event("bank.standing_order.suspended", id, json!({ "standingOrderId": id }));
    } else {
        order = schedule(call, order);
    }
    call.world.put(order);
    Ok(())
}

/// The order that the path names, if the caller's app made it.
fn own<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Standing, Refusal> {
    let id: StandingOrderId = input.id("standingOrderId", Code::NotFound)?;
    call.world.get::<Standing>(&id).filter(|order| order.app == call.app).ok_or_else(|| Code::NotFound.into())
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&View::from(own(call, input)?))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    debtor_account_id: Option<AccountId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let orders = call.world.under::<Standing>(plan::BY_APP, call.app).rev();
    let wanted = orders.filter(|order| query.debtor_account_id.is_none_or(|debtor| debtor == order.debtor));
    Answer::ok(&Listed::descending(LIST, &page, wanted, |order| order.id.to_string(), View::from))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UpdateRequest {
    amount: Option<Money>,
    last_payment_date: Option<Date>,
    status: Option<Wanted>,
    remittance_information: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Wanted {
    Active,
    Suspended,
}

fn ended(order: &Standing) -> Refusal {
    let state = order.state.code();
    Refusal::from(Code::LifecycleRefused).detail(format!("the standing order is {state}"), format!("当前状态：{state}"))
}

fn update(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: UpdateRequest = input.body()?;
    let mut order = own(call, input)?.clone();
    if !matches!(order.state, State::Active | State::Suspended) {
        return Err(ended(&order));
    }
    let UpdateRequest { amount, last_payment_date, status, remittance_information } = body;
    if amount.is_none() && last_payment_date.is_none() && status.is_none() && remittance_information.is_none() {
        return Err(invalid("", ("names nothing to change", "未指明要修改的内容")));
    }
    if let Some(amount) = amount {
        let amount = amount.positive("/amount")?;
        (order.amount_minor, order.currency) = (amount.minor(), amount.currency());
    }
    if let Some(remittance) = remittance_information {
        text(&remittance, 100, "/remittanceInformation")?;
        order.remittance = remittance;
    }
    if let Some(last) = last_payment_date {
        if order.count.is_some() {
            return Err(invalid("/lastPaymentDate", ("the order ends after a number of payments", "该协议按次数终止")));
        }
        if last < call.today() {
            return Err(invalid("/lastPaymentDate", ("must not be before today", "不得早于今日")));
        }
        order.last = Some(last);
    }
    check(call, &order)?;
    match status {
        Some(Wanted::Suspended) => order.state = State::Suspended,
        Some(Wanted::Active) if order.state == State::Suspended => {
            order = order.resumed(call.today());
            order = schedule(call, order);
        }
        Some(Wanted::Active) | None => {}
    }
    call.event("bank.standing_order.changed", order.id, json!({ "standingOrderId": order.id }));
    call.world.put(order.clone());
    Answer::ok(&View::from(&order))
}

fn terminate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let mut order = own(call, input)?.clone();
    if !matches!(order.state, State::Active | State::Suspended) {
        return Err(ended(&order));
    }
    order.state = State::Terminated;
    call.event("bank.standing_order.terminated", order.id, json!({ "standingOrderId": order.id }));
    call.world.put(order.clone());
    Answer::ok(&View::from(&order))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn payments(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let id = own(call, input)?.id;
    let list = format!("{LIST}/{id}");
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let runs = call.world.under::<Run>(plan::BY_ORDER, &id.to_string()).rev();
    Answer::ok(&Listed::descending(&list, &page, runs, |run| format!("{:06}", run.place), RunView::from))
}

impl Standing {
    fn to_order(&self) -> Order {
        let (payee, clearing) = match (&self.creditor_account, &self.creditor) {
            (Some(account), _) => (Payee::Here(*account), Clearing::Book),
            (None, Some(creditor)) => (creditor.clone().into(), Clearing::Ibps),
            // The rule of an order's payee, checked when it was made, leaves nothing else.
            (None, None) => (Payee::Here(self.debtor), Clearing::Book),
        };
        Order {
            debtor: self.debtor,
            payee,
            amount: pano_types::Money::new(self.amount_minor, self.currency),
            clearing,
            end_to_end_id: String::new(),
            remittance: self.remittance.clone(),
            what: What::Payment,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    standing_order_id: StandingOrderId,
    status: &'static str,
    debtor_account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor: Option<Creditor>,
    amount: Money,
    frequency: Frequency,
    first_payment_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_payment_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_count: Option<u32>,
    business_day_convention: Convention,
    #[serde(skip_serializing_if = "String::is_empty")]
    remittance_information: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_payment_date: Option<Date>,
    payments_made: u32,
    payments_failed: u32,
    consecutive_failures: u32,
    created_at: Instant,
}

impl From<&Standing> for View {
    fn from(order: &Standing) -> Self {
        Self {
            standing_order_id: order.id,
            status: order.state.code(),
            debtor_account_id: order.debtor,
            creditor_account_id: order.creditor_account,
            creditor: order.creditor.clone(),
            amount: pano_types::Money::new(order.amount_minor, order.currency).into(),
            frequency: order.frequency,
            first_payment_date: order.first,
            last_payment_date: order.last,
            payment_count: order.count,
            business_day_convention: order.convention,
            remittance_information: order.remittance.clone(),
            next_payment_date: (order.state == State::Active).then(|| order.next_payment()).flatten(),
            payments_made: order.made,
            payments_failed: order.failed,
            consecutive_failures: order.in_a_row,
            created_at: order.created_at,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RunView {
    payment_date: Date,
    outcome: &'static str,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        let (outcome, payment_id, reason) = match &run.outcome {
            Outcome::Paid { payment } => ("PAID", Some(*payment), None),
            Outcome::Failed { reason } => ("FAILED", None, Some(reason.clone())),
        };
        let amount = pano_types::Money::new(run.amount_minor, run.currency).into();
        Self { payment_date: run.day, outcome, amount, payment_id, reason }
    }
}
