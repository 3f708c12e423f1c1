//! Cards, and what purchases took from them on a day.

use crate::call::Refusal;
use crate::model::account::{BankAccount, Purpose};
use crate::model::party::{Party, PartyKind};
use crate::seed::{Seeding, number};
use crate::world::{Entity, World};
use pano_types::id::{AccountId, CardId, PartyId};
use pano_types::{Currency, Date, Money};
use serde::{Deserialize, Serialize};

/// Most that a customer may set for a day, minor units.
pub(super) const DAY_MAX_MINOR: i64 = 20_000_000;
/// Credit limit of the cards that a sandbox begins with, minor units.
const CREDIT_MINOR: i64 = 3_000_000;

/// What a card draws on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum CardKind {
    /// The customer's current account.
    Debit,
    /// Credit that the bank gives.
    Credit,
}

/// Whether a card can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum CardStatus {
    Active,
    Frozen,
    Closed,
}

/// What may be bought with a card.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Limits {
    pub(super) purchase_minor: i64,
    pub(super) day_minor: i64,
    pub(super) online: bool,
    pub(super) abroad: bool,
}

/// A card.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) id: CardId,
    pub(crate) kind: CardKind,
    /// C2.
    pub(crate) number: String,
    pub(crate) owner: PartyId,
    /// What it draws on: the owner's account, or the card's own.
    pub(super) account: AccountId,
    pub(super) currency: Currency,
    pub(super) status: CardStatus,
    pub(super) limits: Limits,
    /// Of a credit card, minor units.
    pub(super) credit_minor: i64,
    pub(super) issued_on: Date,
    pub(super) expires_on: Date,
}

/// Index by number.
pub(crate) const BY_NUMBER: &str = "number";

impl Entity for Card {
    const KIND: &'static str = "card";
    type Id = CardId;
    fn id(&self) -> CardId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_NUMBER, self.number.clone());
    }
}

impl Card {
    /// Whether purchases are possible on this day.
    pub(super) fn usable(&self, today: Date) -> bool {
        self.status == CardStatus::Active && today <= self.expires_on
    }
    /// What is owed on a credit card, and what may still be drawn on either.
    pub(super) fn owed_and_available(&self, world: &World) -> (Money, Money) {
        let zero = Money::new(0, self.currency);
        let Some(standing) = world.standing(self.account) else { return (zero, zero) };
        let owed = Money::new((-standing.booked().minor()).max(0), self.currency);
        let available = Money::new(standing.spendable().minor().max(0), self.currency);
        (owed, available)
    }
}

/// What purchases took from a card on a day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct CardSpent {
    card: CardId,
    day: Date,
    minor: i64,
}

impl Entity for CardSpent {
    const KIND: &'static str = "card.spent";
    type Id = CardId;
    fn id(&self) -> CardId {
        self.card
    }
}

/// What purchases took from a card on this day, minor units.
pub(super) fn spent(world: &World, card: CardId, day: Date) -> i64 {
    world.get::<CardSpent>(&card).filter(|spent| spent.day == day).map_or(0, |spent| spent.minor)
}

/// Notes a purchase.
pub(super) fn spend(world: &mut World, card: CardId, day: Date, minor: i64) {
    let minor = spent(world, card, day).saturating_add(minor);
    world.put(CardSpent { card, day, minor });
}

/// Every person with an account in CNY has a debit card; those of age have a credit card.
pub(super) fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let today = call.today();
    let persons = call.world.all::<Party>().filter(|party| party.kind == PartyKind::Person);
    let persons: Vec<(PartyId, Date)> = persons.map(|party| (party.id, party.born_on)).collect();
    let mut order = 0;
    for (owner, born_on) in persons {
        let accounts = call.world.customers_accounts().filter(|standing| {
            standing.account.owner == Some(owner)
                && standing.account.purpose == Purpose::Current
                && standing.ledger.currency == Currency::CNY
        });
        let Some(account) = accounts.map(|standing| standing.account.id).next() else { continue };
        let of_age = born_on.plus_months(18 * 12) <= today;
        for kind in [CardKind::Debit, CardKind::Credit] {
            if kind == CardKind::Credit && !of_age {
                continue;
            }
            order += 1;
            let number = number::card_number(order);
            let (id, issued_on) = (call.id(CardId::new), today.plus_months(-34));
            let (account, credit_minor) = match kind {
                CardKind::Debit => (account, 0),
                CardKind::Credit => {
                    let own = call.id(AccountId::new);
                    let mut account = BankAccount::own(own, Purpose::CreditCard, Currency::CNY, issued_on);
                    account.number = format!("card {number}");
                    call.open(account, Currency::CNY, Some(-CREDIT_MINOR))?;
                    (own, CREDIT_MINOR)
                }
            };
            call.world.put(Card {
                id,
                kind,
                number,
                owner,
                account,
                currency: Currency::CNY,
                status: CardStatus::Active,
                limits: Limits { purchase_minor: 500_000, day_minor: 2_000_000, online: true, abroad: false },
                credit_minor,
                issued_on,
                expires_on: issued_on.plus_months(60),
            });
        }
    }
    Ok(())
}
