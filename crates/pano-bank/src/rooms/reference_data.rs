//! Public Reference Data: interest rates and the calendar that the bank runs by.

use super::{Room, get};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::calendar;
use crate::wire::Listed;
use pano_types::{Code, Currency, Date, Localized};
use serde::{Deserialize, Serialize};

pub(crate) const ROOM: Room = Room {
    document: Document::new("public-reference-data", include_str!("../../openapi/public-reference-data.yaml")),
    operations: &[
        get("/interest-rates", "listInterestRates", rates),
        get("/calendars", "listCalendars", calendars),
        get("/calendars/{calendarCode}/days", "listCalendarDays", days),
    ],
    kinds: &[],
    seed: None,
};

/// The one calendar.
const CN: &str = "CN";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum RateKind {
    Deposit,
    Loan,
    Lpr,
}

/// A rate of a year, in millionths.
struct Rate {
    code: &'static str,
    kind: RateKind,
    zh: &'static str,
    en: &'static str,
    currency: Currency,
    yearly_millionths: u32,
    day_count: &'static str,
    since: &'static str,
}

const fn rate(
    code: &'static str,
    kind: RateKind,
    (zh, en): (&'static str, &'static str),
    currency: Currency,
    yearly_millionths: u32,
    day_count: &'static str,
    since: &'static str,
) -> Rate {
    Rate { code, kind, zh, en, currency, yearly_millionths, day_count, since }
}

