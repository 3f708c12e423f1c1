//! The rules an order must meet.

use super::order::{Counted, Order, Payee, What, counted};
use super::payment::Clearing;
use crate::call::Refusal;
use crate::model::class::within;
use crate::world::World;
use pano_types::{Code, Currency, Money, Problem};

/// Our own CNAPS code, from a range that was never issued. The middle part of a real one names the bank.
pub(crate) const OWN_BANK_CODE: &str = "999999900001";
/// Most that one payment through IBPS or BEPS may carry, fen.
const SMALL_MAX_MINOR: i64 = 100_000_000;

impl Clearing {
    /// Most that one payment may carry, minor units.
    pub(crate) const fn max_minor(self) -> Option<i64> {
        match self {
            Self::Ibps | Self::Beps => Some(SMALL_MAX_MINOR),
            Self::Book | Self::Hvps => None,
        }
    }

    /// The way to another bank for an amount when the order names none: the bulk system as far as it carries.
    pub(crate) const fn for_amount(amount: Money) -> Self {
        if amount.minor() <= SMALL_MAX_MINOR { Self::Beps } else { Self::Hvps }
    }
}

/// Whether `order` may be carried out now, and which limits it counts for.
pub(super) fn check(world: &World, order: &Order) -> Result<Counted, Refusal> {
    let own = order.what == What::OwnAccount;
    let (from, to) = ("/debtorAccountId", "/creditorAccountId");
    let debtor = if own { world.payable(order.debtor, from)? } else { world.current(order.debtor, from)? };
    let creditor = match order.payee {
        Payee::Here(id) if own => Some(world.payable(id, to)?),
        Payee::Here(id) => Some(world.current(id, to)?),
        Payee::Elsewhere { .. } => None,
    };
    if own && creditor.is_some_and(|creditor| creditor.account.owner != debtor.account.owner) {
        return Err(Refusal::from(Code::AccountNotFound)
            .at(to, ("names no account of the same owner", "没有同一客户的对应账户")));
    }
    let currency = order.amount.currency();
    if order.clearing != Clearing::Book && currency != Currency::CNY {
        let refusal = Refusal::from(Code::CurrencyMismatch);
        return Err(refusal.at("/amount/currency", ("domestic clearing carries CNY only", "境内清算仅支持人民币")));
    }
    let counted = counted(order.what, debtor.account, creditor.map(|creditor| creditor.account));
    if let Some(creditor) = creditor {
        world.may_reach(creditor.account.id, order.amount, counted.inward, to)?;
    }
    within(order.clearing.max_minor(), 0, order.amount.minor(), currency, "clearing", "清算")?;
    world.may_leave(order.debtor, order.amount, counted.out, from)?;
    Ok(counted)
}

/// The texts of an order, as the contract bounds them.
pub(super) fn texts(order: &Order) -> Result<(), Refusal> {
    let mut problem = Problem::new(Code::RequestInvalid);
    let mut refuse = |bad: bool, at: &str, reason: (&str, &str)| {
        if bad {
            problem.errors.push(pano_types::problem::FieldError { at: at.to_owned(), reason: reason.into() });
        }
    };
    let printable = |text: &str, max: usize| text.chars().count() <= max && !text.chars().any(char::is_control);
    let swift = |b: u8| b.is_ascii_alphanumeric() || b"/?:().,+ -".contains(&b);
    let reference = &order.end_to_end_id;
    refuse(
        reference.len() > 35 || !reference.bytes().all(swift),
        "/endToEndId",
        (
            "must be at most 35 letters, digits or / ? : ( ) . , + - and space",
            "至多 35 个字母、数字或 / ? : ( ) . , + - 与空格",
        ),
    );
    refuse(
        !printable(&order.remittance, 100),
        "/remittanceInformation",
        ("must be at most 100 characters without control characters", "至多 100 个字符，不含控制字符"),
    );
    if let Payee::Elsewhere { name, account_number, bank_code } = &order.payee {
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        refuse(
            name.is_empty() || !printable(name, 70),
            "/creditor/name",
            ("must be 1 to 70 characters", "须为 1 至 70 个字符"),
        );
        refuse(
            !(8..=32).contains(&account_number.len()) || !digits(account_number),
            "/creditor/accountNumber",
            ("must be 8 to 32 digits", "须为 8 至 32 位数字"),
        );
        refuse(
            bank_code.len() != 12 || !digits(bank_code),
            "/creditor/bankCode",
            ("must be 12 digits", "须为 12 位数字"),
        );
        refuse(
            bank_code == OWN_BANK_CODE,
            "/creditor/bankCode",
            ("is this bank: use an internal transfer", "为本行行号，请使用行内转账"),
        );
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::Instant;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::AccountId;

    fn order() -> Order {
        let account = |n| AccountId::new(Instant::from_unix_micros(0), &SeededEntropy::new(n));
        Order {
            debtor: account(1),
            payee: Payee::Here(account(2)),
            amount: Money::new(1, Currency::CNY),
            clearing: Clearing::Book,
            end_to_end_id: String::new(),
            remittance: String::new(),
            what: What::Payment,
        }
    }

    #[test]
    fn texts_are_bounded_and_all_mistakes_are_named() {
        let problem = |refusal: Refusal| match refusal {
            Refusal::Refused { problem, .. } => problem,
            broken @ Refusal::Broken(_) => panic!("{broken}"),
        };
        let mut bad = order();
        assert!(texts(&bad).is_ok());
        bad.end_to_end_id = "a\nb".to_owned();
        bad.remittance = "x".repeat(101);
        bad.payee =
            Payee::Elsewhere { name: String::new(), account_number: "12a".to_owned(), bank_code: "1".to_owned() };
        let refused = problem(texts(&bad).unwrap_err());
        assert_eq!((refused.code, refused.errors.len()), (Code::RequestInvalid, 5));
        bad = order();
        bad.payee = Payee::Elsewhere {
            name: "某".to_owned(),
            account_number: "12345678".to_owned(),
            bank_code: OWN_BANK_CODE.to_owned(),
        };
        assert_eq!(problem(texts(&bad).unwrap_err()).errors[0].at, "/creditor/bankCode");
    }

    #[test]
    fn an_amount_finds_its_way() {
        assert_eq!(Clearing::for_amount(Money::new(100_000_000, Currency::CNY)), Clearing::Beps);
        assert_eq!(Clearing::for_amount(Money::new(100_000_001, Currency::CNY)), Clearing::Hvps);
    }
}
