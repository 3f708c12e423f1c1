//! Business days in mainland China: weekends and the holidays that the State Council announces each year, with the days
//! worked in their stead. Years that are not announced yet have weekends and the fixed holidays only.

use pano_types::Date;

/// A holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holiday {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    /// First and last day, year, month, day.
    from: (i32, u8, u8),
    to: (i32, u8, u8),
}

const fn holiday(zh: &'static str, en: &'static str, from: (i32, u8, u8), to: (i32, u8, u8)) -> Holiday {
    Holiday { zh, en, from, to }
}

/// Announced by the State Council for 2025 (国办发明电〔2024〕12号) and 2026 (国办发明电〔2025〕7号).
const HOLIDAYS: &[Holiday] = &[
    holiday("元旦", "New Year", (2025, 1, 1), (2025, 1, 1)),
    holiday("春节", "Spring Festival", (2025, 1, 28), (2025, 2, 4)),
    holiday("清明节", "Qingming", (2025, 4, 4), (2025, 4, 6)),
    holiday("劳动节", "Labour Day", (2025, 5, 1), (2025, 5, 5)),
    holiday("端午节", "Dragon Boat Festival", (2025, 5, 31), (2025, 6, 2)),
    holiday("国庆节、中秋节", "National Day and Mid-Autumn", (2025, 10, 1), (2025, 10, 8)),
    holiday("元旦", "New Year", (2026, 1, 1), (2026, 1, 3)),
    holiday("春节", "Spring Festival", (2026, 2, 15), (2026, 2, 23)),
    holiday("清明节", "Qingming", (2026, 4, 4), (2026, 4, 6)),
    holiday("劳动节", "Labour Day", (2026, 5, 1), (2026, 5, 5)),
    holiday("端午节", "Dragon Boat Festival", (2026, 6, 19), (2026, 6, 21)),
    holiday("中秋节", "Mid-Autumn", (2026, 9, 25), (2026, 9, 27)),
    holiday("国庆节", "National Day", (2026, 10, 1), (2026, 10, 7)),
];

/// Weekend days worked in the stead of a holiday.
const WORKED: &[(i32, u8, u8)] = &[
    (2025, 1, 26),
    (2025, 2, 8),
    (2025, 4, 27),
    (2025, 9, 28),
    (2025, 10, 11),
    (2026, 1, 4),
    (2026, 2, 14),
    (2026, 2, 28),
    (2026, 5, 9),
    (2026, 9, 20),
    (2026, 10, 10),
];

/// Holidays on the same days of every year that is not announced.
const FIXED: &[(&str, &str, u8, u8, u8)] =
    &[("元旦", "New Year", 1, 1, 1), ("劳动节", "Labour Day", 5, 1, 2), ("国庆节", "National Day", 10, 1, 3)];

/// The holiday that a day lies in.
pub(crate) fn holiday_on(day: Date) -> Option<(&'static str, &'static str)> {
    let parts = day.parts();
    if let Some(known) = HOLIDAYS.iter().find(|known| known.from <= parts && parts <= known.to) {
        return Some((known.zh, known.en));
    }
    let (year, month, of_month) = parts;
    if HOLIDAYS.iter().any(|known| known.from.0 == year) {
        return None;
    }
    let fixed = FIXED.iter().find(|(_, _, at, from, to)| *at == month && (*from..=*to).contains(&of_month));
    fixed.map(|(zh, en, ..)| (*zh, *en))
}

/// Whether the bank works on a day.
pub(crate) fn is_business_day(day: Date) -> bool {
    WORKED.contains(&day.parts()) || (day.weekday() <= 5 && holiday_on(day).is_none())
}

/// Whether exchanges trade and funds are valued: never at a weekend, not even one that is worked.
pub(crate) fn is_trading_day(day: Date) -> bool {
    day.weekday() <= 5 && holiday_on(day).is_none()
}

/// The day itself when it is a trading day, else the next one.
pub(crate) fn trading_day(day: Date) -> Date {
    (0..15).map(|n| day.plus_days(n)).find(|day| is_trading_day(*day)).unwrap_or(day)
}

/// The first business day after a day.
pub(crate) fn next_business_day(day: Date) -> Date {
    following(day.plus_days(1))
}

/// The day itself when it is a business day, else the next one.
pub(crate) fn following(day: Date) -> Date {
    nearest(day, 1)
}

/// The day itself when it is a business day, else the one before.
pub(crate) fn preceding(day: Date) -> Date {
    nearest(day, -1)
}

fn nearest(day: Date, step: i32) -> Date {
    // No stretch of days off is longer than two weeks.
    (0..15).map(|n| day.plus_days(n * step)).find(|day| is_business_day(*day)).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn holidays_and_days_worked_for_them_are_those_announced() {
        for (text, works) in [
            ("2026-02-14", true),
            ("2026-02-16", false),
            ("2026-02-24", true),
            ("2026-02-28", true),
            ("2026-03-01", false),
            ("2026-03-02", true),
            ("2026-10-10", true),
            ("2028-10-02", false),
            ("2028-10-04", true),
        ] {
            assert_eq!(is_business_day(day(text)), works, "{text}");
        }
        assert_eq!(next_business_day(day("2026-02-14")), day("2026-02-24"));
        assert_eq!(
            (following(day("2026-10-01")), preceding(day("2026-10-07"))),
            (day("2026-10-08"), day("2026-09-30"))
        );
        assert_eq!(trading_day(day("2026-02-28")), day("2026-03-02"), "a worked Saturday is no trading day");
        assert_eq!(holiday_on(day("2026-05-03")), Some(("劳动节", "Labour Day")));
    }

    proptest! {
        #[test]
        fn every_day_has_a_business_day_near(n in 18_000i32..40_000) {
            let day = Date::from_unix_days(n).unwrap();
            prop_assert!(is_business_day(following(day)) && is_business_day(preceding(day)));
            prop_assert!(next_business_day(day) > day && following(day) >= day && preceding(day) <= day);
        }
    }
}
