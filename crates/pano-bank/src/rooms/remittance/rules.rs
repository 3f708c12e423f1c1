//! Purposes, costs, value dates and texts of remittances. Pure.

use super::PartyType;
use crate::BANK_ZONE;
use crate::call::Refusal;
use crate::model::calendar;
use crate::rooms::fx::board::{self, Round};
use pano_types::problem::FieldError;
use pano_types::{Code, Currency, Date, Instant, Money, Problem};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Orders until this hour have value the same business day.
const CUT_OFF: Duration = Duration::from_secs(17 * 3600);
/// Handling fee in millionths of the CNY equivalent, and its bounds in fen.
const HANDLING_PPM: i128 = 1_000;
const HANDLING_MIN: i64 = 5_000;
const HANDLING_MAX: i64 = 26_000;
/// Fee of the message, and of the banks abroad when the sender bears all. Fen.
const MESSAGE: i64 = 8_000;
const CORRESPONDENT: i64 = 15_000;

/// Who bears the charges (ISO 20022 `ChargeBearerType1Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Bearer {
    /// Each their own.
    Shar,
    /// The sender all.
    Debt,
}

/// What for (ISO 20022 `ExternalPurpose1Code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Purpose {
    Stdy,
    Mdcs,
    Gift,
    Char,
    Gdds,
    Scve,
    Sala,
    Divi,
}

/// A purpose, who may use it, and whether it needs a document.
#[derive(Debug)]
pub(crate) struct Row {
    pub(super) code: Purpose,
    pub(super) text: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) open_to: &'static [PartyType],
    pub(super) is_documented: bool,
}

const PERSON: &[PartyType] = &[PartyType::Person];
const ORGANISATION: &[PartyType] = &[PartyType::Organisation];
const BOTH: &[PartyType] = &[PartyType::Person, PartyType::Organisation];

const fn row(
    (code, text): (Purpose, &'static str),
    zh: &'static str,
    en: &'static str,
    open_to: &'static [PartyType],
    is_documented: bool,
) -> Row {
    Row { code, text, zh, en, open_to, is_documented }
}

/// By code.
pub(super) const PURPOSES: &[Row] = &[
    row((Purpose::Char, "CHAR"), "慈善捐赠", "Charity", BOTH, false),
    row((Purpose::Divi, "DIVI"), "股息红利", "Dividend", ORGANISATION, true),
    row((Purpose::Gdds, "GDDS"), "货物贸易", "Purchase or sale of goods", ORGANISATION, true),
    row((Purpose::Gift, "GIFT"), "赠与与赡家", "Gift, support of family", PERSON, false),
    row((Purpose::Mdcs, "MDCS"), "境外就医", "Medical services", PERSON, false),
    row((Purpose::Sala, "SALA"), "工资薪金", "Salary", BOTH, false),
    row((Purpose::Scve, "SCVE"), "服务贸易", "Purchase or sale of services", BOTH, true),
    row((Purpose::Stdy, "STDY"), "境外留学", "Study", PERSON, false),
];

/// That a party of this kind may remit for this purpose, with what it has shown.
pub(super) fn purpose(purpose: Purpose, who: PartyType, document: Option<&str>) -> Result<(), Refusal> {
    let row =
        PURPOSES.iter().find(|row| row.code == purpose).ok_or_else(|| Refusal::broken("a purpose without a row"))?;
    if !row.open_to.contains(&who) {
        let reason = "is not open to this kind of customer";
        return Err(Refusal::from(Code::RequestInvalid).at("/purposeCode", reason));
    }
    if row.is_documented && document.is_none() {
        return Err(Refusal::from(Code::RequestInvalid).at("/documentNumber", "is needed for this purpose"));
    }
    Ok(())
}

/// What a remittance costs, in the currency of the account that pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Costs {
    pub(super) amount_minor: i64,
    pub(super) amount_currency: Currency,
    /// Of the account.
    pub(super) currency: Currency,
    pub(super) principal_minor: i64,
    /// When the amount is purchased with CNY.
    #[serde(default)]
    pub(super) rate_micro: Option<i64>,
    pub(super) handling_minor: i64,
    pub(super) message_minor: i64,
    #[serde(default)]
    pub(super) correspondent_minor: i64,
}

impl Costs {
    /// What is sent.
    pub(super) const fn amount(&self) -> Money {
        Money::new(self.amount_minor, self.amount_currency)
    }
    /// All fees.
    pub(super) const fn fees(&self) -> i64 {
        self.handling_minor + self.message_minor + self.correspondent_minor
    }
    /// All that is debited.
    pub(super) const fn total(&self) -> i64 {
        self.principal_minor + self.fees()
    }
}

