//! Escrow: money that lies apart, under supervision, until the conditions for its release are met.

mod agreement;

pub(crate) use agreement::Escrow;

use super::{Room, get, post};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::account::{BankAccount, Limits, Purpose};
use crate::model::class::AccountClass;
use crate::model::limit::{Counts, Note};
use crate::model::party::Party;
use crate::seed::Seeding;
use crate::wire::{Listed, Money, text};
use crate::world::Kind;
use agreement::{Condition, ConditionState, Reason, Terms};
use pano_ledger::AccountStatus;
use pano_types::id::{AccountId, EscrowId, PartyId};
use pano_types::{Code, Date, Localized};
use serde::Deserialize;
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("escrow", include_str!("../../openapi/escrow.yaml")),
    operations: &[
        get("/escrows", "listEscrows", list),
        post("/escrows", "initiateEscrow", initiate).keyed(),
        get("/escrows/{escrowId}", "retrieveEscrow", retrieve),
        post("/escrows/{escrowId}/funding", "fundEscrow", fund).keyed(),
        post("/escrows/{escrowId}/conditions/{conditionNumber}/fulfilment", "fulfilEscrowCondition", fulfil).keyed(),
        post("/escrows/{escrowId}/releases", "releaseEscrow", release).keyed(),
        post("/escrows/{escrowId}/returns", "returnEscrow", give_back).keyed(),
    ],
    kinds: &[Kind::of::<Escrow>()],
    seed: Some(seed),
};

const LIST: &str = "escrows";
/// Longest time, in months.
const MONTHS_MAX: i32 = 60;
/// Most conditions.
const CONDITIONS_MAX: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EscrowRequest {
    depositor_account_id: AccountId,
    beneficiary_account_id: AccountId,
    amount: Money,
    purpose: agreement::Purpose,
    expires_on: Date,
    conditions: Vec<ConditionRequest>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConditionRequest {
    condition_type: agreement::ConditionType,
    description: String,
    confirming_party_id: Option<PartyId>,
    not_before: Option<Date>,
    release_amount: Money,
}

fn invalid(at: &str, reason: (&str, &str)) -> Refusal {
    Refusal::from(Code::RequestInvalid).at(at, reason)
}

fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: EscrowRequest = input.body()?;
    let amount = body.amount.positive("/amount")?;
    if body.depositor_account_id == body.beneficiary_account_id {
        return Err(Code::SameAccount.into());
    }
    usable(call, body.depositor_account_id, "/depositorAccountId", amount)?;
    usable(call, body.beneficiary_account_id, "/beneficiaryAccountId", amount)?;
    let today = call.today();
    if body.expires_on < today || body.expires_on > today.plus_months(MONTHS_MAX) {
        return Err(invalid(
            "/expiresOn",
            ("must be today or later, and at most five years from today", "须为今日或之后，且不超过五年"),
        ));
    }
    let terms = Terms {
        depositor: body.depositor_account_id,
        beneficiary: body.beneficiary_account_id,
        amount,
        purpose: body.purpose,
        expires_on: body.expires_on,
        conditions: conditions(call, &body, amount)?,
    };
    let escrow = set_up(call, terms)?;
    Answer::created(format!("escrows/{}", escrow.id), &escrow.view(today))
}

