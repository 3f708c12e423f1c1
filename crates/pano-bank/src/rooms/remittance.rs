//! Overseas Remittance: what it costs, ordering, cancelling, and leaving at the end of the value date.

mod order;
mod rules;

pub(crate) use order::{SCREENED, screened, settle};

use super::desk::{BY_APP, money, payer, refused_now};
use super::fx::board;
use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use order::{Remittance, Stage};
use pano_types::id::{AccountId, RemittanceId, TransactionId};
use pano_types::{Code, Currency, Date, Instant, Localized};
use rules::{Agent, Bearer, Costs, Creditor, PURPOSES, Purpose};
use serde::{Deserialize, Serialize};

pub(crate) const ROOM: Room = Room {
    document: Document::new("overseas-remittance", include_str!("../../openapi/overseas-remittance.yaml")),
    operations: &[
        get("/purpose-codes", "listRemittancePurposes", purposes),
        post("/remittance-estimates", "evaluateOverseasRemittance", estimate),
        post("/remittances", "initiateOverseasRemittance", initiate).keyed(),
        get("/remittances", "listOverseasRemittances", list),
        get("/remittances/{remittanceId}", "retrieveOverseasRemittance", retrieve),
        post("/remittances/{remittanceId}/cancellation", "controlOverseasRemittance", cancel).keyed(),
    ],
    kinds: &[Kind::of::<Remittance>()],
    seed: None,
};

