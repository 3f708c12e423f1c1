//! Shapes on the wire that several documents share.

use crate::call::Refusal;
use pano_types::{Code, Currency, Localized, PageRequest, Problem};
use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> Listed<T> {
    /// A page of `list` whose items come by growing keys (of the same length, or ids).
    pub(crate) fn ascending<S>(
        list: &str,
        page: &PageRequest,
        items: impl Iterator<Item = S>,
        key: impl Fn(&S) -> String,
        view: impl Fn(S) -> T,
    ) -> Self {
        Self::collect(list, page, items.filter(|item| page.after().is_none_or(|after| *key(item) > *after)), &key, view)
    }

    /// A page of `list` whose items come by falling keys.
    pub(crate) fn descending<S>(
        list: &str,
        page: &PageRequest,
        items: impl Iterator<Item = S>,
        key: impl Fn(&S) -> String,
        view: impl Fn(S) -> T,
    ) -> Self {
        Self::collect(list, page, items.filter(|item| page.after().is_none_or(|after| *key(item) < *after)), &key, view)
    }

    fn collect<S>(
        list: &str,
        page: &PageRequest,
        mut items: impl Iterator<Item = S>,
        key: impl Fn(&S) -> String,
        view: impl Fn(S) -> T,
    ) -> Self {
        let (mut out, mut last) = (Vec::new(), None);
        for item in items.by_ref().take(page.limit() as usize) {
            last = Some(key(&item));
            out.push(view(item));
        }
        let more = items.next().is_some();
        let next_cursor = last.filter(|_| more).map(|key| pano_http::cursor::encode(list, &key));
        Self { items: out, next_cursor }
    }
}

/// An amount with its currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Money {
    amount: String,
    currency: String,
}

impl From<pano_types::Money> for Money {
    fn from(money: pano_types::Money) -> Self {
        Self { amount: money.amount(), currency: money.currency().code().to_owned() }
    }
}

impl Money {
    /// As a positive amount.
    ///
    /// # Errors
    /// `bank.amount_invalid`, naming the member below `at`.
    pub(crate) fn positive(&self, at: &str) -> Result<pano_types::Money, Refusal> {
        let currency: Currency = self.currency.parse().map_err(|_| {
            Problem::new(Code::AmountInvalid)
                .error(format!("{at}/currency"), ("is not a currency we carry", "不支持该币种"))
        })?;
        let money = amount(&self.amount, currency, &format!("{at}/amount"))?;
        if money.minor() == 0 {
            return Err(
                Refusal::from(Code::AmountInvalid).at(format!("{at}/amount"), ("must be more than zero", "须大于零"))
            );
        }
        Ok(money)
    }
}

impl Money {
    /// As an amount of at least zero.
    ///
    /// # Errors
    /// `bank.amount_invalid`, naming the member below `at`.
    pub(crate) fn not_negative(&self, at: &str) -> Result<pano_types::Money, Refusal> {
        let currency: Currency = self.currency.parse().map_err(|_| {
            Problem::new(Code::AmountInvalid).error(format!("{at}/currency"), "is not a currency we carry")
        })?;
        amount(&self.amount, currency, &format!("{at}/amount"))
    }
}

/// A decimal text as an amount of at least zero.
///
/// # Errors
/// `bank.amount_invalid`, naming `at`.
pub(crate) fn amount(text: &str, currency: Currency, at: &str) -> Result<pano_types::Money, Refusal> {
    let refused = |reason: Localized| Refusal::from(Code::AmountInvalid).at(at, reason);
    if text.len() > 20 {
        return Err(refused(("is longer than 20 characters", "长度超过 20 个字符").into()));
    }
    let money = pano_types::Money::parse(text, currency).map_err(|_| {
        let digits = currency.digits();
        let en = format!("must be a decimal number with at most {digits} digits after the point");
        refused((en, format!("须为至多 {digits} 位小数的十进制数")).into())
    })?;
    if money.minor() < 0 { Err(refused(("must not be negative", "不得为负").into())) } else { Ok(money) }
}

