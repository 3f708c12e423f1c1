//! Purchases and repayments, as they were booked.

use super::card::{self, Card, CardKind};
use super::{in_currency, span, the_card, wire};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::model::limit::{Counts, Note};
use crate::numbers::{Outcome, Place, outcome};
use crate::rooms::words;
use crate::wire::{Listed, Money};
use crate::world::Entity;
use pano_types::id::{AccountId, CardId, CardTransactionId, InstalmentPlanId, TransactionId};
use pano_types::{Code, Currency, Date, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a card transaction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TransactionKind {
    Purchase,
    Repayment,
    /// A purchase leaves what is owed for a plan.
    InstalmentConversion,
    /// A part of a plan is owed again.
    Instalment,
    InstalmentFee,
}

/// Where something was bought.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Merchant {
    /// C2.
    name: String,
    category_code: String,
    channel: Channel,
    country: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Channel {
    Online,
    Pos,
}

/// A booking on a card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CardTransaction {
    pub(super) id: CardTransactionId,
    pub(super) card: CardId,
    pub(super) kind: TransactionKind,
    pub(super) minor: i64,
    pub(super) currency: Currency,
    pub(super) merchant: Option<Merchant>,
    pub(super) plan: Option<InstalmentPlanId>,
    pub(super) by: TransactionId,
    pub(super) at: Instant,
}

const BY_CARD: &str = "card";

impl Entity for CardTransaction {
    const KIND: &'static str = "card.transaction";
    type Id = CardTransactionId;
    fn id(&self) -> CardTransactionId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_CARD, self.card.to_string());
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PurchaseForm {
    amount: Money,
    merchant: Merchant,
}

pub(super) fn purchase(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: PurchaseForm = input.body()?;
    let amount = form.amount.positive("/amount")?;
    check_merchant(&form.merchant)?;
    let card = the_card(call, input)?;
    let today = call.today();
    rules(&card, amount, &form.merchant, today, card::spent(call.world, card.id, today))?;
    provoked(amount)?;
    let clearing = call.own(Purpose::Clearing, card.currency)?;
    let id = call.id(CardTransactionId::new);
    let narrative = format!("消费 Purchase: {}", form.merchant.name);
    let note = Note { narrative: &narrative, about: &id.to_string(), at: "/cardId" };
    let by = match card.kind {
        CardKind::Debit => call.take(card.account, clearing, amount, Counts::All, note)?,
        // The card's own account has no limits but its credit.
        CardKind::Credit => {
            call.world.identity_verified(card.owner)?;
            call.transfer(card.account, clearing, amount, note.narrative, note.about)?
        }
    };
    card::spend(call.world, card.id, today, amount.minor());
    let merchant = Some(form.merchant);
    let kind = TransactionKind::Purchase;
    let made =
        made(call, CardTransaction { merchant, ..CardTransaction::new(id, kind, &card, amount, by, call.now()) });
    call.event("bank.card.purchase-booked", id, json!({ "cardId": card.id }));
    made
}

fn check_merchant(merchant: &Merchant) -> Result<(), Refusal> {
    words::printable(&merchant.name, 70, "/merchant/name")?;
    let (code, country) = (&merchant.category_code, &merchant.country);
    if code.len() != 4 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::from(Code::RequestInvalid).at("/merchant/categoryCode", "must be 4 digits"));
    }
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(Refusal::from(Code::RequestInvalid).at("/merchant/country", "must be 2 capital letters"));
    }
    Ok(())
}

fn rules(
    card: &Card,
    amount: pano_types::Money,
    merchant: &Merchant,
    today: Date,
    spent_minor: i64,
) -> Result<(), Refusal> {
    if !card.usable(today) {
        return Err(Code::CardNotActive.into());
    }
    in_currency(amount.currency(), card.currency, "/amount")?;
    let limits = card.limits;
    if merchant.channel == Channel::Online && !limits.online {
        return Err(Refusal::from(Code::LimitExceeded).detail("purchases online are switched off", "线上消费已关闭"));
    }
    if merchant.country != "CN" && !limits.abroad {
        return Err(Refusal::from(Code::LimitExceeded).detail("purchases abroad are switched off", "境外消费已关闭"));
    }
    let over = |en: &str, zh: &str, minor: i64| {
        let limit = pano_types::Money::new(minor, card.currency);
        Err(Refusal::from(Code::LimitExceeded).detail(format!("{en} limit: {limit}"), format!("{zh}限额：{limit}")))
    };
    if amount.minor() > limits.purchase_minor {
        return over("per purchase", "单笔", limits.purchase_minor);
    }
    if spent_minor.checked_add(amount.minor()).is_none_or(|total| total > limits.day_minor) {
        return over("per day", "日累计", limits.day_minor);
    }
    Ok(())
}

