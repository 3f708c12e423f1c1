//! What is kept of merchants, orders and refunds, and what a merchant pays for being paid.

use crate::wire::Money;
use crate::world::Entity;
use pano_ledger::Rate;
use pano_types::id::{AccountId, MerchantId, MerchantOrderId, MerchantRefundId, PartyId, SettlementId, TransactionId};
use pano_types::{Currency, Date, Instant, Localized};
use serde::{Deserialize, Serialize};

/// Index: the merchant.
pub(super) const BY_MERCHANT: &str = "merchant";
/// Index: the merchant and its own number.
pub(super) const BY_NUMBER: &str = "number";
/// Index: the merchant, of paid orders that wait for settlement.
pub(super) const UNSETTLED: &str = "unsettled";
/// Index: the settlement.
pub(super) const BY_SETTLEMENT: &str = "settlement";
/// Index: the order.
pub(super) const BY_ORDER: &str = "order";

/// A merchant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Merchant {
    pub(super) id: MerchantId,
    pub(super) party: PartyId,
    pub(super) name: Localized,
    /// ISO 18245.
    pub(super) category: String,
    /// To which takings are paid.
    pub(super) account: AccountId,
    /// Millionths of what is paid.
    pub(super) fee_ppm: i64,
}

impl Entity for Merchant {
    const KIND: &'static str = "merchant";
    type Id = MerchantId;
    fn id(&self) -> MerchantId {
        self.id
    }
}

/// The fee on an amount, minor units: rounded half up.
pub(super) fn fee(minor: i64, ppm: i64) -> i64 {
    let exact = i128::from(minor) * i128::from(ppm);
    i64::try_from((exact + 500_000).div_euclid(1_000_000)).unwrap_or(i64::MAX)
}

/// Where an order stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Created,
    Paid {
        payer: AccountId,
        at: Instant,
        /// The trading day.
        day: Date,
    },
    Closed,
}

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(super) id: MerchantOrderId,
    /// Client id of the app that placed it.
    pub(super) app: String,
    pub(super) merchant: MerchantId,
    /// The merchant's own number.
    pub(super) number: String,
    pub(super) state: State,
    pub(super) amount_minor: i64,
    pub(super) refunded_minor: i64,
    /// On what is not refunded.
    pub(super) fee_minor: i64,
    pub(super) currency: Currency,
    pub(super) subject: String,
    pub(super) settlement: Option<SettlementId>,
    pub(super) expires_at: Instant,
    pub(super) created_at: Instant,
}

impl Order {
    pub(super) const fn status(&self) -> &'static str {
        match self.state {
            State::Created => "CREATED",
            State::Paid { .. } if self.refunded_minor == self.amount_minor => "REFUNDED",
            State::Paid { .. } => "PAID",
            State::Closed => "CLOSED",
        }
    }

    pub(super) const fn trading_day(&self) -> Option<Date> {
        match self.state {
            State::Paid { day, .. } => Some(day),
            State::Created | State::Closed => None,
        }
    }
}

impl Entity for Order {
    const KIND: &'static str = "merchant.order";
    type Id = MerchantOrderId;
    fn id(&self) -> MerchantOrderId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_MERCHANT, self.merchant.to_string());
        put(BY_NUMBER, format!("{} {}", self.merchant, self.number));
        match (self.settlement, self.trading_day()) {
            (Some(settlement), _) => put(BY_SETTLEMENT, settlement.to_string()),
            (None, Some(_)) => put(UNSETTLED, self.merchant.to_string()),
            (None, None) => {}
        }
    }
}

/// A refund.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(super) id: MerchantRefundId,
    pub(super) order: MerchantOrderId,
    pub(super) merchant: MerchantId,
    /// The merchant's own number.
    pub(super) number: String,
    pub(super) amount_minor: i64,
    pub(super) fee_minor: i64,
    /// Made before the order was settled, so that it lessens the settlement.
    pub(super) before_settlement: bool,
    pub(super) reason: Option<String>,
    pub(super) at: Instant,
    pub(super) by: TransactionId,
}

impl Entity for Refund {
    const KIND: &'static str = "merchant.refund";
    type Id = MerchantRefundId;
    fn id(&self) -> MerchantRefundId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_ORDER, self.order.to_string());
        put(BY_NUMBER, format!("{} {}", self.merchant, self.number));
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MerchantView {
    merchant_id: MerchantId,
    party_id: PartyId,
    name: Localized,
    category_code: String,
    settlement_account_id: AccountId,
    fee_rate: String,
    settlement_cycle: &'static str,
    status: &'static str,
}

impl From<&Merchant> for MerchantView {
    fn from(merchant: &Merchant) -> Self {
        Self {
            merchant_id: merchant.id,
            party_id: merchant.party,
            name: merchant.name.clone(),
            category_code: merchant.category.clone(),
            settlement_account_id: merchant.account,
            fee_rate: Rate::from_ppm(merchant.fee_ppm).percent(),
            settlement_cycle: "T+1",
            status: "ACTIVE",
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderView {
    order_id: MerchantOrderId,
    merchant_id: MerchantId,
    merchant_order_number: String,
    status: &'static str,
    amount: Money,
    refunded_amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Money>,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payer_account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trading_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settlement_id: Option<SettlementId>,
    expires_at: Instant,
    created_at: Instant,
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        let money = |minor| pano_types::Money::new(minor, order.currency).into();
        let (payer, paid_at) = match order.state {
            State::Paid { payer, at, .. } => (Some(payer), Some(at)),
            State::Created | State::Closed => (None, None),
        };
        Self {
            order_id: order.id,
            merchant_id: order.merchant,
            merchant_order_number: order.number.clone(),
            status: order.status(),
            amount: money(order.amount_minor),
            refunded_amount: money(order.refunded_minor),
            fee: payer.map(|_| money(order.fee_minor)),
            subject: order.subject.clone(),
            payer_account_id: payer,
            paid_at,
            trading_date: order.trading_day(),
            settlement_id: order.settlement,
            expires_at: order.expires_at,
            created_at: order.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn fees_round_half_up() {
        for (minor, expect) in [(6_800, 26), (10_000, 38), (1, 0), (131, 0), (132, 1), (0, 0)] {
            assert_eq!(fee(minor, 3_800), expect, "{minor}");
        }
        assert_eq!(fee(500_000, 1), 1, "exactly one half");
    }

    proptest! {
        #[test]
        fn what_refunds_give_back_never_passes_the_fee(
            amount in 1i64..100_000_000, ppm in 0i64..20_000, parts in prop::collection::vec(1i64..100_000_000, 0..10),
        ) {
            let (mut left, mut returned) = (amount, 0);
            for part in parts {
                let part = part.min(left);
                let back = fee(left, ppm) - fee(left - part, ppm);
                prop_assert!(back >= 0 && back <= part.max(1));
                returned += back;
                left -= part;
            }
            prop_assert_eq!(returned + fee(left, ppm), fee(amount, ppm));
        }
    }
}
