//! Calendar dates: booking days and value dates, which have no time of day and no zone.

use crate::clock::Instant;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::time::Duration;
use time::format_description::well_known::Iso8601;

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01. Wire form: `2026-03-01` (RFC 3339 full-date).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(i32);

/// Days from 0000-01-01 and 9999-12-31 to 1970-01-01: what the wire form can say.
const RANGE: std::ops::RangeInclusive<i32> = -719_528..=2_932_896;
/// Julian day of 1970-01-01.
const EPOCH_JULIAN: i32 = 2_440_588;

impl Date {
    /// From days since 1970-01-01. `None` outside years 0000–9999.
    pub fn from_unix_days(days: i32) -> Option<Self> {
        RANGE.contains(&days).then_some(Self(days))
    }
    /// Days since 1970-01-01.
    pub const fn unix_days(self) -> i32 {
        self.0
    }
    /// The day that `at` falls on where clocks run `offset` ahead of UTC (8 hours in China).
    pub fn of(at: Instant, offset: Duration) -> Self {
        let days = at.plus(offset).unix_seconds().div_euclid(86_400);
        Self(i32::try_from(days).unwrap_or(*RANGE.end()).clamp(*RANGE.start(), *RANGE.end()))
    }
    /// The first instant of the day where clocks run `offset` ahead of UTC.
    pub fn start(self, offset: Duration) -> Instant {
        Instant::from_unix_seconds(i64::from(self.0) * 86_400).minus(offset)
    }
    /// The day `days` later (earlier when negative), kept within years 0000–9999.
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days).clamp(*RANGE.start(), *RANGE.end()))
    }
    /// Year, month from 1, day from 1.
    pub fn parts(self) -> (i32, u8, u8) {
        let day = time::Date::from_julian_day(self.0 + EPOCH_JULIAN).unwrap_or(time::Date::MIN);
        (day.year(), u8::from(day.month()), day.day())
    }
    /// The day with these parts. `None` when there is no such day.
    pub fn from_parts(year: i32, month: u8, day: u8) -> Option<Self> {
        let date = time::Date::from_calendar_date(year, time::Month::try_from(month).ok()?, day).ok()?;
        Self::from_unix_days(date.to_julian_day() - EPOCH_JULIAN)
    }
    /// The same day `months` later (earlier when negative); the last day of the month when it has no such day.
    pub fn plus_months(self, months: i32) -> Self {
        let (year, month, day) = self.parts();
        let place = year.saturating_mul(12).saturating_add(i32::from(month) - 1).saturating_add(months);
        let month = u8::try_from(place.rem_euclid(12) + 1).unwrap_or(1);
        let found = (28..=day).rev().find_map(|day| Self::from_parts(place.div_euclid(12), month, day));
        found.or_else(|| Self::from_parts(place.div_euclid(12), month, day)).unwrap_or(self)
    }
    /// Day of the week: 1 is Monday, 7 is Sunday (ISO 8601).
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.0 + 3).rem_euclid(7) + 1) as u8
    }
    /// Parses `YYYY-MM-DD`. `None` when the text is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 10 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return None;
        }
        let day = time::Date::parse(text, &Iso8601::DATE).ok()?;
        Self::from_unix_days(day.to_julian_day() - EPOCH_JULIAN)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = time::Date::from_julian_day(self.0 + EPOCH_JULIAN).map_err(|_| fmt::Error)?;
        write!(f, "{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("expected a date like 2026-03-01"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_and_print() {
        for (text, days) in [("1970-01-01", 0), ("2026-03-01", 20_513), ("1969-12-31", -1), ("2024-02-29", 19_782)] {
            let date = Date::parse(text).unwrap();
            assert_eq!((date.unix_days(), date.to_string().as_str()), (days, text));
        }
        for bad in ["", "2026-02-29", "2026-3-01", "20260301", "2026-03-01Z", "+026-03-01", "2026-W09-7"] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert_eq!(Date::from_unix_days(*RANGE.start()).unwrap().to_string(), "0000-01-01");
        assert_eq!(Date::from_unix_days(*RANGE.end()).unwrap().to_string(), "9999-12-31");
        assert_eq!(Date::from_unix_days(i32::MAX), None);
    }

    #[test]
    fn months_and_weeks_are_those_of_the_calendar() {
        let day = |text| Date::parse(text).unwrap();
        for (from, months, to) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-12-15", 1, "2027-01-15"),
            ("2026-01-05", -13, "2024-12-05"),
            ("2026-05-31", 12, "2027-05-31"),
        ] {
            assert_eq!(day(from).plus_months(months), day(to), "{from} {months}");
        }
        assert_eq!(day("2026-03-01").parts(), (2026, 3, 1));
        assert_eq!(Date::from_parts(2026, 2, 29), None);
        assert_eq!((day("2026-03-01").weekday(), day("2026-03-02").weekday()), (7, 1));
        assert_eq!(day("1969-12-31").weekday(), 3);
    }

    #[test]
    fn the_day_depends_on_where_one_is() {
        let china = Duration::from_secs(8 * 3600);
        let at = Instant::parse("2026-03-01T17:00:00Z").unwrap();
        assert_eq!(Date::of(at, Duration::ZERO).to_string(), "2026-03-01");
        assert_eq!(Date::of(at, china).to_string(), "2026-03-02");
        assert_eq!(Date::of(at, china).start(china).to_string(), "2026-03-01T16:00:00Z");
    }
}
