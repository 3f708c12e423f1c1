//! Makes a sandbox from a scenario and a seed: the same two give the same ids, numbers and history.
//!
//! Personal data is synthetic by construction ([`number`]): identity numbers and credit codes with right check digits from
//! regions that were never issued, telephone numbers from a prefix that no carrier has, account numbers from a test range.
//!
//! Money comes into the bank as deposits against its balance at the central bank, so the books balance from the first entry
//! on. Customers and their accounts are made here; what else a room needs, its own `seed` adds, in the order of the rooms.

pub mod number;
mod people;
mod scenario;
#[cfg(test)]
mod synthetic;

pub use scenario::Scenario;

use crate::BANK_ZONE;
use crate::call::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose};
use crate::model::class::AccountClass;
use crate::model::party::{Party, PartyKind};
use crate::rooms::ROOMS;
use crate::world::{ChangeSet, World};
use pano_ledger::{Booking, Posting, Transaction};
use pano_types::clock::SeededEntropy;
use pano_types::id::{AccountId, PartyId, TransactionId};
use pano_types::{Currency, Date, Instant, Localized, Money};
use people::{Character, Opening};
use std::time::Duration;

/// The seed unless another is chosen.
pub const DEFAULT: u64 = 20_260_301;
/// Currencies in which the bank has accounts of its own from the beginning.
const OWN: [Currency; 4] = [Currency::CNY, Currency::USD, Currency::EUR, Currency::HKD];
/// First day of the seeded history, which runs for [`MONTHS`] months.
const HISTORY: &str = "2025-07-01";
const MONTHS: i32 = 6;

/// What a room adds its part to.
pub(crate) struct Seeding<'w> {
    /// The world so far; its customers are there. The time is that of the making.
    pub(crate) call: Call<'w>,
}

/// A fresh world at `now`, and what is to be written of it.
///
/// # Errors
/// A defect of a seed.
pub(crate) fn build(scenario: Scenario, seed: u64, now: Instant) -> Result<(World, ChangeSet), String> {
    let mut world = World::new(now);
    fill(&mut world, scenario, seed, now).map_err(|refusal| refusal.to_string())?;
    world.keep()?;
    if !world.book().trial().is_balanced() {
        return Err(format!("the books of the scenario {} do not balance", scenario.code()));
    }
    let changes = world.take()?;
    Ok((world, changes))
}

fn fill(world: &mut World, scenario: Scenario, seed: u64, now: Instant) -> Result<(), Refusal> {
    let at = day(HISTORY)?.start(BANK_ZONE);
    world.set_now(at);
    let entropy = SeededEntropy::new(seed);
    let mut plan = Plan { call: Call::of_the_bank(world, seed), entropy: &entropy, at, history: Vec::new() };
    plan.own()?;
    for (order, character) in (1u32..).zip(scenario.characters()) {
        plan.character(order, character)?;
    }
    plan.book()?;
    world.set_now(now);
    world.set_clock(now, now);
    for (place, room) in (1u64..).zip(ROOMS) {
        if let Some(seed_room) = room.seed {
            // Each room draws for itself, so that one that changes leaves the others as they were. The factor is not the
            // generator's own step: with that one, a room would draw what the one before it drew next.
            let call = Call::of_the_bank(world, seed.wrapping_add(place.wrapping_mul(0xD1B5_4A32_D192_ED03)));
            seed_room(&mut Seeding { call })?;
        }
    }
    Ok(())
}

/// Customers, accounts and history, on their way into the world.
struct Plan<'w> {
    call: Call<'w>,
    entropy: &'w SeededEntropy,
    at: Instant,
    history: Vec<Transaction>,
}