/// Refuses a purchase when that is what its amount, a test number, asks for.
fn provoked(amount: pano_types::Money) -> Result<(), Refusal> {
    match outcome(Place::CardPurchaseAmount, &amount.amount()) {
        Some(Outcome::InsufficientFunds) => Err(Code::InsufficientFunds.into()),
        Some(Outcome::LimitExceeded) => Err(Code::LimitExceeded.into()),
        Some(Outcome::FraudSuspected) => Err(Code::FraudSuspected.into()),
        _ => Ok(()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RepaymentForm {
    debtor_account_id: AccountId,
    amount: Money,
}

pub(super) fn repay(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: RepaymentForm = input.body()?;
    let amount = form.amount.positive("/amount")?;
    let card = the_card(call, input)?;
    if card.kind != CardKind::Credit {
        return Err(Refusal::from(Code::LifecycleRefused).detail("a debit card owes nothing", "借记卡无需还款"));
    }
    in_currency(amount.currency(), card.currency, "/amount")?;
    let debtor = call.world.current(form.debtor_account_id, "/debtorAccountId")?.account;
    let counts = if debtor.owner == Some(card.owner) { Counts::Class } else { Counts::All };
    let (owed, _) = card.owed_and_available(call.world);
    if amount.minor() > owed.minor() {
        return Err(Refusal::from(Code::LimitExceeded).detail(format!("owed: {owed}"), format!("欠款：{owed}")));
    }
    let id = call.id(CardTransactionId::new);
    let note = Note { narrative: "信用卡还款 Card repayment", about: &id.to_string(), at: "/debtorAccountId" };
    let by = call.take(form.debtor_account_id, card.account, amount, counts, note)?;
    let kind = TransactionKind::Repayment;
    let made = made(call, CardTransaction::new(id, kind, &card, amount, by, call.now()));
    call.event("bank.card.repaid", id, json!({ "cardId": card.id }));
    made
}

impl CardTransaction {
    pub(super) const fn new(
        id: CardTransactionId,
        kind: TransactionKind,
        card: &Card,
        amount: pano_types::Money,
        by: TransactionId,
        at: Instant,
    ) -> Self {
        let (minor, currency) = (amount.minor(), amount.currency());
        Self { id, card: card.id, kind, minor, currency, merchant: None, plan: None, by, at }
    }
}

fn made(call: &mut Call<'_>, transaction: CardTransaction) -> Result<Answer, Refusal> {
    // A card's transactions are a list; there is no address of one alone.
    let location = format!("cards/{}/transactions", transaction.card);
    let answer = Answer::created(location, &wire::CardTransaction::from(&transaction));
    call.world.put(transaction);
    answer
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TransactionQuery {
    from_date: Option<Date>,
    to_date: Option<Date>,
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn transactions(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: TransactionQuery = input.query()?;
    let list = format!("card-transactions/{}", input.path("cardId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let card = the_card(call, input)?;
    span(query.from_date, query.to_date)?;
    let (from, until) =
        (query.from_date.map(|day| day.start(BANK_ZONE)), query.to_date.map(|day| day.plus_days(1).start(BANK_ZONE)));
    let wanted =
        |one: &&CardTransaction| from.is_none_or(|from| one.at >= from) && until.is_none_or(|until| one.at < until);
    let card = card.id.to_string();
    let found = call.world.under::<CardTransaction>(BY_CARD, &card).rev().filter(wanted);
    Answer::ok(&Listed::descending(&list, &page, found, |one| one.id.to_string(), wire::CardTransaction::from))
}
