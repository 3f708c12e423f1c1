//! What is kept of a batch, and how it stands.

use super::outcome;
use crate::iso20022::pain001;
use crate::rooms::payment_order::{OWN_BANK_CODE, Payment};
use crate::wire;
use crate::world::{Entity, World};
use pano_types::id::{AccountId, BatchId, PaymentId};
use pano_types::{Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};

/// Index: client id of the app that sent it.
pub(super) const BY_APP: &str = "app";
/// Index: the app and its message id.
pub(super) const BY_MESSAGE: &str = "message";
/// Index: the batch.
pub(super) const BY_BATCH: &str = "batch";

/// A batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Batch {
    pub(super) id: BatchId,
    pub(super) app: String,
    pub(super) message_id: String,
    /// As the message says it.
    pub(super) created_at: String,
    pub(super) count: usize,
    pub(super) sum: String,
    pub(super) currency: Currency,
    pub(super) groups: Vec<Group>,
    pub(super) received_at: Instant,
}

impl Batch {
    pub(super) fn key(app: &str, message_id: &str) -> String {
        format!("{app} {message_id}")
    }
}

impl Entity for Batch {
    const KIND: &'static str = "batch";
    type Id = BatchId;
    fn id(&self) -> BatchId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
        put(BY_MESSAGE, Self::key(&self.app, &self.message_id));
    }
}

/// Transfers from one account on one day.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) debtor: AccountId,
    pub(super) execution_date: Date,
    pub(super) count: usize,
    pub(super) sum: String,
}

/// What became of a transfer so far. What became of its payment stands at the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Waiting,
    Ordered { payment: PaymentId },
    Rejected { reason: String, at: Instant },
    Cancelled { at: Instant },
}

/// A transfer of a batch.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Transfer {
    pub(super) batch: BatchId,
    /// From 1.
    pub(super) sequence: u32,
    /// Place of its group.
    pub(super) group: usize,
    pub(super) instruction_id: Option<String>,
    pub(super) end_to_end_id: String,
    pub(super) amount_minor: i64,
    pub(super) currency: Currency,
    pub(super) clearing: Option<String>,
    pub(super) creditor_name: Option<String>,
    pub(super) creditor_account: String,
    pub(super) creditor_bank: Option<String>,
    pub(super) remittance: Option<String>,
    pub(super) state: State,
}

impl Transfer {
    pub(super) fn new(batch: BatchId, sequence: u32, group: usize, transfer: pain001::Transfer) -> Self {
        Self {
            batch,
            sequence,
            group,
            instruction_id: transfer.instruction_id,
            end_to_end_id: transfer.end_to_end_id,
            amount_minor: transfer.amount.minor(),
            currency: transfer.amount.currency(),
            clearing: transfer.clearing,
            creditor_name: transfer.creditor_name,
            creditor_account: transfer.creditor_account,
            creditor_bank: transfer.creditor_bank,
            remittance: transfer.remittance,
            state: State::Waiting,
        }
    }

    pub(super) const fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

impl Entity for Transfer {
    const KIND: &'static str = "batch.transfer";
    type Id = String;
    fn id(&self) -> String {
        format!("{}-{:06}", self.batch, self.sequence)
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_BATCH, self.batch.to_string());
    }
}

/// Where a transfer, a group or a batch stands, in ISO 20022's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Pdng,
    Acsp,
    Acsc,
    Part,
    Rjct,
    Canc,
}

impl Status {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Pdng => "PDNG",
            Self::Acsp => "ACSP",
            Self::Acsc => "ACSC",
            Self::Part => "PART",
            Self::Rjct => "RJCT",
            Self::Canc => "CANC",
        }
    }

    /// Of the whole, when its parts stand so.
    pub(super) fn of(parts: &[Self]) -> Self {
        let all = |status| parts.iter().all(|part| *part == status);
        if let Some(status) = [Self::Pdng, Self::Acsc, Self::Rjct, Self::Canc].into_iter().find(|status| all(*status)) {
            return status;
        }
        if parts.iter().any(|part| matches!(part, Self::Pdng | Self::Acsp)) { Self::Acsp } else { Self::Part }
    }
}

/// ISO 20022's external code for why a payment is refused.
pub(super) fn reason_code(stable: &str) -> &'static str {
    match stable {
        "bank.account_not_found" | "bank.same_account" => "AC01",
        "bank.account_frozen" => "AC06",
        "bank.insufficient_funds" => "AM04",
        "bank.limit_exceeded" => "AM02",
        "bank.currency_mismatch" => "AM03",
        "bank.amount_invalid" => "AM09",
        "bank.kyc_required" => "RR04",
        "request.invalid" => "FF01",
        _ => "MS03",
    }
}

/// How a transfer stands: status, stable code of a refusal, when it ended, its payment.
pub(super) struct Standing<'w> {
    pub(super) status: Status,
    pub(super) reason: Option<&'w str>,
    pub(super) ended_at: Option<Instant>,
    pub(super) payment: Option<&'w Payment>,
}