impl Plan<'_> {
    fn own(&mut self) -> Result<(), Refusal> {
        for currency in OWN {
            for purpose in [Purpose::Nostro, Purpose::Clearing] {
                let id = AccountId::new(self.at, self.entropy);
                self.call.open(BankAccount::own(id, purpose, currency, day(HISTORY)?), currency, None)?;
            }
        }
        Ok(())
    }

    fn character(&mut self, order: u32, who: &Character) -> Result<(), Refusal> {
        let party = party(PartyId::new(self.at, self.entropy), order, who)?;
        let (owner, since) = (party.id, party.since);
        self.call.world.put(party);
        for (place, opening) in (0u32..).zip(who.accounts) {
            let id = AccountId::new(self.at, self.entropy);
            let floor_minor = Some(-opening.overdraft_minor);
            let account = customers(id, owner, order * 100 + place, opening, since, class(who.kind, opening));
            self.call.open(account, opening.currency, floor_minor)?;
            self.call.world.book_mut().set_status(id, opening.status)?;
            let first = TransactionId::new(self.at, self.entropy);
            let deposit = Money::new(opening.minor, opening.currency);
            self.deposit(first, self.at, id, "开户存入 Opening deposit", deposit)?;
            if place > 0 {
                continue;
            }
            for month in 0..MONTHS {
                for (narrative, minor, day_of_month) in who.months {
                    let days = month * 30 + day_of_month;
                    let noon = self.at.plus(Duration::from_secs(u64::try_from(days).unwrap_or(0) * 86_400 + 4 * 3600));
                    let transaction = TransactionId::new(noon, self.entropy);
                    self.deposit(transaction, noon, id, narrative, Money::new(*minor, opening.currency))?;
                }
            }
        }
        Ok(())
    }

    /// Money from elsewhere onto an account, or, when negative, the other way.
    fn deposit(
        &mut self,
        id: TransactionId,
        at: Instant,
        account: AccountId,
        narrative: &str,
        amount: Money,
    ) -> Result<(), Refusal> {
        let nostro = self.call.own(Purpose::Nostro, amount.currency())?;
        let absolute = if amount.minor() < 0 { amount.negated().map_err(Refusal::broken)? } else { amount };
        let (left, right) = if amount.minor() < 0 { (account, nostro) } else { (nostro, account) };
        let postings = vec![Posting::debit(left, absolute), Posting::credit(right, absolute)];
        let on = Date::of(at, BANK_ZONE);
        let booking = Booking { at, on, value: on, narrative: narrative.to_owned(), about: None };
        self.history.push(Transaction::new(id, booking, postings).map_err(Refusal::broken)?);
        Ok(())
    }

    /// Books the history as it happened, so that running balances read like a statement.
    fn book(mut self) -> Result<(), Refusal> {
        self.history.sort_by_key(|transaction| (transaction.booked_at(), transaction.id()));
        for transaction in self.history {
            self.call.world.book_mut().post(transaction)?;
        }
        Ok(())
    }
}

fn day(text: &str) -> Result<Date, Refusal> {
    Date::parse(text).ok_or_else(|| Refusal::broken(format!("{text} is no day")))
}

/// A person's account with small limits is of class II, bound to an account at another bank.
const fn class(kind: PartyKind, opening: &Opening) -> AccountClass {
    match kind {
        PartyKind::Organisation => AccountClass::Business,
        PartyKind::Person if opening.limits.day_minor <= 1_000_000 => AccountClass::Ii,
        PartyKind::Person => AccountClass::I,
    }
}

fn customers(
    id: AccountId,
    owner: PartyId,
    order: u32,
    opening: &Opening,
    opened_on: Date,
    class: AccountClass,
) -> BankAccount {
    let currency = opening.currency;
    let zh = match currency {
        Currency::CNY => "人民币活期账户".to_owned(),
        other => format!("{other} 外币活期账户"),
    };
    BankAccount {
        id,
        purpose: Purpose::Current,
        number: number::account_number(order),
        name: Localized::new(zh, format!("{currency} current account")),
        owner: Some(owner),
        class,
        bound_to: None,
        limits: opening.limits,
        opened_on,
    }
}

fn party(id: PartyId, order: u32, who: &Character) -> Result<Party, Refusal> {
    let (scheme, identification_number) = match who.kind {
        PartyKind::Person => ("CN_RESIDENT_ID", number::resident_id(who.born, order * 7)),
        PartyKind::Organisation => ("CN_USCC", number::social_credit_code(order)),
    };
    Ok(Party {
        id,
        kind: who.kind,
        name: Localized::new(who.zh, who.en),
        identification_scheme: scheme.to_owned(),
        identification_number,
        phone: number::phone(order),
        email: format!("{}@example.com", who.mail),
        address: Localized::new(format!("全景市示例路 {order} 号"), format!("{order} Example Road, Panorama City")),
        occupation: Localized::new(who.occupation.0, who.occupation.1),
        born_on: day(who.born)?,
        since: day(who.since)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_unix_micros(1_772_400_000_000_000);

    fn rows(scenario: Scenario, seed: u64) -> Vec<(String, String)> {
        let (_, changes) = build(scenario, seed, NOW).unwrap();
        changes.put.into_iter().map(|row| (row.kind, row.id)).collect()
    }

    #[test]
    fn a_seed_says_everything() {
        assert_eq!(rows(Scenario::Everyone, 7), rows(Scenario::Everyone, 7));
        assert_ne!(rows(Scenario::Everyone, 7), rows(Scenario::Everyone, 8));
    }

    #[test]
    fn every_scenario_is_whole() {
        for scenario in Scenario::ALL {
            let (world, changes) = build(scenario, DEFAULT, NOW).unwrap();
            assert_eq!(Scenario::from_code(scenario.code()), Some(scenario));
            assert_eq!(world.book().discrepancies(), []);
            assert!(changes.transactions.len() >= 12, "{scenario:?}");
            let mut numbers: Vec<_> = world.all::<BankAccount>().map(|account| account.number.clone()).collect();
            let all = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), all, "numbers are given once");
            let again = World::load(NOW, &changes.put, &changes.transactions).unwrap();
            assert_eq!(again.book().trial(), world.book().trial());
            assert_eq!(again.customers_accounts().count(), world.customers_accounts().count());
        }
    }
}