fn conditions(call: &Call<'_>, body: &EscrowRequest, amount: pano_types::Money) -> Result<Vec<Condition>, Refusal> {
    if !(1..=CONDITIONS_MAX).contains(&body.conditions.len()) {
        return Err(invalid("/conditions", ("must hold 1 to 20 conditions", "须含 1 至 20 个条件")));
    }
    let (mut found, mut total) = (Vec::new(), pano_types::Money::zero(amount.currency()));
    for (place, asked) in body.conditions.iter().enumerate() {
        let at = |name: &str| format!("/conditions/{place}/{name}");
        text(&asked.description, 100, &at("description"))?;
        let releases = asked.release_amount.positive(&at("releaseAmount"))?;
        total = total.plus(releases).map_err(|_| {
            Refusal::from(Code::CurrencyMismatch)
                .at(at("releaseAmount/currency"), ("is not that of the escrow", "与监管币种不一致"))
        })?;
        if let Some(party) = asked.confirming_party_id
            && call.world.get::<Party>(&party).is_none()
        {
            return Err(
                Refusal::from(Code::PartyNotFound).at(at("confirmingPartyId"), ("names no party", "没有对应的客户"))
            );
        }
        let needs = asked.condition_type.needs();
        if needs.party != asked.confirming_party_id.is_some() {
            return Err(invalid(
                &at("confirmingPartyId"),
                (
                    "is required for CONFIRMATION and DOCUMENT, and only there",
                    "仅 CONFIRMATION 与 DOCUMENT 需要且必须填写",
                ),
            ));
        }
        if needs.day != asked.not_before.is_some() {
            return Err(invalid(&at("notBefore"), ("is required for DATE, and only there", "仅 DATE 需要且必须填写")));
        }
        if asked.not_before.is_some_and(|day| day > body.expires_on) {
            return Err(invalid(&at("notBefore"), ("must not be after expiresOn", "不得晚于 expiresOn")));
        }
        found.push(Condition {
            kind: asked.condition_type,
            description: asked.description.clone(),
            party: asked.confirming_party_id,
            not_before: asked.not_before,
            release_minor: releases.minor(),
            state: ConditionState::Open,
            digest: None,
        });
    }
    if total != amount {
        let sums = (format!("release {total}, not {amount}"), format!("合计放款 {total}，而非 {amount}"));
        let refusal = Refusal::from(Code::AmountInvalid).at("/conditions", sums);
        return Err(
            refusal.detail("the conditions' amounts must add up to the escrow's", "各条件放款金额之和须等于监管金额")
        );
    }
    Ok(found)
}

/// A customer's current account that may take part.
fn usable(call: &Call<'_>, account: AccountId, at: &str, amount: pano_types::Money) -> Result<(), Refusal> {
    let standing = call.world.current(account, at)?;
    if standing.ledger.status != AccountStatus::Open {
        return Err(Refusal::from(Code::AccountFrozen).at(at, ("is frozen or closed", "已冻结或销户")));
    }
    if standing.ledger.currency != amount.currency() {
        return Err(Refusal::from(Code::CurrencyMismatch)
            .at("/amount/currency", ("is not that of the accounts", "与账户币种不一致")));
    }
    Ok(())
}

/// Opens the account on which the money will lie. It is the bank's own, so that neither side can pay from it.
fn set_up(call: &mut Call<'_>, terms: Terms) -> Result<Escrow, Refusal> {
    let (id, account, today) = (call.id(EscrowId::new), call.id(AccountId::new), call.today());
    let apart = BankAccount {
        id: account,
        purpose: Purpose::Escrow,
        number: format!("escrow {id}"),
        name: Localized::new("资金监管", "Escrow"),
        owner: None,
        class: AccountClass::Business,
        bound_to: None,
        limits: Limits::default(),
        opened_on: today,
    };
    call.open(apart, terms.amount.currency(), Some(0))?;
    let escrow = Escrow::new(id, call.app, account, terms, call.now());
    call.event("bank.escrow.created", id, json!({ "escrowId": id }));
    call.world.put(escrow.clone());
    Ok(escrow)
}

fn named(call: &Call<'_>, input: &Input) -> Result<Escrow, Refusal> {
    let id: EscrowId = input.id("escrowId", Code::NotFound)?;
    call.world.get::<Escrow>(&id).cloned().ok_or_else(|| Code::NotFound.into())
}

