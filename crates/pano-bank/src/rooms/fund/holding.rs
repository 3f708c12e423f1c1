//! What a customer holds of a product.

use super::value::{Lot, Product, free};
use crate::rooms::desk::BY_PARTY;
use crate::world::{Entity, World};
use pano_types::Date;
use pano_types::id::PartyId;
use serde::{Deserialize, Serialize};

/// Units of one product held by one party.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Holding {
    pub(super) party: PartyId,
    pub(super) product: String,
    /// Oldest first.
    #[serde(default)]
    pub(super) lots: Vec<Lot>,
    /// Hundredths of units on their way out.
    #[serde(default)]
    pub(super) reserved: i64,
}

impl Holding {
    /// What `party` holds of a product, perhaps nothing.
    pub(super) fn of(world: &World, party: PartyId, product: &Product) -> Self {
        let found = world.get::<Self>(&format!("{party}/{}", product.code)).cloned();
        found.unwrap_or(Self { party, product: product.code.to_owned(), lots: Vec::new(), reserved: 0 })
    }
    /// Which one it is.
    pub(super) fn key(&self) -> String {
        format!("{}/{}", self.party, self.product)
    }
    /// Hundredths of units.
    pub(super) fn units(&self) -> i64 {
        self.lots.iter().map(|lot| lot.units).sum()
    }
    /// What they cost, fees included.
    pub(super) fn cost(&self) -> i64 {
        self.lots.iter().map(|lot| lot.cost_minor).sum()
    }
    /// Hundredths of units that may be redeemed on `day`.
    pub(super) fn redeemable(&self, product: &Product, day: Date) -> i64 {
        (free(product, &self.lots, day) - self.reserved).max(0)
    }
}

impl Entity for Holding {
    const KIND: &'static str = "fund.holding";
    type Id = String;
    fn id(&self) -> String {
        self.key()
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_PARTY, self.party.to_string());
    }
}