fn invalid(at: &str, reason: impl Into<Localized>) -> Refusal {
    Refusal::from(Code::RequestInvalid).at(at, reason)
}

/// A text of 1 to `max` characters without control characters.
///
/// # Errors
/// `request.invalid`, naming `at`.
pub(crate) fn text(text: &str, max: usize, at: &str) -> Result<(), Refusal> {
    let length = text.chars().count();
    if (1..=max).contains(&length) && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let en = format!("must be 1 to {max} characters without control characters");
    Err(invalid(at, (en, format!("须为 1 至 {max} 个字符，不含控制字符"))))
}

/// A reference in the characters that all payment systems carry.
///
/// # Errors
/// `request.invalid`, naming `at`.
pub(crate) fn reference(text: &str, at: &str) -> Result<(), Refusal> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"/?:().,+ -".contains(&b);
    if (1..=35).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(());
    }
    Err(invalid(
        at,
        (
            "must be 1 to 35 letters, digits or / ? : ( ) . , + - and space",
            "须为 1 至 35 个字母、数字或 / ? : ( ) . , + - 与空格",
        ),
    ))
}

/// An account number at any bank of the country.
///
/// # Errors
/// `request.invalid`, naming `at`.
pub(crate) fn account_number(text: &str, at: &str) -> Result<(), Refusal> {
    if (8..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(invalid(at, ("must be 8 to 32 digits", "须为 8 至 32 位数字")))
}

/// A CNAPS code.
///
/// # Errors
/// `request.invalid`, naming `at`.
pub(crate) fn bank_code(text: &str, at: &str) -> Result<(), Refusal> {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(invalid(at, ("must be 12 digits", "须为 12 位数字")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn amounts_that_are_none_are_refused_by_name() {
        for (text, currency, at) in [
            ("0", "CNY", "/amount/amount"),
            ("0.00", "CNY", "/amount/amount"),
            ("-1", "CNY", "/amount/amount"),
            ("1.001", "CNY", "/amount/amount"),
            ("1.5", "JPY", "/amount/amount"),
            ("1e3", "CNY", "/amount/amount"),
            ("99999999999999999999", "CNY", "/amount/amount"),
            ("111111111111111111111", "CNY", "/amount/amount"),
            ("1", "XXX", "/amount/currency"),
        ] {
            let money = Money { amount: text.to_owned(), currency: currency.to_owned() };
            let Refusal::Refused { problem, .. } = money.positive("/amount").unwrap_err() else { panic!("{text}") };
            assert_eq!((problem.code, &*problem.errors[0].at), (Code::AmountInvalid, at), "{text} {currency}");
        }
    }

    #[test]
    fn pages_end_where_the_next_begins() {
        let all: Vec<_> = (0..7).map(|n| format!("{n:02}")).collect();
        for descending in [false, true] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = PageRequest::new(after, Some(3));
                let listed = if descending {
                    Listed::descending("l", &page, all.iter().rev(), |s| (*s).clone(), Clone::clone)
                } else {
                    Listed::ascending("l", &page, all.iter(), |s| (*s).clone(), Clone::clone)
                };
                seen.extend(listed.items);
                let Some(next) = listed.next_cursor else { break };
                after = Some(pano_http::cursor::decode("l", &next).unwrap());
            }
            if descending {
                seen.reverse();
            }
            assert_eq!(seen, all);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_exactly(text in "[0-9.e+-]{0,24}") {
            if let Ok(money) = amount(&text, Currency::CNY, "at") {
                prop_assert!(money.minor() >= 0);
                let again = amount(&money.amount(), Currency::CNY, "at").unwrap();
                prop_assert_eq!(again, money);
            }
        }

        #[test]
        fn what_we_print_we_read(minor in 1i64.., digits in any::<bool>()) {
            let currency = if digits { Currency::KWD } else { Currency::JPY };
            let money = pano_types::Money::new(minor, currency);
            prop_assert_eq!(Money::from(money).positive("").unwrap(), money);
        }
    }
}