/// What sending `amount` from an account in `currency` costs at `now`.
pub(super) fn costs(amount: Money, currency: Currency, bearer: Bearer, now: Instant) -> Result<Costs, Refusal> {
    let foreign = amount.currency();
    let quotation = board::quotation(foreign, now)
        .ok_or_else(|| Refusal::from(Code::CurrencyMismatch).at("/amount/currency", "cannot be sent abroad"))?;
    let large = || Refusal::from(Code::AmountInvalid).at("/amount/amount", "is too large");
    let (principal_minor, rate_micro) = if currency == Currency::CNY {
        let cny = board::to_cny(amount, quotation.ask_micro, Round::Up).ok_or_else(large)?;
        (cny.minor(), Some(quotation.ask_micro))
    } else if currency == foreign {
        (amount.minor(), None)
    } else {
        let reason = "must be the account's own, or the account be kept in CNY";
        return Err(Refusal::from(Code::CurrencyMismatch).at("/amount/currency", reason));
    };
    let worth = board::to_cny(amount, quotation.mid_micro, Round::Up).ok_or_else(large)?.minor();
    let handling = i64::try_from(i128::from(worth) * HANDLING_PPM / 1_000_000).map_err(Refusal::broken)?;
    let fee = |fen: i64| {
        let cny = Money::new(fen, Currency::CNY);
        let fee = if currency == Currency::CNY {
            Some(cny)
        } else {
            board::from_cny(cny, foreign, quotation.mid_micro, Round::Up)
        };
        fee.map(Money::minor).ok_or_else(large)
    };
    let costs = Costs {
        amount_minor: amount.minor(),
        amount_currency: foreign,
        currency,
        principal_minor,
        rate_micro,
        handling_minor: fee(handling.clamp(HANDLING_MIN, HANDLING_MAX))?,
        message_minor: fee(MESSAGE)?,
        correspondent_minor: if bearer == Bearer::Debt { fee(CORRESPONDENT)? } else { 0 },
    };
    principal_minor.checked_add(costs.fees()).ok_or_else(large)?;
    Ok(costs)
}

/// The value date of an order at `now`.
pub(super) fn value_date(now: Instant) -> Date {
    let today = Date::of(now, BANK_ZONE);
    let is_late = now >= today.start(BANK_ZONE).plus(CUT_OFF);
    calendar::following(if is_late { today.plus_days(1) } else { today })
}

/// Who is paid abroad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Creditor {
    pub(super) name: String,
    pub(super) account_number: String,
    pub(super) country: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
}

/// The bank of who is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agent {
    pub(super) bic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

/// The texts of an order, as the contract bounds them: the bank does not rely on the gateway having done so.
pub(super) fn texts(
    creditor: &Creditor,
    agent: &Agent,
    document: Option<&str>,
    information: Option<&str>,
) -> Result<(), Refusal> {
    let mut problem = Problem::new(Code::RequestInvalid);
    let mut refuse = |bad: bool, at: &str, reason: &str| {
        if bad {
            problem.errors.push(FieldError { at: at.to_owned(), reason: reason.into() });
        }
    };
    let printable =
        |text: &str, max: usize| (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let alphanumeric = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric());
    let upper = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase());
    refuse(!printable(&creditor.name, 70), "/creditor/name", "must be 1 to 70 characters");
    let number = &creditor.account_number;
    refuse(
        !(5..=34).contains(&number.len()) || !alphanumeric(number),
        "/creditor/accountNumber",
        "must be 5 to 34 letters and digits",
    );
    refuse(
        creditor.country.len() != 2 || !upper(&creditor.country),
        "/creditor/country",
        "must be two capital letters",
    );
    refuse(creditor.country == "CN", "/creditor/country", "is not abroad");
    let address = creditor.address.as_deref();
    refuse(address.is_some_and(|text| !printable(text, 140)), "/creditor/address", "must be 1 to 140 characters");
    refuse(!is_bic(&agent.bic), "/creditorAgent/bic", "must be a BIC of 8 or 11 characters");
    let name = agent.name.as_deref();
    refuse(name.is_some_and(|text| !printable(text, 70)), "/creditorAgent/name", "must be 1 to 70 characters");
    let is_number = |text: &str| {
        (1..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-".contains(&b))
    };
    refuse(
        document.is_some_and(|text| !is_number(text)),
        "/documentNumber",
        "must be 1 to 35 letters, digits, / and -",
    );
    refuse(
        information.is_some_and(|text| !printable(text, 140)),
        "/remittanceInformation",
        "must be 1 to 140 characters",
    );
    if problem.errors.is_empty() { Ok(()) } else { Err(problem.into()) }
}