impl<'w> Standing<'w> {
    pub(super) fn of(world: &'w World, transfer: &'w Transfer) -> Self {
        match &transfer.state {
            State::Waiting => Self { status: Status::Pdng, reason: None, ended_at: None, payment: None },
            State::Rejected { reason, at } => {
                Self { status: Status::Rjct, reason: Some(reason), ended_at: Some(*at), payment: None }
            }
            State::Cancelled { at } => Self { status: Status::Canc, reason: None, ended_at: Some(*at), payment: None },
            State::Ordered { payment } => {
                let payment = world.get::<Payment>(payment);
                let (status, reason, ended_at) = payment.map_or((Status::Acsp, None, None), outcome);
                Self { status, reason, ended_at, payment }
            }
        }
    }
}

/// A batch as the document shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    batch_id: BatchId,
    message_id: String,
    status: Status,
    transaction_count: usize,
    control_sum: String,
    currency: Currency,
    settled_count: usize,
    settled_sum: String,
    rejected_count: usize,
    rejected_sum: String,
    instructions: Vec<Instruction>,
    received_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<Instant>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Instruction {
    payment_information_id: String,
    debtor_account_id: AccountId,
    requested_execution_date: Date,
    status: Status,
    transaction_count: usize,
    control_sum: String,
}

impl Summary {
    pub(super) fn new(world: &World, batch: &Batch) -> Self {
        let transfers: Vec<_> = world.under::<Transfer>(BY_BATCH, &batch.id.to_string()).collect();
        let standing: Vec<_> = transfers.iter().map(|transfer| Standing::of(world, transfer)).collect();
        let pairs = || transfers.iter().zip(&standing);
        let count = |status| pairs().filter(|(_, standing)| standing.status == status).count();
        let sum = |status| {
            let minor = pairs().filter(|(_, s)| s.status == status).map(|(transfer, _)| transfer.amount_minor).sum();
            Money::new(minor, batch.currency).amount()
        };
        let instruction = |(place, group): (usize, &Group)| {
            let of_group: Vec<_> = pairs().filter(|(t, _)| t.group == place).map(|(_, s)| s.status).collect();
            Instruction {
                payment_information_id: group.id.clone(),
                debtor_account_id: group.debtor,
                requested_execution_date: group.execution_date,
                status: Status::of(&of_group),
                transaction_count: group.count,
                control_sum: group.sum.clone(),
            }
        };
        let statuses: Vec<_> = standing.iter().map(|standing| standing.status).collect();
        let ended: Option<Vec<_>> = standing.iter().map(|standing| standing.ended_at).collect();
        Self {
            batch_id: batch.id,
            message_id: batch.message_id.clone(),
            status: Status::of(&statuses),
            transaction_count: batch.count,
            control_sum: batch.sum.clone(),
            currency: batch.currency,
            settled_count: count(Status::Acsc),
            settled_sum: sum(Status::Acsc),
            rejected_count: count(Status::Rjct),
            rejected_sum: sum(Status::Rjct),
            instructions: batch.groups.iter().enumerate().map(instruction).collect(),
            received_at: batch.received_at,
            completed_at: ended.and_then(|ended| ended.into_iter().max()),
        }
    }

    pub(super) const fn status(&self) -> Status {
        self.status
    }

    pub(super) const fn is_completed(&self) -> bool {
        self.completed_at.is_some()
    }
}

/// A transfer as the document shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TransferView {
    sequence: u32,
    payment_information_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instruction_id: Option<String>,
    end_to_end_id: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    amount: wire::Money,
    creditor: CreditorView,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_id: Option<PaymentId>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreditorView {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    account_number: String,
    bank_code: String,
}

impl TransferView {
    pub(super) fn new(world: &World, batch: &Batch, transfer: &Transfer) -> Option<Self> {
        let standing = Standing::of(world, transfer);
        Some(Self {
            sequence: transfer.sequence,
            payment_information_id: batch.groups.get(transfer.group)?.id.clone(),
            instruction_id: transfer.instruction_id.clone(),
            end_to_end_id: transfer.end_to_end_id.clone(),
            status: standing.status,
            reason_code: standing.reason.map(reason_code),
            status_reason: standing.reason.map(str::to_owned),
            amount: transfer.amount().into(),
            creditor: CreditorView {
                name: transfer.creditor_name.clone(),
                account_number: transfer.creditor_account.clone(),
                bank_code: transfer.creditor_bank.clone().unwrap_or_else(|| OWN_BANK_CODE.to_owned()),
            },
            payment_id: standing.payment.map(|payment| payment.id),
        })
    }

    pub(super) const fn status(&self) -> Status {
        self.status
    }
    pub(super) const fn sequence(&self) -> u32 {
        self.sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_follows_from_its_parts() {
        use Status::{Acsc, Acsp, Canc, Part, Pdng, Rjct};
        for (parts, whole) in [
            (vec![Pdng, Pdng], Pdng),
            (vec![Pdng, Acsc], Acsp),
            (vec![Acsp, Rjct], Acsp),
            (vec![Acsc, Acsc], Acsc),
            (vec![Acsc, Rjct], Part),
            (vec![Rjct, Rjct], Rjct),
            (vec![Canc], Canc),
            (vec![Acsc, Canc], Part),
        ] {
            assert_eq!(Status::of(&parts), whole, "{parts:?}");
        }
    }

    #[test]
    fn every_code_that_a_payment_is_refused_with_has_an_iso_code() {
        for code in pano_types::Code::ALL {
            assert_eq!(reason_code(code.text()).len(), 4);
        }
        assert_eq!(reason_code("bank.insufficient_funds"), "AM04");
    }
}
