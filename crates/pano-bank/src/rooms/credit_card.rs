//! Credit Card: debit and credit cards, their limits, purchases, repayments, instalment plans.
//!
//! A debit card draws on its current account. A credit card has an account of its own with a floor of minus its credit
//! limit; that account is reached through the card only.

mod card;
mod instalment;
mod purchase;
mod wire;

pub(crate) use card::{BY_NUMBER, Card, CardKind};
pub(crate) use instalment::{BILL, FEE_PER_10_000, bill};

use super::{Room, get, post, put};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::wire::{Listed, Money};
use crate::world::Kind;
use card::{CardSpent, CardStatus, Limits};
use instalment::Plan;
use pano_types::id::{CardId, PartyId};
use pano_types::{Code, Currency, Date};
use purchase::CardTransaction;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("credit-card", include_str!("../../openapi/credit-card.yaml")),
    operations: &[
        get("/cards", "listCards", list),
        get("/cards/{cardId}", "retrieveCard", retrieve),
        put("/cards/{cardId}/status", "controlCardStatus", control),
        put("/cards/{cardId}/limits", "updateCardLimits", limit),
        post("/cards/{cardId}/purchases", "initiateCardPurchase", purchase::purchase).keyed(),
        get("/cards/{cardId}/transactions", "listCardTransactions", purchase::transactions),
        post("/cards/{cardId}/repayments", "initiateCardRepayment", purchase::repay).keyed(),
        post("/cards/{cardId}/instalment-plans", "initiateInstalmentPlan", instalment::begin).keyed(),
        get("/cards/{cardId}/instalment-plans", "listInstalmentPlans", instalment::list),
        get("/cards/{cardId}/instalment-plans/{planId}", "retrieveInstalmentPlan", instalment::retrieve),
        post(
            "/cards/{cardId}/instalment-plans/{planId}/settlement",
            "executeInstalmentPlanSettlement",
            instalment::settle,
        )
        .keyed(),
    ],
    kinds: &[Kind::of::<Card>(), Kind::of::<CardSpent>(), Kind::of::<CardTransaction>(), Kind::of::<Plan>()],
    seed: Some(card::seed),
};

const LIST: &str = "cards";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListQuery {
    owner_party_id: Option<PartyId>,
    card_type: Option<CardKind>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: ListQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let wanted = |card: &&Card| {
        query.owner_party_id.is_none_or(|owner| card.owner == owner)
            && query.card_type.is_none_or(|kind| card.kind == kind)
    };
    let cards = call.world.all::<Card>().filter(wanted);
    Answer::ok(&Listed::ascending(LIST, &page, cards, |card| card.id.to_string(), |c| wire::Card::new(call.world, c)))
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let card = the_card(call, input)?;
    Answer::ok(&wire::Card::new(call.world, &card))
}

/// The card that the path names.
fn the_card(call: &Call<'_>, input: &Input) -> Result<Card, Refusal> {
    let id: CardId = input.id("cardId", Code::NotFound)?;
    call.world.get::<Card>(&id).cloned().ok_or_else(|| Code::NotFound.into())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusChange {
    status: WantedStatus,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum WantedStatus {
    Active,
    Frozen,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Reason {
    Lost,
    Stolen,
    CustomerRequest,
    FraudSuspicion,
    Found,
}

fn control(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let StatusChange { status, reason } = input.body()?;
    let card = the_card(call, input)?;
    let wanted = match status {
        WantedStatus::Active => CardStatus::Active,
        WantedStatus::Frozen => CardStatus::Frozen,
    };
    if card.status == CardStatus::Closed {
        return Err(closed());
    }
    if card.status != wanted {
        call.world.edit::<Card>(&card.id, |card| card.status = wanted);
        call.event("bank.card.status-changed", card.id, json!({ "status": wanted, "reason": reason }));
    }
    answer(call, card.id)
}

fn closed() -> Refusal {
    Refusal::from(Code::LifecycleRefused).detail("the card is closed", "该卡已注销")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LimitsForm {
    per_purchase: Money,
    per_day: Money,
    online: bool,
    abroad: bool,
}

fn limit(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: LimitsForm = input.body()?;
    let card = the_card(call, input)?;
    if card.status == CardStatus::Closed {
        return Err(closed());
    }
    let minor = |money: &Money, at: &str| {
        let money = money.positive(at)?;
        in_currency(money.currency(), card.currency, at)?;
        Ok::<_, Refusal>(money.minor())
    };
    let limits = Limits {
        purchase_minor: minor(&form.per_purchase, "/perPurchase")?,
        day_minor: minor(&form.per_day, "/perDay")?,
        online: form.online,
        abroad: form.abroad,
    };
    if limits.purchase_minor > limits.day_minor {
        let reason = "must not be more than the limit of a day";
        return Err(Refusal::from(Code::RequestInvalid).at("/perPurchase/amount", reason));
    }
    if limits.day_minor > card::DAY_MAX_MINOR {
        let most = pano_types::Money::new(card::DAY_MAX_MINOR, card.currency);
        return Err(Refusal::from(Code::LimitExceeded)
            .at("/perDay/amount", "is more than the bank allows")
            .detail(format!("at most {most} a day"), format!("单日最多 {most}")));
    }
    call.world.edit::<Card>(&card.id, |card| card.limits = limits);
    answer(call, card.id)
}

fn answer(call: &Call<'_>, id: CardId) -> Result<Answer, Refusal> {
    let card = call.world.get::<Card>(&id).ok_or(Code::NotFound)?;
    Answer::ok(&wire::Card::new(call.world, card))
}

fn in_currency(sent: Currency, kept: Currency, at: &str) -> Result<(), Refusal> {
    if sent == kept {
        return Ok(());
    }
    Err(Refusal::from(Code::CurrencyMismatch).at(format!("{at}/currency"), format!("the card is kept in {kept}")))
}

/// A span of days of a list, both ends included.
fn span(from: Option<Date>, to: Option<Date>) -> Result<(), Refusal> {
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Refusal::from(Code::RequestInvalid).at("toDate", "must not be before fromDate"));
    }
    Ok(())
}
