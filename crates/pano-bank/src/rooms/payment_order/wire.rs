//! Shapes on the wire, as the document describes them.

use super::payment::{Payment, PaymentKind, PaymentState};
use crate::wire::Money;
use pano_types::id::{AccountId, PaymentId, TransactionId};
use pano_types::{Date, Instant};
use serde::{Deserialize, Serialize};

/// A payee at another bank.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Creditor {
    pub(super) name: String,
    pub(super) account_number: String,
    pub(super) bank_code: String,
}

/// A payment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentDetail {
    #[serde(flatten)]
    status: PaymentStatus,
    payment_type: &'static str,
    debtor_account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor_account_id: Option<AccountId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creditor: Option<Creditor>,
    amount: Money,
    clearing: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    end_to_end_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    remittance_information: String,
    booking_date: Date,
    ordered_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_id: Option<TransactionId>,
}

/// Where a payment stands, in ISO 20022's words.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentStatus {
    payment_id: PaymentId,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
}

impl From<&Payment> for PaymentStatus {
    fn from(payment: &Payment) -> Self {
        let (status, status_reason) = match &payment.state {
            PaymentState::Accepted { .. } => ("ACSP", None),
            PaymentState::Settled { .. } => ("ACSC", None),
            PaymentState::Rejected { reason, .. } => ("RJCT", Some(reason.clone())),
        };
        Self { payment_id: payment.id, status, status_reason }
    }
}

impl From<&Payment> for PaymentDetail {
    fn from(payment: &Payment) -> Self {
        let (transaction_id, settled_at) = match payment.state {
            PaymentState::Settled { by, at } => (Some(by), Some(at)),
            PaymentState::Accepted { .. } | PaymentState::Rejected { .. } => (None, None),
        };
        let counterparty = payment.counterparty.clone();
        Self {
            status: payment.into(),
            payment_type: match payment.kind {
                PaymentKind::Internal => "INTERNAL",
                PaymentKind::Domestic => "DOMESTIC",
            },
            debtor_account_id: payment.debtor,
            creditor_account_id: payment.creditor,
            creditor: counterparty.bank_code.map(|bank_code| Creditor {
                name: counterparty.name,
                account_number: counterparty.account_number,
                bank_code,
            }),
            amount: payment.amount().into(),
            clearing: payment.clearing.code(),
            end_to_end_id: payment.end_to_end_id.clone(),
            remittance_information: payment.remittance.clone(),
            booking_date: payment.booking_day,
            ordered_at: payment.ordered_at,
            settled_at,
            transaction_id,
        }
    }
}
