//! Factoring: receivables along a supply chain, registered, confirmed by the core enterprise, financed, repaid.

mod receivable;
pub(crate) mod terms;

pub(crate) use receivable::collect;

use super::desk::{in_currency, money, owner, party, payee, payer};
use super::{Room, get, post, put};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::party::PartyKind;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use pano_types::id::{AccountId, PartyId, ReceivableId, TransactionId};
use pano_types::{Code, Date, Instant};
use receivable::{CURRENCY, Draft, Receivable, Stage};
use serde::{Deserialize, Serialize};
use terms::Terms;

pub(crate) const ROOM: Room = Room {
    document: Document::new("factoring", include_str!("../../openapi/factoring.yaml")),
    operations: &[
        post("/receivables", "initiateReceivable", register).keyed(),
        get("/receivables", "listReceivables", list),
        get("/receivables/{receivableId}", "retrieveReceivable", retrieve),
        put("/receivables/{receivableId}/confirmation", "exchangeReceivableConfirmation", confirm),
        get("/receivables/{receivableId}/financing-quote", "retrieveReceivableFinancingQuote", quote),
        post("/receivables/{receivableId}/financings", "executeReceivableFinancing", finance).keyed(),
        post("/receivables/{receivableId}/repayments", "executeReceivableRepayment", repay).keyed(),
    ],
    kinds: &[Kind::of::<Receivable>()],
    seed: Some(receivable::seed),
};

const LIST: &str = "receivables";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RegisterRequest {
    supplier_account_id: AccountId,
    obligor_party_id: PartyId,
    invoice_number: String,
    contract_number: String,
    amount: Money,
    issued_on: Date,
    due_date: Date,
}