/// By code. The sandbox bank's own; those of deposits and LPR are near what was usual in 2025.
const RATES: &[Rate] = &[
    rate(
        "CURRENT-CNY",
        RateKind::Deposit,
        ("活期存款", "Current deposit"),
        Currency::CNY,
        500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "CURRENT-USD",
        RateKind::Deposit,
        ("美元活期存款", "Current deposit, USD"),
        Currency::USD,
        500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "DEPOSIT-CNY-12M",
        RateKind::Deposit,
        ("一年期定期存款", "Term deposit, 12 months"),
        Currency::CNY,
        9_500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "DEPOSIT-CNY-36M",
        RateKind::Deposit,
        ("三年期定期存款", "Term deposit, 36 months"),
        Currency::CNY,
        12_500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "DEPOSIT-CNY-3M",
        RateKind::Deposit,
        ("三个月定期存款", "Term deposit, 3 months"),
        Currency::CNY,
        6_500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "DEPOSIT-CNY-6M",
        RateKind::Deposit,
        ("六个月定期存款", "Term deposit, 6 months"),
        Currency::CNY,
        8_500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "LOAN-CONSUMER",
        RateKind::Loan,
        ("个人消费贷款", "Consumer loan"),
        Currency::CNY,
        36_000,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "LOAN-SME",
        RateKind::Loan,
        ("小微企业贷款", "Small-business loan"),
        Currency::CNY,
        34_500,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "LPR-1Y",
        RateKind::Lpr,
        ("一年期贷款市场报价利率", "Loan prime rate, 1 year"),
        Currency::CNY,
        30_000,
        "ACT/360",
        "2025-05-20",
    ),
    rate(
        "LPR-5Y",
        RateKind::Lpr,
        ("五年期以上贷款市场报价利率", "Loan prime rate, over 5 years"),
        Currency::CNY,
        35_000,
        "ACT/360",
        "2025-05-20",
    ),
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RateView {
    rate_code: &'static str,
    kind: RateKind,
    name: Localized,
    currency: Currency,
    yearly_rate: String,
    day_count: &'static str,
    valid_from: &'static str,
}

impl From<&Rate> for RateView {
    fn from(rate: &Rate) -> Self {
        Self {
            rate_code: rate.code,
            kind: rate.kind,
            name: Localized::new(rate.zh, rate.en),
            currency: rate.currency,
            yearly_rate: format!("{}.{:06}", rate.yearly_millionths / 1_000_000, rate.yearly_millionths % 1_000_000),
            day_count: rate.day_count,
            valid_from: rate.since,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateQuery {
    kind: Option<RateKind>,
    currency: Option<Currency>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn rates(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: RateQuery = input.query()?;
    let page = Input::page("interest-rates", query.cursor.as_deref(), query.limit)?;
    let wanted = |rate: &&Rate| {
        query.kind.is_none_or(|kind| rate.kind == kind)
            && query.currency.is_none_or(|currency| rate.currency == currency)
    };
    let found = RATES.iter().filter(wanted);
    Answer::ok(&Listed::ascending("interest-rates", &page, found, |rate| rate.code.to_owned(), RateView::from))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CalendarView {
    calendar_code: &'static str,
    name: Localized,
    today: Date,
    today_is_business_day: bool,
    next_business_day: Date,
}

fn calendars(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("calendars", query.cursor.as_deref(), query.limit)?;
    let today = call.today();
    let view = CalendarView {
        calendar_code: CN,
        name: Localized::new("中国境内营业日", "Business days in mainland China"),
        today,
        today_is_business_day: calendar::is_business_day(today),
        next_business_day: calendar::next_business_day(today),
    };
    Answer::ok(&Listed::ascending("calendars", &page, std::iter::once(&view), |_| CN.to_owned(), |view| view))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct DayQuery {
    from_date: Option<Date>,
    to_date: Option<Date>,
    cursor: Option<String>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DayView {
    date: Date,
    business_day: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Localized>,
}

impl DayView {
    fn new(date: Date) -> Self {
        Self { date, business_day: calendar::is_business_day(date), reason: reason(date) }
    }
}

/// Why a day is not what its weekday says, or why it is closed.
fn reason(day: Date) -> Option<Localized> {
    if let Some((zh, en)) = calendar::holiday_on(day) {
        return Some(Localized::new(zh, en));
    }
    match (day.weekday() >= 6, calendar::is_business_day(day)) {
        (true, true) => Some(Localized::new("调休上班", "Worked in place of a holiday")),
        (true, false) => Some(Localized::new("周末", "Weekend")),
        (false, _) => None,
    }
}

fn days(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: DayQuery = input.query()?;
    let page = Input::page("calendar-days", query.cursor.as_deref(), query.limit)?;
    if input.path("calendarCode") != CN {
        return Err(Code::NotFound.into());
    }
    let from = query.from_date.unwrap_or_else(|| call.today());
    let to = query.to_date.unwrap_or_else(|| from.plus_days(30));
    let count = i64::from(to.unix_days()) - i64::from(from.unix_days()) + 1;
    if !(1..=366).contains(&count) {
        let reason = "must be within 366 days from fromDate, and not before it";
        return Err(Refusal::from(Code::RequestInvalid).at("toDate", reason));
    }
    let all = (0..i32::try_from(count).unwrap_or(0)).map(|ahead| from.plus_days(ahead));
    Answer::ok(&Listed::ascending("calendar-days", &page, all, Date::to_string, DayView::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_closed_day_says_why() {
        let start = Date::parse("2025-01-01").unwrap();
        for ahead in 0..(365 * 3) {
            let day = start.plus_days(ahead);
            assert!(calendar::is_business_day(day) || reason(day).is_some(), "{day}");
        }
        let named = |day: &str| reason(Date::parse(day).unwrap()).map(|reason| reason.en);
        for (day, want) in [
            ("2026-02-16", Some("Spring Festival")),
            ("2026-02-28", Some("Worked in place of a holiday")),
            ("2026-03-01", Some("Weekend")),
            ("2026-03-02", None),
            ("2025-05-31", Some("Dragon Boat Festival")),
            ("2025-10-08", Some("National Day and Mid-Autumn")),
            ("2026-01-01", Some("New Year")),
        ] {
            assert_eq!(named(day).as_deref(), want, "{day}");
        }
        assert!(RATES.windows(2).all(|pair| pair[0].code < pair[1].code), "lists are by code");
        assert!(RATES.iter().all(|rate| Date::parse(rate.since).is_some()));
    }
}
