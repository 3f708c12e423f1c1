//! Outcomes that test numbers ask for.

use super::order::{Order, Payee};
use crate::call::Refusal;
use crate::numbers::{Outcome, Place, outcome};
use pano_types::Code;
use std::time::Duration;

/// How long a review against money laundering takes.
const REVIEW: Duration = Duration::from_secs(3_600);

/// What an order's values ask for, if they are test numbers: the payee's account before the amount.
pub(super) fn by(order: &Order) -> Option<Outcome> {
    let payee = match &order.payee {
        Payee::Elsewhere { account_number, .. } => outcome(Place::PayeeAccount, account_number),
        Payee::Here(_) => None,
    };
    payee.or_else(|| outcome(Place::PaymentAmount, &order.amount.amount()))
}

/// Refuses an order at once, when that is what its values ask for.
pub(super) fn refuse(asked: Option<Outcome>) -> Result<(), Refusal> {
    let account = "/creditor/accountNumber";
    match asked {
        Some(Outcome::InsufficientFunds) => Err(Code::InsufficientFunds.into()),
        Some(Outcome::LimitExceeded) => Err(Code::LimitExceeded.into()),
        Some(Outcome::AccountFrozen) => {
            Err(Refusal::from(Code::AccountFrozen).at(account, ("takes nothing in", "该账户不可入账")))
        }
        Some(Outcome::PayeeUnknown) => {
            Err(Refusal::from(Code::PayeeUnknown).at(account, ("names no account", "没有对应的账户")))
        }
        Some(Outcome::FraudSuspected) => Err(Code::FraudSuspected.into()),
        Some(Outcome::ReviewRejected | Outcome::ReviewPassed | Outcome::ReturnedByBank | Outcome::TimeOut) | None => {
            Ok(())
        }
    }
}

/// How long an order is held although its way books at once; none: it is not.
pub(super) fn held(asked: Option<Outcome>) -> Option<Duration> {
    match asked {
        Some(Outcome::ReviewRejected | Outcome::ReviewPassed) => Some(REVIEW),
        Some(Outcome::ReturnedByBank) => Some(Duration::ZERO),
        _ => None,
    }
}

/// Why a payment that was held is given up when its time comes.
pub(super) fn given_up(account_number: &str) -> Option<Code> {
    match outcome(Place::PayeeAccount, account_number) {
        Some(Outcome::ReviewRejected) => Some(Code::ReviewRejected),
        Some(Outcome::ReturnedByBank) => Some(Code::PayeeUnknown),
        _ => None,
    }
}
