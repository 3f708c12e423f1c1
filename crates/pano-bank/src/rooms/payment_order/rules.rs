//! The rules an order must meet.

use super::order::{Order, Payee};
use super::payment::Clearing;
use crate::call::Refusal;
use crate::model::account::{Purpose, Standing};
use pano_ledger::AccountStatus;
use pano_types::{Code, Currency, Money, Problem};

/// Most that one payment to another bank may carry, fen: the limit of IBPS and BEPS.
const CLEARING_MAX_MINOR: i64 = 100_000_000;
/// Our own CNAPS code, from a range that was never issued. The middle part of a real one names the bank.
pub(super) const OWN_BANK_CODE: &str = "999999900001";

/// Whether `order` may be carried out between these accounts after `spent_minor` left the debtor today.
pub(super) fn check(
    order: &Order,
    debtor: &Standing<'_>,
    creditor: &Standing<'_>,
    spent_minor: i64,
) -> Result<(), Refusal> {
    if debtor.account.owner.is_none() {
        return Err(no_account("/debtorAccountId"));
    }
    if matches!(order.payee, Payee::Here(_)) && creditor.account.purpose != Purpose::Current {
        return Err(no_account("/creditorAccountId"));
    }
    if debtor.ledger.status != AccountStatus::Open {
        return Err(Refusal::from(Code::AccountFrozen).at("/debtorAccountId", "gives nothing out"));
    }
    if creditor.ledger.status == AccountStatus::Closed {
        return Err(Refusal::from(Code::AccountFrozen).at("/creditorAccountId", "takes nothing in"));
    }
    currencies(order, debtor, creditor)?;
    limits(order, debtor, spent_minor)?;
    if order.amount.minor() > debtor.spendable().minor() {
        return Err(Code::InsufficientFunds.into());
    }
    Ok(())
}

pub(super) fn no_account(at: &str) -> Refusal {
    Refusal::from(Code::AccountNotFound).at(at, "names no account")
}

/// Domestic clearing carries only the domestic currency.
fn not_cleared() -> Refusal {
    Refusal::from(Code::CurrencyMismatch).at("/amount/currency", "domestic clearing carries CNY only")
}

fn currencies(order: &Order, debtor: &Standing<'_>, creditor: &Standing<'_>) -> Result<(), Refusal> {
    let currency = order.amount.currency();
    if order.clearing != Clearing::Book && currency != Currency::CNY {
        return Err(not_cleared());
    }
    for (standing, whose) in [(debtor, "payer"), (creditor, "payee")] {
        let account = standing.ledger.currency;
        if account != currency {
            let reason = format!("the {whose}'s account is kept in {account}");
            return Err(Refusal::from(Code::CurrencyMismatch).at("/amount/currency", reason));
        }
    }
    Ok(())
}

fn limits(order: &Order, debtor: &Standing<'_>, spent_minor: i64) -> Result<(), Refusal> {
    let limits = debtor.account.limits;
    let over = |en: &str, zh: &str, minor: i64| {
        let limit = Money::new(minor, order.amount.currency());
        Err(Refusal::from(Code::LimitExceeded).detail(format!("{en} limit: {limit}"), format!("{zh}限额：{limit}")))
    };
    let minor = order.amount.minor();
    if order.clearing != Clearing::Book && minor > CLEARING_MAX_MINOR {
        return over("clearing", "清算", CLEARING_MAX_MINOR);
    }
    if minor > limits.payment_minor {
        return over("per payment", "单笔", limits.payment_minor);
    }
    if spent_minor.checked_add(minor).is_none_or(|total| total > limits.day_minor) {
        return over("per day", "日累计", limits.day_minor);
    }
    Ok(())
}

