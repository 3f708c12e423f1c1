//! Quotes and policies.

use crate::wire::Money;
use crate::world::Entity;
use pano_types::id::{AccountId, InsurancePolicyId, InsuranceQuoteId, PartyId, TransactionId};
use pano_types::{Currency, Date, Instant};
use serde::{Deserialize, Serialize};

/// A quote.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Quote {
    pub(super) id: InsuranceQuoteId,
    pub(super) app: String,
    pub(super) product: String,
    pub(super) policyholder: PartyId,
    pub(super) currency: Currency,
    pub(super) sum_minor: i64,
    pub(super) premium_minor: i64,
    pub(super) start_on: Date,
    pub(super) end_on: Date,
    pub(super) expires_at: Instant,
    pub(super) accepted: bool,
}

impl Entity for Quote {
    const KIND: &'static str = "insurance.quote";
    type Id = InsuranceQuoteId;
    fn id(&self) -> InsuranceQuoteId {
        self.id
    }
}

/// A policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) id: InsurancePolicyId,
    pub(super) app: String,
    pub(super) number: String,
    pub(super) quote: InsuranceQuoteId,
    pub(super) product: String,
    pub(super) policyholder: PartyId,
    pub(super) currency: Currency,
    pub(super) sum_minor: i64,
    pub(super) premium_minor: i64,
    pub(super) start_on: Date,
    pub(super) end_on: Date,
    pub(super) cooling_off_until: Date,
    pub(super) debtor: AccountId,
    pub(super) concluded_at: Instant,
    pub(super) paid_by: TransactionId,
    pub(super) cancelled: Option<Cancelled>,
}

/// A cancellation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cancelled {
    pub(super) at: Instant,
    pub(super) refunded_by: TransactionId,
    pub(super) reason: String,
}

/// Index by app.
pub(super) const BY_APP: &str = "app";

impl Entity for Policy {
    const KIND: &'static str = "insurance.policy";
    type Id = InsurancePolicyId;
    fn id(&self) -> InsurancePolicyId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
    }
}

/// `EPI`, the year, and twelve digits.
pub(super) fn number(today: Date, order: usize) -> String {
    format!("EPI{:04}{order:012}", today.parts().0)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QuoteView {
    quote_id: InsuranceQuoteId,
    product_code: String,
    policyholder_party_id: PartyId,
    sum_insured: Money,
    start_date: Date,
    end_date: Date,
    premium: Money,
    status: &'static str,
    expires_at: Instant,
}

impl QuoteView {
    pub(super) fn new(quote: &Quote, now: Instant) -> Self {
        let money = |minor| Money::from(pano_types::Money::new(minor, quote.currency));
        Self {
            quote_id: quote.id,
            product_code: quote.product.clone(),
            policyholder_party_id: quote.policyholder,
            sum_insured: money(quote.sum_minor),
            start_date: quote.start_on,
            end_date: quote.end_on,
            premium: money(quote.premium_minor),
            status: match (quote.accepted, now < quote.expires_at) {
                (true, _) => "ACCEPTED",
                (false, true) => "OPEN",
                (false, false) => "EXPIRED",
            },
            expires_at: quote.expires_at,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyView {
    policy_id: InsurancePolicyId,
    policy_number: String,
    quote_id: InsuranceQuoteId,
    product_code: String,
    policyholder_party_id: PartyId,
    sum_insured: Money,
    premium: Money,
    start_date: Date,
    end_date: Date,
    cooling_off_until: Date,
    status: &'static str,
    debtor_account_id: AccountId,
    concluded_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Instant>,
    transaction_id: TransactionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_transaction_id: Option<TransactionId>,
}

impl PolicyView {
    pub(super) fn new(policy: &Policy, today: Date) -> Self {
        let money = |minor| Money::from(pano_types::Money::new(minor, policy.currency));
        Self {
            policy_id: policy.id,
            policy_number: policy.number.clone(),
            quote_id: policy.quote,
            product_code: policy.product.clone(),
            policyholder_party_id: policy.policyholder,
            sum_insured: money(policy.sum_minor),
            premium: money(policy.premium_minor),
            start_date: policy.start_on,
            end_date: policy.end_on,
            cooling_off_until: policy.cooling_off_until,
            status: match &policy.cancelled {
                Some(_) => "CANCELLED",
                None if today > policy.end_on => "ENDED",
                None => "ACTIVE",
            },
            debtor_account_id: policy.debtor,
            concluded_at: policy.concluded_at,
            cancelled_at: policy.cancelled.as_ref().map(|cancelled| cancelled.at),
            transaction_id: policy.paid_by,
            refund_transaction_id: policy.cancelled.as_ref().map(|cancelled| cancelled.refunded_by),
        }
    }
}
