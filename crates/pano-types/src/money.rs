//! Money: integer minor units and an ISO 4217 currency. Checked arithmetic, never floats.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Why an amount was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a currency that we carry.
    #[error("unknown currency {0:?}, expected an ISO 4217 code such as CNY")]
    UnknownCurrency(String),
    /// Not a decimal number with at most the currency's digits.
    #[error("amount {got:?} is not a decimal number with at most {digits} digits after the point")]
    Malformed {
        /// What was given, cut to 40 characters.
        got: String,
        /// Minor-unit digits of the currency.
        digits: u32,
    },
    /// Two currencies met in one sum.
    #[error("cannot add {0} to {1}")]
    CurrencyMismatch(Currency, Currency),
    /// Outside 64 bits of minor units.
    #[error("amount out of range")]
    OutOfRange,
}

macro_rules! currencies {
    ($($code:ident = $digits:literal),* $(,)?) => {
        /// An ISO 4217 currency.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, clippy::upper_case_acronyms, reason = "the codes are those of ISO 4217")]
        pub enum Currency { $($code),* }

        impl Currency {
            /// All that we carry.
            pub const ALL: &'static [Currency] = &[$(Currency::$code),*];
            /// Three letters.
            pub const fn code(self) -> &'static str {
                match self { $(Currency::$code => stringify!($code)),* }
            }
            /// Digits after the point (ISO 4217 minor unit).
            pub const fn digits(self) -> u32 {
                match self { $(Currency::$code => $digits),* }
            }
        }

        impl std::str::FromStr for Currency {
            type Err = MoneyError;
            fn from_str(text: &str) -> Result<Self, MoneyError> {
                match text {
                    $(stringify!($code) => Ok(Currency::$code),)*
                    _ => Err(MoneyError::UnknownCurrency(text.chars().take(8).collect())),
                }
            }
        }
    };
}

currencies! { CNY = 2, USD = 2, EUR = 2, GBP = 2, HKD = 2, JPY = 0, KRW = 0, SGD = 2, AUD = 2, CAD = 2, CHF = 2, NZD = 2, THB = 2, BRL = 2, KWD = 3 }

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (fen, cents) of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }
    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }
    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }
    /// `self + other`.
    ///
    /// # Errors
    /// When the currencies differ or the sum leaves 64 bits.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(other.currency, self.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::new(minor, self.currency))
    }
    /// `-self`.
    ///
    /// # Errors
    /// When the result leaves 64 bits.
    pub fn negated(self) -> Result<Self, MoneyError> {
        Ok(Self::new(self.minor.checked_neg().ok_or(MoneyError::OutOfRange)?, self.currency))
    }
    /// Parses the wire form, a decimal string: `"1042.17"`. Fewer digits are filled up, more are refused, not rounded.
    ///
    /// # Errors
    /// When the text is no such number or leaves 64 bits.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.digits();
        let malformed = || MoneyError::Malformed { got: amount.chars().take(40).collect(), digits };
        let (negative, rest) = amount.strip_prefix('-').map_or((false, amount), |rest| (true, rest));
        let (whole, fraction) = match rest.split_once('.') {
            Some((_, "")) => return Err(malformed()),
            Some(parts) => parts,
            None => (rest, ""),
        };
        let decimal = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !decimal(whole) || !decimal(fraction) || fraction.len() > digits as usize {
            return Err(malformed());
        }
        let text = format!("{}{whole}{fraction:0<width$}", if negative { "-" } else { "" }, width = digits as usize);
        let minor = text.parse::<i64>().map_err(|_| MoneyError::OutOfRange)?;
        Ok(Self::new(minor, currency))
    }
    /// The wire form: `"1042.17"`, with exactly the currency's digits.
    pub fn amount(self) -> String {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let padded = format!("{:0>width$}", self.minor.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits);
        if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_print_exactly() {
        for (text, currency, minor) in [
            ("1042.17", Currency::CNY, 104_217),
            ("-0.05", Currency::USD, -5),
            ("7", Currency::EUR, 700),
            ("7", Currency::JPY, 7),
            ("1.5", Currency::KWD, 1500),
        ] {
            let money = Money::parse(text, currency).unwrap();
            assert_eq!(money.minor(), minor, "{text}");
            assert_eq!(Money::parse(&money.amount(), currency).unwrap(), money);
        }
        assert_eq!(Money::new(i64::MIN, Currency::CNY).amount(), "-92233720368547758.08");
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for bad in ["", "-", ".5", "1.", "1.234", "1e3", "+1", "１", " 1", "1,000", "NaN", "--1"] {
            assert!(matches!(Money::parse(bad, Currency::CNY), Err(MoneyError::Malformed { .. })), "{bad}");
        }
        assert_eq!(Money::parse("99999999999999999999", Currency::CNY), Err(MoneyError::OutOfRange));
        assert!(Money::new(i64::MAX, Currency::CNY).plus(Money::new(1, Currency::CNY)).is_err());
        assert!(Money::zero(Currency::CNY).plus(Money::zero(Currency::USD)).is_err());
    }
}
