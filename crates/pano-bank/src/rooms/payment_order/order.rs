//! Orders: what is to be paid, and how it is carried out.

use super::clearing::{self, CLEAR};
use super::payment::{Clearing, Counterparty, Payment, PaymentKind, PaymentState};
use super::{provoked, rules};
use crate::call::{Call, Refusal};
use crate::model::account::{BankAccount, Purpose};
use crate::model::limit::{Counts, between};
use pano_types::id::{AccountId, PaymentId};
use pano_types::{Code, Money};
use serde_json::json;

/// What is to be paid.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) debtor: AccountId,
    pub(crate) payee: Payee,
    pub(crate) amount: Money,
    pub(crate) clearing: Clearing,
    pub(crate) end_to_end_id: String,
    pub(crate) remittance: String,
    pub(crate) what: What,
}

/// What an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The payer pays someone.
    Payment,
    /// The owner of two accounts moves money between them.
    OwnAccount,
    /// The payee takes what a mandate allows.
    Collection,
    /// The payee of this payment gives it, or a part, back.
    Refund(PaymentId),
}

/// Who is paid.
#[derive(Debug, Clone)]
pub(crate) enum Payee {
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

/// Carries an order of an app out. An order that is refused leaves nothing.
pub(crate) fn place(call: &mut Call<'_>, app: &str, order: Order) -> Result<Payment, Refusal> {
    let asked = provoked::by(&order);
    rules::texts(&order)?;
    let (now, day) = (call.now(), call.today());
    let (creditor, counterparty) = creditor(call, &order)?;
    let leaving = rules::check(call.world, &order)?;
    provoked::refuse(asked)?;
    let settles_at = match provoked::held(asked) {
        Some(wait) => Some(clearing::round_after(now.plus(wait))),
        None => clearing::settles_at(order.clearing, now),
    };
    let id = call.id(PaymentId::new);
    let state = if settles_at.is_some() {
        let hold = call.hold(order.debtor, order.amount)?;
        PaymentState::Accepted { hold }
    } else {
        let narrative = clearing::narrative(order.clearing, order.what, &order.remittance);
        let by = call.transfer(order.debtor, creditor, order.amount, narrative, id)?;
        PaymentState::Settled { by, at: now }
    };
    if let Some(at) = settles_at {
        call.world.schedule(at, CLEAR, id);
    }
    let counted = leaving.out != Counts::Nothing;
    if counted {
        call.world.spend(order.debtor, day, order.amount.minor());
    }
    let here = match order.payee {
        Payee::Here(account) => Some(account),
        Payee::Elsewhere { .. } => None,
    };
    if let Some(account) = here.filter(|_| leaving.inward != Counts::Nothing) {
        call.world.receive(account, day, order.amount.minor());
    }
    let payment = Payment {
        id,
        app: app.to_owned(),
        kind: kind(&order),
        state,
        debtor: order.debtor,
        creditor: here,
        counterparty,
        amount_minor: order.amount.minor(),
        currency: order.amount.currency(),
        clearing: order.clearing,
        end_to_end_id: order.end_to_end_id,
        remittance: order.remittance,
        booking_day: settles_at.map_or(day, |at| pano_types::Date::of(at, crate::BANK_ZONE)),
        ordered_at: now,
        settles_at,
        original: match order.what {
            What::Refund(original) => Some(original),
            What::Payment | What::OwnAccount | What::Collection => None,
        },
        refunded_minor: 0,
        counted,
    };
    call.world.put(payment.clone());
    announce(call, &payment);
    Ok(payment)
}

const fn kind(order: &Order) -> PaymentKind {
    match (order.what, &order.payee) {
        (What::OwnAccount, _) => PaymentKind::OwnAccount,
        (What::Collection, _) => PaymentKind::Collection,
        (What::Refund(_), _) => PaymentKind::Refund,
        (What::Payment, Payee::Here(_)) => PaymentKind::Internal,
        (What::Payment, Payee::Elsewhere { .. }) => PaymentKind::Domestic,
    }
}

/// Tells where a payment stands now.
pub(super) fn announce(call: &mut Call<'_>, payment: &Payment) {
    let (kind, reason) = match &payment.state {
        PaymentState::Accepted { .. } => ("bank.payment.accepted", None),
        PaymentState::Settled { .. } => ("bank.payment.settled", None),
        PaymentState::Rejected { reason, .. } => ("bank.payment.rejected", Some(reason)),
        PaymentState::Cancelled { reason, .. } => ("bank.payment.cancelled", Some(reason)),
    };
    let mut data = json!({ "paymentId": payment.id, "clearing": payment.clearing.code() });
    if let (Some(reason), Some(members)) = (reason, data.as_object_mut()) {
        members.insert("reason".to_owned(), reason.as_str().into());
    }
    call.event(kind, payment.id, data);
}

/// The account that is credited, and how the payee is written. Money for another bank goes to the clearing account.
fn creditor(call: &mut Call<'_>, order: &Order) -> Result<(AccountId, Counterparty), Refusal> {
    match &order.payee {
        Payee::Here(id) if *id == order.debtor => Err(Code::SameAccount.into()),
        Payee::Here(id) => {
            let paid = call.world.payable(*id, "/creditorAccountId")?.account;
            let (name, account_number) = (paid.name.zh.clone(), paid.number.clone());
            Ok((*id, Counterparty { name, account_number, bank_code: None }))
        }
        Payee::Elsewhere { name, account_number, bank_code } => {
            let (name, account_number) = (name.clone(), account_number.clone());
            let counterparty = Counterparty { name, account_number, bank_code: Some(bank_code.clone()) };
            Ok((call.own(Purpose::Clearing, order.amount.currency())?, counterparty))
        }
    }
}

/// Which limits count for an order's two sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    pub(super) out: Counts,
    pub(super) inward: Counts,
}

/// For an order between accounts here, or, with none, to another bank.
pub(super) fn counted(what: What, debtor: &BankAccount, creditor: Option<&BankAccount>) -> Counted {
    let counts = match what {
        What::Payment | What::Collection | What::OwnAccount => Counts::All,
        What::Refund(_) => Counts::Nothing,
    };
    let (out, inward) = creditor.map_or((counts, Counts::Nothing), |creditor| between(debtor, creditor, counts));
    Counted { out, inward }
}