/// ISO 9362: four letters or digits, country, two, and three for a branch.
fn is_bic(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let country = text.get(4..6).is_some_and(|country| country.bytes().all(|b| b.is_ascii_uppercase()));
    matches!(text.len(), 8 | 11) && text.bytes().all(fits) && country
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn value_dates_skip_late_hours_weekends_and_holidays() {
        for (now, value) in [
            ("2026-03-02T08:59:59Z", "2026-03-02"),
            ("2026-03-02T09:00:00Z", "2026-03-03"),
            ("2026-03-06T10:00:00Z", "2026-03-09"),
            ("2026-03-07T02:00:00Z", "2026-03-09"),
            ("2026-02-28T02:00:00Z", "2026-02-28"),
            ("2026-09-30T12:00:00Z", "2026-10-08"),
        ] {
            assert_eq!(value_date(at(now)).to_string(), value, "{now}");
        }
    }

    #[test]
    fn fees_have_bounds_and_the_sender_may_bear_all() {
        let now = at("2026-03-02T02:15:00Z");
        let of = |usd: i64, currency, bearer| costs(Money::new(usd, Currency::USD), currency, bearer, now).unwrap();
        let small = of(10_000, Currency::CNY, Bearer::Shar);
        assert_eq!((small.handling_minor, small.message_minor, small.correspondent_minor), (5_000, 8_000, 0));
        let large = of(10_000_000, Currency::CNY, Bearer::Debt);
        assert_eq!((large.handling_minor, large.correspondent_minor), (26_000, 15_000));
        assert_eq!(large.total(), large.principal_minor + 49_000);
        let dollars = of(10_000_000, Currency::USD, Bearer::Shar);
        assert_eq!((dollars.principal_minor, dollars.rate_micro), (10_000_000, None));
        assert!((3_000..4_500).contains(&dollars.handling_minor), "{dollars:?}");
        let code = |amount, currency| costs(amount, currency, Bearer::Shar, now).unwrap_err().code();
        assert_eq!(code(Money::new(1, Currency::USD), Currency::EUR), Some(Code::CurrencyMismatch));
        assert_eq!(code(Money::new(1, Currency::CNY), Currency::CNY), Some(Code::CurrencyMismatch));
        assert_eq!(code(Money::new(i64::MAX, Currency::USD), Currency::CNY), Some(Code::AmountInvalid));
    }

    #[test]
    fn purposes_are_open_to_some_and_demand_documents() {
        let code = |p, who, document| purpose(p, who, document).map_err(|refusal| refusal.code().unwrap());
        assert_eq!(code(Purpose::Stdy, PartyType::Person, None), Ok(()));
        assert_eq!(code(Purpose::Stdy, PartyType::Organisation, None), Err(Code::RequestInvalid));
        assert_eq!(code(Purpose::Gdds, PartyType::Organisation, None), Err(Code::RequestInvalid));
        assert_eq!(code(Purpose::Gdds, PartyType::Organisation, Some("INV-1")), Ok(()));
        for row in PURPOSES {
            assert_eq!(serde_json::to_value(row.code).unwrap(), row.text);
        }
        assert!(PURPOSES.windows(2).all(|pair| pair[0].text < pair[1].text));
    }

    #[test]
    fn every_text_out_of_bounds_is_named() {
        let good = Creditor { name: "A".into(), account_number: "12345".into(), country: "GB".into(), address: None };
        let agent = Agent { bic: "EXMPGB2L".into(), name: None };
        assert!(texts(&good, &agent, None, None).is_ok());
        let bad = Creditor {
            name: String::new(),
            account_number: "1-3".into(),
            country: "CN".into(),
            address: Some("\n".into()),
        };
        let agent = Agent { bic: "EXMPG12L".into(), name: Some(String::new()) };
        let Err(Refusal::Refused { problem, .. }) = texts(&bad, &agent, Some("é"), Some("")) else { panic!("taken") };
        let at: Vec<_> = problem.errors.iter().map(|error| error.at.as_str()).collect();
        assert_eq!(
            at,
            [
                "/creditor/name",
                "/creditor/accountNumber",
                "/creditor/country",
                "/creditor/address",
                "/creditorAgent/bic",
                "/creditorAgent/name",
                "/documentNumber",
                "/remittanceInformation",
            ]
        );
    }

    proptest! {
        #[test]
        fn costs_are_never_less_than_what_is_sent(minor in 1i64..10_000_000_000, all in any::<bool>(), seconds in 1_700_000_000i64..1_900_000_000) {
            let (amount, now) = (Money::new(minor, Currency::EUR), Instant::from_unix_seconds(seconds));
            let bearer = if all { Bearer::Debt } else { Bearer::Shar };
            let cny = costs(amount, Currency::CNY, bearer, now).unwrap();
            let own = costs(amount, Currency::EUR, bearer, now).unwrap();
            prop_assert!(cny.handling_minor >= HANDLING_MIN && cny.handling_minor <= HANDLING_MAX);
            prop_assert_eq!(own.total() - own.fees(), minor);
            prop_assert!(own.fees() > 0 && cny.total() > cny.principal_minor);
            let at_mid = board::to_cny(amount, board::quotation(Currency::EUR, now).unwrap().mid_micro, Round::Down).unwrap();
            prop_assert!(cny.principal_minor > at_mid.minor());
        }
    }
}
