//! The annual quota of natural persons (个人年度便利化额度): USD 50,000 equivalent for purchase and for settlement each.

use super::board::{self, Direction};
use crate::call::{Call, Refusal};
use crate::model::party::{Party, PartyKind};
use crate::rooms::desk::over_limit;
use crate::world::{Entity, World};
use pano_types::id::PartyId;
use pano_types::{Currency, Money};
use serde::{Deserialize, Serialize};

/// USD 50,000.00.
pub(crate) const LIMIT_USD_MINOR: i64 = 5_000_000;

/// What a person used up in a year.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Used {
    party: PartyId,
    year: i32,
    #[serde(default)]
    purchase_minor: i64,
    #[serde(default)]
    settlement_minor: i64,
}

impl Used {
    fn key(party: PartyId, year: i32) -> String {
        format!("{party}/{year}")
    }
    const fn of(&mut self, direction: Direction) -> &mut i64 {
        match direction {
            Direction::Purchase => &mut self.purchase_minor,
            Direction::Settlement => &mut self.settlement_minor,
        }
    }
}

impl Entity for Used {
    const KIND: &'static str = "fx.quota";
    type Id = String;
    fn id(&self) -> String {
        Self::key(self.party, self.year)
    }
}

/// Whether a party has a quota at all.
pub(crate) fn applies(party: &Party) -> bool {
    party.kind == PartyKind::Person
}

/// Used up in a year, cents.
pub(crate) fn used(world: &World, party: PartyId, year: i32, direction: Direction) -> i64 {
    world.get::<Used>(&Used::key(party, year)).cloned().map_or(0, |mut used| *used.of(direction))
}

/// Uses up this year's quota of `party` for an exchange of `foreign`. The cents used up; none for an organisation.
///
/// # Errors
/// `bank.limit_exceeded`, telling what is left.
pub(crate) fn take(
    call: &mut Call<'_>,
    party: PartyId,
    direction: Direction,
    foreign: Money,
) -> Result<Option<i64>, Refusal> {
    let known = call.world.get::<Party>(&party).ok_or_else(|| Refusal::broken("an account of nobody"))?;
    if !applies(known) {
        return Ok(None);
    }
    let usd = board::in_usd(foreign, call.now()).ok_or_else(|| Refusal::broken("no rate"))?.minor();
    let year = call.today().parts().0;
    let before = used(call.world, party, year, direction);
    if usd > LIMIT_USD_MINOR - before {
        let left = Money::new(LIMIT_USD_MINOR - before, Currency::USD);
        return Err(over_limit("left of the annual quota", "年度便利化额度余量", left));
    }
    add(call, party, year, direction, usd);
    Ok(Some(usd))
}

/// Gives back what was used up in `year`.
pub(crate) fn give_back(call: &mut Call<'_>, party: PartyId, year: i32, direction: Direction, usd_minor: i64) {
    add(call, party, year, direction, -usd_minor);
}

fn add(call: &mut Call<'_>, party: PartyId, year: i32, direction: Direction, usd_minor: i64) {
    let known = call.world.get::<Used>(&Used::key(party, year)).cloned();
    let mut used = known.unwrap_or(Used { party, year, purchase_minor: 0, settlement_minor: 0 });
    let of = used.of(direction);
    *of = of.saturating_add(usd_minor).max(0);
    call.world.put(used);
}
