//! Shapes of `credit-card.yaml`.

use super::card::{self, CardKind, CardStatus};
use super::instalment;
use super::purchase::{self, Merchant, TransactionKind};
use crate::rooms::words::masked;
use crate::wire::Money;
use crate::world::World;
use pano_types::id::{AccountId, CardId, CardTransactionId, InstalmentPlanId, PartyId, TransactionId};
use pano_types::{Currency, Date, Instant};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    card_id: CardId,
    card_type: CardKind,
    masked_number: String,
    currency: Currency,
    status: CardStatus,
    owner_party_id: PartyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<AccountId>,
    issued_on: Date,
    expires_on: Date,
    limits: Limits,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<Credit>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    per_purchase: Money,
    per_day: Money,
    online: bool,
    abroad: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Credit {
    credit_limit: Money,
    available: Money,
    owed: Money,
}

impl Card {
    pub(super) fn new(world: &World, card: &card::Card) -> Self {
        let money = |minor| Money::from(pano_types::Money::new(minor, card.currency));
        let credit = (card.kind == CardKind::Credit).then(|| {
            let (owed, available) = card.owed_and_available(world);
            Credit { credit_limit: money(card.credit_minor), available: available.into(), owed: owed.into() }
        });
        Self {
            card_id: card.id,
            card_type: card.kind,
            masked_number: masked(&card.number),
            currency: card.currency,
            status: card.status,
            owner_party_id: card.owner,
            account_id: (card.kind == CardKind::Debit).then_some(card.account),
            issued_on: card.issued_on,
            expires_on: card.expires_on,
            limits: Limits {
                per_purchase: money(card.limits.purchase_minor),
                per_day: money(card.limits.day_minor),
                online: card.limits.online,
                abroad: card.limits.abroad,
            },
            credit,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardTransaction {
    card_transaction_id: CardTransactionId,
    card_id: CardId,
    kind: TransactionKind,
    amount: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant: Option<Merchant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_id: Option<InstalmentPlanId>,
    transaction_id: TransactionId,
    booked_at: Instant,
}

impl From<&purchase::CardTransaction> for CardTransaction {
    fn from(one: &purchase::CardTransaction) -> Self {
        Self {
            card_transaction_id: one.id,
            card_id: one.card,
            kind: one.kind,
            amount: pano_types::Money::new(one.minor, one.currency).into(),
            merchant: one.merchant.clone(),
            plan_id: one.plan,
            transaction_id: one.by,
            booked_at: one.at,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    plan_id: InstalmentPlanId,
    card_id: CardId,
    card_transaction_id: CardTransactionId,
    status: &'static str,
    principal: Money,
    fee: Money,
    fee_rate_per_instalment: String,
    not_due: Money,
    instalments: Vec<Instalment>,
    created_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Instant>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Instalment {
    number: usize,
    due_date: Date,
    principal: Money,
    fee: Money,
    status: &'static str,
}

impl From<&instalment::Plan> for Plan {
    fn from(plan: &instalment::Plan) -> Self {
        let money = |minor| Money::from(pano_types::Money::new(minor, plan.currency));
        let instalments = plan.instalments.iter().zip(1..).map(|(one, number)| Instalment {
            number,
            due_date: one.due_on,
            principal: money(one.principal_minor),
            fee: money(one.fee_minor),
            status: if one.billed { "BILLED" } else { "OPEN" },
        });
        Self {
            plan_id: plan.id,
            card_id: plan.card,
            card_transaction_id: plan.purchase,
            status: if plan.is_completed() { "COMPLETED" } else { "RUNNING" },
            principal: money(plan.principal_minor),
            fee: money(plan.instalments.iter().map(|one| one.fee_minor).sum()),
            fee_rate_per_instalment: format!("0.{:04}", plan.fee_per_10_000),
            not_due: money(plan.open_minor()),
            instalments: instalments.collect(),
            created_at: plan.created_at,
            settled_at: plan.settled_at,
        }
    }
}
