//! Orders: what an app wants paid, and how it is carried out.

use super::clearing::{self, CLEAR};
use super::payment::{Clearing, Counterparty, Payment, PaymentKind, PaymentState};
use super::{provoked, rules};
use crate::call::{Call, Refusal};
use crate::model::account::Purpose;
use pano_types::id::{AccountId, PaymentId};
use pano_types::{Code, Money};
use serde_json::json;

/// What an app wants paid.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) debtor: AccountId,
    pub(super) payee: Payee,
    pub(super) amount: Money,
    pub(super) clearing: Clearing,
    pub(super) end_to_end_id: String,
    pub(super) remittance: String,
}

/// Who is paid.
#[derive(Debug, Clone)]
pub(super) enum Payee {
    /// An account of this bank.
    Here(AccountId),
    /// An account of another bank.
    Elsewhere {
        /// Name.
        name: String,
        /// Account number.
        account_number: String,
        /// CNAPS code of the bank.
        bank_code: String,
    },
}

/// Carries an order out.
pub(super) fn place(call: &mut Call<'_>, order: Order) -> Result<Payment, Refusal> {
    let asked = provoked::by(&order);
    rules::texts(&order)?;
    let (now, day) = (call.now(), call.today());
    let creditor = creditor(call, &order)?;
    let debtor = call.world.standing(order.debtor).ok_or_else(|| rules::no_account("/debtorAccountId"))?;
    let paid = call.world.standing(creditor).ok_or_else(|| rules::no_account("/creditorAccountId"))?;
    rules::check(&order, &debtor, &paid, call.world.spent(order.debtor, day))?;
    provoked::refuse(asked)?;
    let id = call.id(PaymentId::new);
    let (kind, creditor_here, counterparty) = match &order.payee {
        Payee::Here(account) => {
            let (name, account_number) = (paid.account.name.zh.clone(), paid.account.number.clone());
            (PaymentKind::Internal, Some(*account), Counterparty { name, account_number, bank_code: None })
        }
        Payee::Elsewhere { name, account_number, bank_code } => {
            let (name, account_number) = (name.clone(), account_number.clone());
            (PaymentKind::Domestic, None, Counterparty { name, account_number, bank_code: Some(bank_code.clone()) })
        }
    };
    let wait = match order.clearing {
        Clearing::Book | Clearing::Ibps => provoked::held(asked),
        Clearing::Beps => Some(provoked::held(asked).unwrap_or_default()),
    };
    let state = match wait {
        None => {
            let narrative = clearing::narrative(order.clearing, &order.remittance);
            let by = call.transfer(order.debtor, creditor, order.amount, narrative, id)?;
            PaymentState::Settled { by, at: now }
        }
        Some(wait) => {
            let hold = call.hold(order.debtor, order.amount)?;
            call.world.schedule(clearing::round_after(now.plus(wait)), CLEAR, id);
            PaymentState::Accepted { hold }
        }
    };
    call.world.spend(order.debtor, day, order.amount.minor());
    let payment = Payment {
        id,
        app: call.app.to_owned(),
        kind,
        state,
        debtor: order.debtor,
        creditor: creditor_here,
        counterparty,
        amount_minor: order.amount.minor(),
        currency: order.amount.currency(),
        clearing: order.clearing,
        end_to_end_id: order.end_to_end_id,
        remittance: order.remittance,
        booking_day: day,
        ordered_at: now,
    };
    call.world.put(payment.clone());
    announce(call, &payment);
    Ok(payment)
}

/// Tells where a payment stands now.
pub(super) fn announce(call: &mut Call<'_>, payment: &Payment) {
    let (kind, reason) = match &payment.state {
        PaymentState::Accepted { .. } => ("bank.payment.accepted", None),
        PaymentState::Settled { .. } => ("bank.payment.settled", None),
        PaymentState::Rejected { reason, .. } => ("bank.payment.rejected", Some(reason)),
    };
    let mut data = json!({ "paymentId": payment.id, "clearing": payment.clearing.code() });
    if let (Some(reason), Some(members)) = (reason, data.as_object_mut()) {
        members.insert("reason".to_owned(), reason.as_str().into());
    }
    call.event(kind, payment.id, data);
}

/// The account that is credited. Money for another bank goes to the clearing account.
fn creditor(call: &mut Call<'_>, order: &Order) -> Result<AccountId, Refusal> {
    match order.payee {
        Payee::Here(id) if id == order.debtor => Err(Code::SameAccount.into()),
        Payee::Here(id) => Ok(id),
        Payee::Elsewhere { .. } => call.own(Purpose::Clearing, order.amount.currency()),
    }
}