/// Keeps what has become of an escrow, and answers with it.
fn kept(call: &mut Call<'_>, escrow: Escrow, event: &'static str) -> Result<Answer, Refusal> {
    call.event(event, escrow.id, json!({ "escrowId": escrow.id, "status": escrow.state.code() }));
    let answer = Answer::ok(&escrow.view(call.today()));
    call.world.put(escrow);
    answer
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Funding {
    amount: Money,
}

fn fund(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: Funding = input.body()?;
    let (escrow, amount) = (named(call, input)?, body.amount.positive("/amount")?);
    let (account, from) = (escrow.account, escrow.depositor);
    let escrow = escrow.funded(amount)?;
    let about = escrow.id.to_string();
    let note = Note { narrative: "存入监管资金 Into escrow", about: &about, at: "/depositorAccountId" };
    call.take(from, account, amount, Counts::Class, note)?;
    kept(call, escrow, "bank.escrow.funded")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fulfilment {
    party_id: PartyId,
    document_digest: Option<String>,
}

fn fulfil(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: Fulfilment = input.body()?;
    let number: usize = input.id("conditionNumber", Code::NotFound)?;
    let escrow = named(call, input)?.fulfilled(number, body.party_id, body.document_digest, call.now())?;
    kept(call, escrow, "bank.escrow.condition_fulfilled")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Release {
    condition_number: usize,
}

fn release(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: Release = input.body()?;
    let escrow = named(call, input)?;
    let amount = escrow.releasable(body.condition_number, call.today())?;
    let (account, to, about) = (escrow.account, escrow.beneficiary, escrow.id.to_string());
    let note = Note { narrative: "监管放款 Released from escrow", about: &about, at: "/beneficiaryAccountId" };
    let by = call.give(account, to, amount, Counts::Class, note)?;
    let now = call.now();
    kept(call, escrow.released(body.condition_number, by, now), "bank.escrow.released")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Return {
    reason: Reason,
    #[serde(default)]
    agreed_by: Vec<PartyId>,
}

fn give_back(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let body: Return = input.body()?;
    let escrow = named(call, input)?;
    let owner = |account| call.world.customers(account).and_then(|standing| standing.account.owner);
    let sides = [owner(escrow.depositor), owner(escrow.beneficiary)];
    let left = escrow.returnable(body.reason, &body.agreed_by, sides, call.today())?;
    if left.minor() > 0 {
        let (account, to, about) = (escrow.account, escrow.depositor, escrow.id.to_string());
        let note = Note { narrative: "监管退回 Returned from escrow", about: &about, at: "/depositorAccountId" };
        call.give(account, to, left, Counts::Nothing, note)?;
    }
    kept(call, escrow.returned(left), "bank.escrow.returned")
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&named(call, input)?.view(call.today()))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    account_id: Option<AccountId>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let today = call.today();
    let (key, view) = (|escrow: &&Escrow| escrow.id.to_string(), |escrow: &Escrow| escrow.view(today));
    match query.account_id {
        Some(account) => {
            let found = call.world.under::<Escrow>(agreement::BY_ACCOUNT, &account.to_string()).rev();
            Answer::ok(&Listed::descending(LIST, &page, found, key, view))
        }
        None => Answer::ok(&Listed::descending(LIST, &page, call.world.all::<Escrow>().rev(), key, view)),
    }
}

/// Two persons have agreed on a deposit that waits for its money.
fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let cny = |minor| pano_types::Money::new(minor, pano_types::Currency::CNY);
    let mut persons = call.world.customers_accounts().filter(|s| {
        let open = s.account.purpose == Purpose::Current && s.ledger.status == AccountStatus::Open;
        open && s.account.class == AccountClass::I && s.ledger.currency == pano_types::Currency::CNY
    });
    let (first, second) =
        (persons.next().map(|s| (s.account.id, s.account.owner)), persons.next().map(|s| s.account.id));
    drop(persons);
    let (Some((depositor, Some(owner))), Some(beneficiary)) = (first, second) else { return Ok(()) };
    let today = call.today();
    let condition = |kind, description: &str, party, not_before, release_minor| Condition {
        kind,
        description: description.to_owned(),
        party,
        not_before,
        release_minor,
        state: ConditionState::Open,
        digest: None,
    };
    let terms = Terms {
        depositor,
        beneficiary,
        amount: cny(3_000_000),
        purpose: agreement::Purpose::PrepaidService,
        expires_on: today.plus_months(6),
        conditions: vec![
            condition(
                agreement::ConditionType::Confirmation,
                "课程过半 Half of the course",
                Some(owner),
                None,
                1_500_000,
            ),
            condition(
                agreement::ConditionType::Date,
                "课程结束 End of the course",
                None,
                Some(today.plus_months(3)),
                1_500_000,
            ),
        ],
    };
    set_up(call, terms)?;
    Ok(())
}