fn register(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RegisterRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let account = payee(call, body.supplier_account_id, "/supplierAccountId")?;
    let supplier = owner(&account)?;
    in_currency(amount, CURRENCY, "/amount/currency")?;
    in_currency(amount, account.ledger.currency, "/supplierAccountId")?;
    for (who, at) in [(supplier, "/supplierAccountId"), (body.obligor_party_id, "/obligorPartyId")] {
        if party(call, who, at)?.kind != PartyKind::Organisation {
            let refusal = Refusal::from(Code::Unsuitable).at(at, "must be an organisation");
            return Err(refusal.detail("receivables are between organisations", "应收账款仅限企业之间"));
        }
    }
    let draft = Draft {
        supplier,
        supplier_account: body.supplier_account_id,
        obligor: body.obligor_party_id,
        invoice: body.invoice_number,
        contract: body.contract_number,
        amount_minor: amount.minor(),
        issued_on: body.issued_on,
        due: body.due_date,
    };
    let receivable = receivable::register(call, draft)?;
    Answer::created(format!("receivables/{}", receivable.id), &ReceivableView::new(&receivable, call.today()))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FinancingView {
    principal: Money,
    discount_rate: String,
    days: u32,
    discount: Money,
    fee: Money,
    proceeds: Money,
}

impl From<Terms> for FinancingView {
    fn from(terms: Terms) -> Self {
        let cny = |minor| money(minor, CURRENCY);
        Self {
            principal: cny(terms.principal_minor),
            discount_rate: terms::DISCOUNT.percent(),
            days: terms.days,
            discount: cny(terms.discount_minor),
            fee: cny(terms.fee_minor),
            proceeds: cny(terms.proceeds_minor()),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceivableView {
    receivable_id: ReceivableId,
    status: Stage,
    supplier_party_id: PartyId,
    obligor_party_id: PartyId,
    supplier_account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    obligor_account_id: Option<AccountId>,
    invoice_number: String,
    contract_number: String,
    amount: Money,
    issued_on: Date,
    due_date: Date,
    outstanding: Money,
    penalty: Money,
    days_past_due: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    financing: Option<FinancingView>,
    registered_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    financed_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_on: Option<Date>,
}

impl ReceivableView {
    /// As it stands on `today`, penalty included.
    fn new(receivable: &Receivable, today: Date) -> Self {
        let mut grown = receivable.clone();
        grown.grow(today);
        let cny = |minor| money(minor, CURRENCY);
        Self {
            receivable_id: grown.id,
            status: grown.stage(today),
            supplier_party_id: grown.supplier,
            obligor_party_id: grown.obligor,
            supplier_account_id: grown.supplier_account,
            obligor_account_id: grown.obligor_account,
            invoice_number: grown.invoice.clone(),
            contract_number: grown.contract.clone(),
            amount: cny(grown.amount_minor),
            issued_on: grown.issued_on,
            due_date: grown.due,
            outstanding: cny(grown.outstanding()),
            penalty: cny(grown.open_penalty()),
            days_past_due: grown.days_past_due(today),
            rejection_reason: grown.rejection.clone(),
            financing: grown.terms.map(FinancingView::from),
            registered_at: grown.registered_at,
            confirmed_at: grown.confirmed_at,
            financed_at: grown.financed_at,
            settled_on: grown.settled_on,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    supplier_party_id: Option<PartyId>,
    obligor_party_id: Option<PartyId>,
    status: Option<Stage>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let today = call.today();
    let all: Box<dyn Iterator<Item = &Receivable>> = match (query.supplier_party_id, query.obligor_party_id) {
        (Some(supplier), _) => {
            Box::new(call.world.under::<Receivable>(receivable::BY_SUPPLIER, &supplier.to_string()).rev())
        }
        (None, Some(obligor)) => {
            Box::new(call.world.under::<Receivable>(receivable::BY_OBLIGOR, &obligor.to_string()).rev())
        }
        (None, None) => Box::new(call.world.all::<Receivable>().rev()),
    };
    let wanted = all.filter(|receivable| {
        query.obligor_party_id.is_none_or(|obligor| obligor == receivable.obligor)
            && query.status.is_none_or(|status| status == receivable.stage(today))
    });
    let view = |receivable: &Receivable| ReceivableView::new(receivable, today);
    Answer::ok(&Listed::descending(LIST, &page, wanted, |receivable| receivable.id.to_string(), view))
}

/// The receivable that the path names, with its penalty up to today.
fn found(call: &Call<'_>, input: &Input) -> Result<Receivable, Refusal> {
    let id: ReceivableId = input.id("receivableId", Code::NotFound)?;
    let mut receivable = call.world.get::<Receivable>(&id).cloned().ok_or(Code::NotFound)?;
    receivable.grow(call.today());
    Ok(receivable)
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&ReceivableView::new(&found(call, input)?, call.today()))
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Decision {
    Confirm,
    Reject,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfirmRequest {
    decision: Decision,
    obligor_account_id: Option<AccountId>,
    reason: Option<String>,
}

fn confirm(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: ConfirmRequest = input.body()?;
    let receivable = found(call, input)?;
    let needed = |at: &str, when: &str| Refusal::from(Code::RequestInvalid).at(at, format!("is needed to {when}"));
    let receivable = match body.decision {
        Decision::Confirm => {
            let id = body.obligor_account_id.ok_or_else(|| needed("/obligorAccountId", "confirm"))?;
            let account = payer(call, id, "/obligorAccountId")?;
            in_currency(pano_types::Money::zero(CURRENCY), account.ledger.currency, "/obligorAccountId")?;
            if owner(&account)? != receivable.obligor {
                let reason = "must be of the core enterprise";
                return Err(Refusal::from(Code::RequestInvalid).at("/obligorAccountId", reason));
            }
            receivable::confirm(call, receivable, id)?
        }
        Decision::Reject => {
            let reason = body.reason.ok_or_else(|| needed("/reason", "reject"))?;
            if !(1..=140).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
                return Err(Refusal::from(Code::RequestInvalid).at("/reason", "must be 1 to 140 characters"));
            }
            receivable::reject(call, receivable, reason)?
        }
    };
    Answer::ok(&ReceivableView::new(&receivable, call.today()))
}

fn quote(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let receivable = found(call, input)?;
    let terms = receivable::quote(&receivable, terms::most(receivable.amount_minor), call.today())?;
    Answer::ok(&FinancingView::from(terms))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FinanceRequest {
    principal: Money,
}

fn finance(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: FinanceRequest = input.body()?;
    let principal = body.principal.positive("/principal")?;
    let receivable = found(call, input)?;
    let minor = in_currency(principal, CURRENCY, "/principal/currency")?;
    let receivable = receivable::finance(call, receivable, minor)?;
    Answer::created(format!("receivables/{}", receivable.id), &ReceivableView::new(&receivable, call.today()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RepayRequest {
    amount: Money,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RepaymentView {
    receivable_id: ReceivableId,
    amount: Money,
    penalty: Money,
    to_bank: Money,
    to_supplier: Money,
    outstanding: Money,
    repaid_at: Instant,
    transaction_id: TransactionId,
}

fn repay(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: RepayRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    let receivable = found(call, input)?;
    let minor = in_currency(amount, CURRENCY, "/amount/currency")?;
    let (receivable, parts, transaction) = receivable::repay(call, receivable, minor)?;
    let cny = |minor| money(minor, CURRENCY);
    let view = RepaymentView {
        receivable_id: receivable.id,
        amount: cny(minor),
        penalty: cny(parts.penalty_minor),
        to_bank: cny(parts.bank_minor),
        to_supplier: cny(parts.supplier_minor),
        outstanding: cny(receivable.outstanding()),
        repaid_at: call.now(),
        transaction_id: transaction,
    };
    Answer::created(format!("receivables/{}", receivable.id), &view)
}
