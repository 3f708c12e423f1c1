//! What the rooms for investment and financing share: whose account it is, amounts in minor units, lists by party.

use crate::call::{Call, Refusal};
use crate::model::account::Standing;
use crate::model::class::AccountClass;
use crate::model::party::Party;
use crate::wire::Money;
use crate::world::{Entity, World};
use pano_ledger::{AccountStatus, Booking};
use pano_types::id::{AccountId, PartyId};
use pano_types::{Code, Currency, Date};

/// Index of entities that belong to a party.
pub(super) const BY_PARTY: &str = "party";
/// Index of entities that an app made.
pub(super) const BY_APP: &str = "app";

/// A customer's current account, named at `at`, that may give money out: it is open, and its owner's identity is verified.
pub(super) fn payer<'c>(call: &'c Call<'_>, id: AccountId, at: &str) -> Result<Standing<'c>, Refusal> {
    let standing = current(call, id, at)?;
    if standing.ledger.status != AccountStatus::Open {
        return Err(Refusal::from(Code::AccountFrozen).at(at, "gives nothing out"));
    }
    call.world.identity_verified(owner(&standing)?)?;
    Ok(standing)
}

/// A customer's current account, named at `at`, that may take money in.
pub(super) fn payee<'c>(call: &'c Call<'_>, id: AccountId, at: &str) -> Result<Standing<'c>, Refusal> {
    let standing = current(call, id, at)?;
    if standing.ledger.status == AccountStatus::Closed {
        return Err(Refusal::from(Code::AccountFrozen).at(at, "takes nothing in"));
    }
    Ok(standing)
}

/// A purse of class III only pays and is paid.
fn current<'c>(call: &'c Call<'_>, id: AccountId, at: &str) -> Result<Standing<'c>, Refusal> {
    let standing = call.world.current(id, at)?;
    if standing.account.class == AccountClass::Iii {
        return Err(Refusal::from(Code::RequestInvalid).at(at, "must not be of class III"));
    }
    Ok(standing)
}

/// Whose account it is.
pub(super) fn owner(standing: &Standing<'_>) -> Result<PartyId, Refusal> {
    standing.account.owner.ok_or_else(|| Refusal::broken("a customer's account without a customer"))
}

/// The party named at `at`.
pub(super) fn party<'c>(call: &'c Call<'_>, id: PartyId, at: &str) -> Result<&'c Party, Refusal> {
    let found = call.world.get::<Party>(&id);
    found.ok_or_else(|| Refusal::from(Code::PartyNotFound).at(at, "names no party"))
}

/// That an amount is in the currency that is wanted.
pub(super) fn in_currency(amount: pano_types::Money, wanted: Currency, at: &str) -> Result<i64, Refusal> {
    if amount.currency() == wanted {
        return Ok(amount.minor());
    }
    Err(Refusal::from(Code::CurrencyMismatch).at(at, format!("must be {wanted}")))
}

/// That a state allows what is asked.
pub(super) fn refused_now(en: impl Into<String>, zh: impl Into<String>) -> Refusal {
    Refusal::from(Code::LifecycleRefused).detail(en, zh)
}

/// Over a limit, which is told.
pub(super) fn over_limit(en: impl std::fmt::Display, zh: impl std::fmt::Display, limit: pano_types::Money) -> Refusal {
    Refusal::from(Code::LimitExceeded).detail(format!("{en}: {limit}"), format!("{zh}：{limit}"))
}

/// An amount on the wire.
pub(super) fn money(minor: i64, currency: Currency) -> Money {
    pano_types::Money::new(minor, currency).into()
}

/// Entities of one party, or of all, newest first. `T` puts itself under [`BY_PARTY`].
pub(super) fn of_party<T: Entity>(world: &World, party: Option<PartyId>) -> Box<dyn Iterator<Item = &T> + '_> {
    match party {
        Some(party) => Box::new(world.under::<T>(BY_PARTY, &party.to_string()).rev()),
        None => Box::new(world.all::<T>().rev()),
    }
}

/// First and last day of a list by days: up to `days` back when no first one is asked for, never after `today`.
pub(super) fn span(from: Option<Date>, to: Option<Date>, today: Date, days: i32) -> Result<(Date, Date), Refusal> {
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Refusal::from(Code::RequestInvalid).at("toDate", "must not be before fromDate"));
    }
    let last = to.map_or(today, |to| to.min(today));
    // No longer than ten years, whatever is asked for.
    let first = from.unwrap_or_else(|| last.plus_days(-days)).max(last.plus_days(-3_660));
    Ok((first, last))
}

/// A booking of an evening, which counts for the day that ends, not for the midnight after it.
pub(super) fn of_day(call: &Call<'_>, day: Date, narrative: &str, about: impl ToString) -> Booking {
    Booking { on: day, value: day, ..call.booking(narrative, about) }
}
