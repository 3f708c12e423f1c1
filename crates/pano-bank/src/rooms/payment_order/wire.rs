//! Shapes on the wire, as the document describes them.

use super::order::Payee;
use super::payment::{Payment, PaymentKind, PaymentState};
use super::rules::OWN_BANK_CODE;
use crate::call::Refusal;
use crate::wire::{Money, account_number, bank_code, text};
use pano_types::id::{AccountId, PaymentId, TransactionId};
use pano_types::{Code, Date, Instant};
use serde::{Deserialize, Serialize};

/// A payee at another bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Creditor {
    pub(crate) name: String,
    pub(crate) account_number: String,
    pub(crate) bank_code: String,
}

impl Creditor {
    /// Whether its texts are as the contract bounds them.
    ///
    /// # Errors
    /// `request.invalid`, naming the member below `at`.
    pub(crate) fn check(&self, at: &str) -> Result<(), Refusal> {
        text(&self.name, 70, &format!("{at}/name"))?;
        account_number(&self.account_number, &format!("{at}/accountNumber"))?;
        bank_code(&self.bank_code, &format!("{at}/bankCode"))?;
        if self.bank_code == OWN_BANK_CODE {
            let refusal = Refusal::from(Code::RequestInvalid);
            return Err(refusal
                .at(format!("{at}/bankCode"), ("is this bank: name its account", "为本行行号，请直接指定本行账户")));
        }
        Ok(())
    }
}

impl From<Creditor> for Payee {
    fn from(creditor: Creditor) -> Self {
        let Creditor { name, account_number, bank_code } = creditor;
        Self::Elsewhere { name, account_number, bank_code }
    }
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
    #[serde(skip_serializing_if = "Option::is_none")]
    settles_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_payment_id: Option<PaymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded_amount: Option<Money>,
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
            PaymentState::Cancelled { reason, .. } => ("CANC", Some(reason.clone())),
        };
        Self { payment_id: payment.id, status, status_reason }
    }
}

impl From<&Payment> for PaymentDetail {
    fn from(payment: &Payment) -> Self {
        let (transaction_id, settled_at) = match payment.state {
            PaymentState::Settled { by, at } => (Some(by), Some(at)),
            PaymentState::Accepted { .. } | PaymentState::Rejected { .. } | PaymentState::Cancelled { .. } => {
                (None, None)
            }
        };
        let (counterparty, refunded) = (payment.counterparty.clone(), payment.refunded_minor > 0);
        Self {
            status: payment.into(),
            payment_type: match payment.kind {
                PaymentKind::Internal => "INTERNAL",
                PaymentKind::Domestic => "DOMESTIC",
                PaymentKind::OwnAccount => "OWN_ACCOUNT",
                PaymentKind::Refund => "REFUND",
                PaymentKind::Collection => "COLLECTION",
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
            settles_at: payment.settles_at.filter(|_| matches!(payment.state, PaymentState::Accepted { .. })),
            original_payment_id: payment.original,
            refunded_amount: refunded.then(|| pano_types::Money::new(payment.refunded_minor, payment.currency).into()),
        }
    }
}