/// The texts of an order, as the contract bounds them.
pub(super) fn texts(order: &Order) -> Result<(), Refusal> {
    let mut problem = Problem::new(Code::RequestInvalid);
    let mut refuse = |bad: bool, at: &str, reason: &str| {
        if bad {
            problem.errors.push(pano_types::problem::FieldError { at: at.to_owned(), reason: reason.to_owned() });
        }
    };
    let printable = |text: &str, max: usize| text.chars().count() <= max && !text.chars().any(char::is_control);
    let swift = |b: u8| b.is_ascii_alphanumeric() || b"/?:().,+ -".contains(&b);
    let reference = &order.end_to_end_id;
    refuse(
        reference.len() > 35 || !reference.bytes().all(swift),
        "/endToEndId",
        "must be at most 35 letters, digits or / ? : ( ) . , + - and space",
    );
    refuse(
        !printable(&order.remittance, 100),
        "/remittanceInformation",
        "must be at most 100 characters without control characters",
    );
    if let Payee::Elsewhere { name, account_number, bank_code } = &order.payee {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        refuse(name.is_empty() || !printable(name, 70), "/creditor/name", "must be 1 to 70 characters");
        refuse(
            !(8..=32).contains(&account_number.len()) || !digits(account_number),
            "/creditor/accountNumber",
            "must be 8 to 32 digits",
        );
        refuse(bank_code.len() != 12 || !digits(bank_code), "/creditor/bankCode", "must be 12 digits");
        refuse(bank_code == OWN_BANK_CODE, "/creditor/bankCode", "is this bank: use an internal transfer");
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::account::{BankAccount, Limits};
    use pano_ledger::{Account, AccountKind, Balance};
    use pano_types::clock::SeededEntropy;
    use pano_types::id::{AccountId, PartyId};
    use pano_types::{Date, Instant, Localized};

    const AT: Instant = Instant::from_unix_micros(0);

    fn account(n: u64) -> BankAccount {
        let entropy = SeededEntropy::new(n);
        BankAccount {
            id: AccountId::new(AT, &entropy),
            purpose: Purpose::Current,
            number: n.to_string(),
            name: Localized::new("活期", "current"),
            owner: Some(PartyId::new(AT, &entropy)),
            limits: Limits { payment_minor: 5_000, day_minor: 8_000 },
            opened_on: Date::of(AT, std::time::Duration::ZERO),
        }
    }

    fn standing(account: &BankAccount, currency: Currency, booked_minor: i64) -> Standing<'_> {
        let (id, kind, status) = (account.id, AccountKind::Liability, AccountStatus::Open);
        let ledger = Account { id, kind, currency, floor_minor: Some(0), status };
        Standing { account, ledger, balance: Balance { booked_minor, held_minor: 0 } }
    }

    fn order(from: &Standing<'_>, to: &Standing<'_>, minor: i64) -> Order {
        Order {
            debtor: from.account.id,
            payee: Payee::Here(to.account.id),
            amount: Money::new(minor, Currency::CNY),
            clearing: Clearing::Book,
            end_to_end_id: String::new(),
            remittance: String::new(),
        }
    }

    fn problem(refusal: Refusal) -> Problem {
        refusal.problem(pano_types::Lang::En).unwrap()
    }

    #[test]
    fn each_rule_has_its_code() {
        let (one, two) = (account(1), account(2));
        let (from, to) = (standing(&one, Currency::CNY, 4_000), standing(&two, Currency::CNY, 0));
        let code = |from: &Standing<'_>, to: &Standing<'_>, minor, spent| {
            check(&order(from, to, minor), from, to, spent).map_err(|refusal| refusal.code().unwrap())
        };
        assert_eq!(code(&from, &to, 4_000, 4_000), Ok(()));
        assert_eq!(code(&from, &to, 4_001, 0), Err(Code::InsufficientFunds));
        assert_eq!(code(&from, &to, 5_001, 0), Err(Code::LimitExceeded));
        assert_eq!(code(&from, &to, 4_000, 4_001), Err(Code::LimitExceeded));
        assert_eq!(code(&from, &to, 1, i64::MAX), Err(Code::LimitExceeded));
        assert_eq!(code(&from, &standing(&two, Currency::USD, 0), 1, 0), Err(Code::CurrencyMismatch));
        assert_eq!(code(&standing(&one, Currency::USD, 9), &to, 1, 0), Err(Code::CurrencyMismatch));

        let mut frozen = from;
        frozen.ledger.status = AccountStatus::Frozen;
        assert_eq!(code(&frozen, &to, 1, 0), Err(Code::AccountFrozen));
        assert_eq!(code(&from, &frozen, 1, 0), Ok(()), "a frozen account takes in");
        let mut closed = to;
        closed.ledger.status = AccountStatus::Closed;
        assert_eq!(code(&from, &closed, 1, 0), Err(Code::AccountFrozen));
        let mut own = two.clone();
        own.purpose = Purpose::Nostro;
        assert_eq!(code(&from, &standing(&own, Currency::CNY, 0), 1, 0), Err(Code::AccountNotFound));
        let mut nobody = one.clone();
        nobody.owner = None;
        assert_eq!(code(&standing(&nobody, Currency::CNY, 9), &to, 1, 0), Err(Code::AccountNotFound));
    }

    #[test]
    fn clearing_carries_one_currency_and_has_its_own_limit() {
        let (mut one, two) = (account(1), account(2));
        one.limits = Limits { payment_minor: i64::MAX, day_minor: i64::MAX };
        let (from, to) = (standing(&one, Currency::CNY, i64::MAX), standing(&two, Currency::CNY, 0));
        let code = |order: &Order| check(order, &from, &to, 0).map_err(|refusal| refusal.code().unwrap());
        let mut out = order(&from, &to, CLEARING_MAX_MINOR);
        out.clearing = Clearing::Beps;
        assert_eq!(code(&out), Ok(()));
        out.amount = Money::new(CLEARING_MAX_MINOR + 1, Currency::CNY);
        assert_eq!(code(&out), Err(Code::LimitExceeded));
        out.amount = Money::new(1, Currency::USD);
        assert_eq!(code(&out), Err(Code::CurrencyMismatch));
    }

    #[test]
    fn texts_are_bounded_and_all_mistakes_are_named() {
        let (one, two) = (account(1), account(2));
        let (from, to) = (standing(&one, Currency::CNY, 0), standing(&two, Currency::CNY, 0));
        let mut bad = order(&from, &to, 1);
        assert!(texts(&bad).is_ok());
        bad.end_to_end_id = "a\nb".to_owned();
        bad.remittance = "x".repeat(101);
        bad.payee =
            Payee::Elsewhere { name: String::new(), account_number: "12a".to_owned(), bank_code: "1".to_owned() };
        let refused = problem(texts(&bad).unwrap_err());
        assert_eq!((refused.code, refused.errors.len()), (Code::RequestInvalid, 5));
        bad = order(&from, &to, 1);
        bad.payee = Payee::Elsewhere {
            name: "某".to_owned(),
            account_number: "12345678".to_owned(),
            bank_code: OWN_BANK_CODE.to_owned(),
        };
        assert_eq!(problem(texts(&bad).unwrap_err()).errors[0].at, "/creditor/bankCode");
    }
}
