//! Public Reference Data: interest rates and the calendar that the bank runs by.

use super::{Room, get};
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::calendar;
use crate::rooms::{deposit, loan, savings_account};
use crate::wire::Listed;
use pano_ledger::DayCount;
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

/// Since when the rates stand.
const SINCE: &str = "2025-05-20";
/// Quoted by the market, near what was usual in 2025; no room lends by them. Millionths.
const LPR: [(&str, &str, &str, i64); 2] = [
    ("LPR-1Y", "一年期贷款市场报价利率", "Loan prime rate, 1 year", 30_000),
    ("LPR-5Y", "五年期以上贷款市场报价利率", "Loan prime rate, over 5 years", 35_000),
];

/// A rate of a year, in millionths.
struct Rate {
    code: String,
    kind: RateKind,
    name: Localized,
    currency: Currency,
    yearly_millionths: i64,
    day_count: &'static str,
}

/// All rates, by code. Those of the bank are the ones that its rooms reckon with.
fn all() -> Vec<Rate> {
    let mut all: Vec<_> = savings().chain(deposits()).chain(loans()).chain(lpr()).collect();
    all.sort_by(|a, b| a.code.cmp(&b.code));
    all
}

fn savings() -> impl Iterator<Item = Rate> {
    savings_account::RATES.iter().map(|(currency, ppm)| Rate {
        code: format!("CURRENT-{currency}"),
        kind: RateKind::Deposit,
        name: Localized::new(format!("{currency} 活期储蓄"), format!("Demand savings, {currency}")),
        currency: *currency,
        yearly_millionths: *ppm,
        day_count: day_count(savings_account::day_count(*currency)),
    })
}

fn deposits() -> impl Iterator<Item = Rate> {
    deposit::terms::PRODUCTS.iter().map(|term| {
        let (currency, months) = (term.currency, term.months);
        Rate {
            code: format!("DEPOSIT-{currency}-{months:02}M"),
            kind: RateKind::Deposit,
            name: Localized::new(
                format!("{currency} {months} 个月定期存款"),
                format!("Term deposit, {currency}, {months} months"),
            ),
            currency,
            yearly_millionths: term.rate.ppm(),
            day_count: day_count(term.day_count()),
        }
    })
}

/// Of each product, the rate of each grade. Instalments are reckoned by months.
fn loans() -> impl Iterator<Item = Rate> {
    loan::line::CONSUMER.iter().chain(loan::line::CORPORATE).flat_map(|product| {
        product.rates.iter().zip(["A", "B", "C"]).map(|(rate, grade)| Rate {
            code: format!("LOAN-{}-{grade}", product.code),
            kind: RateKind::Loan,
            name: Localized::new(format!("{}（{grade} 级）", product.zh), format!("{}, grade {grade}", product.en)),
            currency: Currency::CNY,
            yearly_millionths: rate.ppm(),
            day_count: day_count(DayCount::Thirty360),
        })
    })
}

fn lpr() -> impl Iterator<Item = Rate> {
    LPR.iter().map(|(code, zh, en, ppm)| Rate {
        code: (*code).to_owned(),
        kind: RateKind::Lpr,
        name: Localized::new(*zh, *en),
        currency: Currency::CNY,
        yearly_millionths: *ppm,
        day_count: day_count(DayCount::Act360),
    })
}

const fn day_count(count: DayCount) -> &'static str {
    match count {
        DayCount::Act365 => "ACT/365",
        DayCount::Act360 => "ACT/360",
        DayCount::Thirty360 => "30/360",
        DayCount::ActAct => "ACT/ACT",
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RateView {
    rate_code: String,
    kind: RateKind,
    name: Localized,
    currency: Currency,
    yearly_rate: String,
    day_count: &'static str,
    valid_from: &'static str,
}

impl From<Rate> for RateView {
    fn from(rate: Rate) -> Self {
        Self {
            rate_code: rate.code,
            kind: rate.kind,
            name: rate.name,
            currency: rate.currency,
            yearly_rate: format!("{}.{:06}", rate.yearly_millionths / 1_000_000, rate.yearly_millionths % 1_000_000),
            day_count: rate.day_count,
            valid_from: SINCE,
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
    let wanted = |rate: &Rate| {
        query.kind.is_none_or(|kind| rate.kind == kind)
            && query.currency.is_none_or(|currency| rate.currency == currency)
    };
    let found = all().into_iter().filter(wanted);
    Answer::ok(&Listed::ascending("interest-rates", &page, found, |rate| rate.code.clone(), RateView::from))
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
    use std::collections::BTreeMap;

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
    }

    #[test]
    fn the_rates_that_are_published_are_those_that_rooms_reckon_with() {
        let rates: BTreeMap<String, i64> = all()
            .into_iter()
            .filter(|rate| rate.kind != RateKind::Lpr)
            .map(|r| (r.code, r.yearly_millionths))
            .collect();
        let mut expect = BTreeMap::new();
        for term in deposit::terms::PRODUCTS {
            expect.insert(term.code().replacen("TD", "DEPOSIT", 1), term.rate.ppm());
        }
        for (currency, ppm) in savings_account::RATES {
            expect.insert(format!("CURRENT-{currency}"), *ppm);
        }
        for product in loan::line::CONSUMER.iter().chain(loan::line::CORPORATE) {
            for (grade, rate) in ["A", "B", "C"].into_iter().zip(product.rates) {
                expect.insert(format!("LOAN-{}-{grade}", product.code), rate.ppm());
            }
        }
        assert_eq!(rates, expect);
        assert!(all().windows(2).all(|pair| pair[0].code < pair[1].code), "by code, each once");
        assert!(Date::parse(SINCE).is_some());
    }
}