const PURPOSE_LIST: &str = "remittance-purposes";
const LIST: &str = "remittances";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum PartyType {
    Person,
    Organisation,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PurposeQuery {
    party_type: Option<PartyType>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PurposeView {
    code: Purpose,
    name: Localized,
    party_types: &'static [PartyType],
    document_required: bool,
}

fn purposes(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PurposeQuery = input.query()?;
    let page = Input::page(PURPOSE_LIST, query.cursor.as_deref(), query.limit)?;
    let wanted = PURPOSES.iter().filter(|row| query.party_type.is_none_or(|wanted| row.open_to.contains(&wanted)));
    let view = |row: &rules::Row| PurposeView {
        code: row.code,
        name: Localized::new(row.zh, row.en),
        party_types: row.open_to,
        document_required: row.is_documented,
    };
    Answer::ok(&Listed::ascending(PURPOSE_LIST, &page, wanted, |row| row.text.to_owned(), view))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EstimateRequest {
    debtor_account_id: AccountId,
    amount: Money,
    charge_bearer: Bearer,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CostsView {
    amount: Money,
    principal: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<String>,
    handling_fee: Money,
    message_fee: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    correspondent_fee: Option<Money>,
    total_debit: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota_used: Option<Money>,
}

impl CostsView {
    fn new(costs: &Costs, quota_usd_minor: Option<i64>) -> Self {
        let of = |minor| money(minor, costs.currency);
        Self {
            amount: money(costs.amount_minor, costs.amount_currency),
            principal: of(costs.principal_minor),
            rate: costs.rate_micro.map(board::text),
            handling_fee: of(costs.handling_minor),
            message_fee: of(costs.message_minor),
            correspondent_fee: (costs.correspondent_minor > 0).then(|| of(costs.correspondent_minor)),
            total_debit: of(costs.total()),
            quota_used: quota_usd_minor.map(|minor| money(minor, Currency::USD)),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EstimateView {
    #[serde(flatten)]
    costs: CostsView,
    value_date: Date,
}

fn estimate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: EstimateRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let now = call.now();
    let account = call.world.customers(body.debtor_account_id);
    let account =
        account.ok_or_else(|| Refusal::from(Code::AccountNotFound).at("/debtorAccountId", "names no account"))?;
    let costs = rules::costs(amount, account.ledger.currency, body.charge_bearer, now)?;
    let owner = super::desk::owner(&account)?;
    let party = super::desk::party(call, owner, "/debtorAccountId")?;
    let counts = costs.rate_micro.is_some() && super::fx::quota::applies(party);
    let quota = if counts { board::in_usd(amount, now).map(pano_types::Money::minor) } else { None };
    let costs = CostsView::new(&costs, quota);
    Answer::ok(&EstimateView { costs, value_date: rules::value_date(now) })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InitiateRequest {
    debtor_account_id: AccountId,
    amount: Money,
    charge_bearer: Bearer,
    creditor: Creditor,
    creditor_agent: Agent,
    purpose_code: Purpose,
    document_number: Option<String>,
    remittance_information: Option<String>,
}

fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: InitiateRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    rules::texts(
        &body.creditor,
        &body.creditor_agent,
        body.document_number.as_deref(),
        body.remittance_information.as_deref(),
    )?;
    payer(call, body.debtor_account_id, "/debtorAccountId")?;
    let order = order::Order {
        debtor: body.debtor_account_id,
        amount,
        bearer: body.charge_bearer,
        creditor: body.creditor,
        agent: body.creditor_agent,
        purpose: body.purpose_code,
        document: body.document_number,
        remittance: body.remittance_information,
    };
    let remittance = order::place(call, order)?;
    Answer::created(format!("remittances/{}", remittance.id), &RemittanceView::from(&remittance))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RemittanceView {
    remittance_id: RemittanceId,
    uetr: String,
    status: &'static str,
    debtor_account_id: AccountId,
    #[serde(flatten)]
    costs: CostsView,
    charge_bearer: Bearer,
    creditor: Creditor,
    creditor_agent: Agent,
    purpose_code: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remittance_information: Option<String>,
    value_date: Date,
    ordered_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Instant>,
    transaction_id: TransactionId,
}

impl From<&Remittance> for RemittanceView {
    fn from(remittance: &Remittance) -> Self {
        let (settled_at, cancelled_at) = match remittance.stage {
            Stage::Held | Stage::Accepted => (None, None),
            Stage::Left { at } => (Some(at), None),
            Stage::Cancelled { at } => (None, Some(at)),
        };
        Self {
            remittance_id: remittance.id,
            uetr: remittance.uetr.clone(),
            status: remittance.stage.code(),
            debtor_account_id: remittance.debtor,
            costs: CostsView::new(&remittance.costs, remittance.quota_usd_minor),
            charge_bearer: remittance.bearer,
            creditor: remittance.creditor.clone(),
            creditor_agent: remittance.agent.clone(),
            purpose_code: remittance.purpose,
            document_number: remittance.document.clone(),
            remittance_information: remittance.remittance.clone(),
            value_date: remittance.value,
            ordered_at: remittance.ordered_at,
            settled_at,
            cancelled_at,
            transaction_id: remittance.transaction,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    debtor_account_id: Option<AccountId>,
    status: Option<Status>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Pdng,
    Acsp,
    Acsc,
    Canc,
}

impl Status {
    const fn fits(self, stage: Stage) -> bool {
        matches!(
            (self, stage),
            (Self::Pdng, Stage::Held)
                | (Self::Acsp, Stage::Accepted)
                | (Self::Acsc, Stage::Left { .. })
                | (Self::Canc, Stage::Cancelled { .. })
        )
    }
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let own = call.world.under::<Remittance>(BY_APP, call.app).rev();
    let wanted = own.filter(|remittance| {
        query.debtor_account_id.is_none_or(|debtor| debtor == remittance.debtor)
            && query.status.is_none_or(|status| status.fits(remittance.stage))
    });
    Answer::ok(&Listed::descending(LIST, &page, wanted, |remittance| remittance.id.to_string(), RemittanceView::from))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&RemittanceView::from(own(call, input)?))
}

fn own<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Remittance, Refusal> {
    let id: RemittanceId = input.id("remittanceId", Code::NotFound)?;
    let found = call.world.get::<Remittance>(&id).filter(|remittance| remittance.app == call.app);
    found.ok_or_else(|| Code::NotFound.into())
}

/// Why something is cancelled; for the record only.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Reason {
    CustomerRequest,
    WrongDetails,
    Duplicate,
}

impl Reason {
    const fn code(self) -> &'static str {
        match self {
            Self::CustomerRequest => "CUSTOMER_REQUEST",
            Self::WrongDetails => "WRONG_DETAILS",
            Self::Duplicate => "DUPLICATE",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelRequest {
    reason: Reason,
}

fn cancel(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: CancelRequest = input.body()?;
    let remittance = own(call, input)?.clone();
    match remittance.stage {
        Stage::Held | Stage::Accepted => {}
        Stage::Left { .. } => return Err(refused_now("the remittance has left", "汇款已汇出")),
        Stage::Cancelled { .. } => return Err(refused_now("the remittance was cancelled before", "汇款已撤销")),
    }
    let remittance = order::cancel(call, remittance, body.reason.code())?;
    Answer::ok(&RemittanceView::from(&remittance))
}
