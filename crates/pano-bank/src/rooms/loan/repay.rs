//! What is owed, and in which order money pays it off. Pure.

use super::schedule::{Line, half_up};
use pano_ledger::{Accrual, DayCount, Rate};
use pano_types::Date;
use serde::{Deserialize, Serialize};

/// Instalments after which settling early costs nothing more.
const FREE_AFTER: usize = 6;

/// One instalment and what has been paid of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Instalment {
    pub(crate) number: u32,
    pub(crate) due: Date,
    pub(crate) principal_minor: i64,
    pub(crate) interest_minor: i64,
    #[serde(default)]
    pub(crate) paid_principal_minor: i64,
    #[serde(default)]
    pub(crate) paid_interest_minor: i64,
    #[serde(default)]
    pub(crate) paid_penalty_minor: i64,
    /// Penalty that has grown, in billionths of a minor unit, up to `penalty_until`.
    #[serde(default)]
    penalty_billionths: i64,
    #[serde(default)]
    penalty_until: Option<Date>,
}

impl From<Line> for Instalment {
    fn from(line: Line) -> Self {
        Self {
            number: line.number,
            due: line.due,
            principal_minor: line.principal_minor,
            interest_minor: line.interest_minor,
            paid_principal_minor: 0,
            paid_interest_minor: 0,
            paid_penalty_minor: 0,
            penalty_billionths: 0,
            penalty_until: None,
        }
    }
}

impl Instalment {
    /// Principal not paid yet.
    pub(crate) const fn open_principal(&self) -> i64 {
        self.principal_minor - self.paid_principal_minor
    }
    /// Interest not paid yet.
    pub(crate) const fn open_interest(&self) -> i64 {
        self.interest_minor - self.paid_interest_minor
    }
    /// All penalty so far, whole minor units.
    pub(crate) fn penalty(&self) -> i64 {
        // Never less than was paid: what has been paid was whole.
        Accrual::from_billionths(self.penalty_billionths.into()).settle().0.max(self.paid_penalty_minor)
    }
    /// Penalty not paid yet.
    pub(crate) fn open_penalty(&self) -> i64 {
        self.penalty() - self.paid_penalty_minor
    }
    /// All that is still to be paid.
    pub(crate) fn open(&self) -> i64 {
        self.open_penalty() + self.open_interest() + self.open_principal()
    }
    /// What has been paid.
    pub(crate) const fn paid(&self) -> i64 {
        self.paid_penalty_minor + self.paid_interest_minor + self.paid_principal_minor
    }
    /// Whether it fell due before `day` and is not paid.
    pub(crate) fn is_overdue(&self, day: Date) -> bool {
        self.due < day && self.open() > 0
    }

    /// Lets penalty grow up to `day` on what is unpaid after the due date.
    fn grow(&mut self, rate: Rate, day: Date) {
        let from = self.penalty_until.unwrap_or(self.due);
        if day <= from {
            return;
        }
        let base = self.open_principal() + self.open_interest();
        let kept = Accrual::from_billionths(self.penalty_billionths.into());
        let grown = kept.grown(base, rate, DayCount::Act360, from, day).billionths();
        self.penalty_billionths = i64::try_from(grown).unwrap_or(i64::MAX);
        self.penalty_until = Some(day);
    }
}

/// What a payment paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Parts {
    pub(crate) penalty_minor: i64,
    pub(crate) interest_minor: i64,
    pub(crate) principal_minor: i64,
}

impl Parts {
    pub(crate) const fn total(&self) -> i64 {
        self.penalty_minor + self.interest_minor + self.principal_minor
    }
}

/// Lets penalty on all that is overdue grow up to `day`.
pub(crate) fn grow(instalments: &mut [Instalment], penalty: Rate, day: Date) {
    instalments.iter_mut().for_each(|instalment| instalment.grow(penalty, day));
}

/// Pays up to `amount_minor`, oldest instalment first and only those that `wanted` picks; in each penalty, interest,
/// principal. What is left over is not in the parts.
pub(crate) fn pay(instalments: &mut [Instalment], amount_minor: i64, wanted: impl Fn(&Instalment) -> bool) -> Parts {
    let (mut left, mut parts) = (amount_minor, Parts::default());
    for instalment in instalments.iter_mut().filter(|instalment| wanted(instalment)) {
        let mut take = |open: i64| {
            let part = open.min(left).max(0);
            left -= part;
            part
        };
        let penalty = take(instalment.open_penalty());
        let interest = take(instalment.open_interest());
        let principal = take(instalment.open_principal());
        instalment.paid_penalty_minor += penalty;
        instalment.paid_interest_minor += interest;
        instalment.paid_principal_minor += principal;
        parts.penalty_minor += penalty;
        parts.interest_minor += interest;
        parts.principal_minor += principal;
    }
    parts
}

/// Principal that is left.
pub(crate) fn outstanding(instalments: &[Instalment]) -> i64 {
    instalments.iter().map(Instalment::open_principal).sum()
}

/// All that is still to be paid by the schedule.
pub(crate) fn total(instalments: &[Instalment]) -> i64 {
    instalments.iter().map(Instalment::open).sum()
}

/// What settling on `day` costs. Grow the penalty to that day before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settlement {
    pub(crate) parts: Parts,
    pub(crate) fee_minor: i64,
}

impl Settlement {
    pub(crate) const fn total(&self) -> i64 {
        self.parts.total() + self.fee_minor
    }
}

/// Works out an early settlement: all principal, the interest of instalments that are due, interest by the day since the last
/// due date for the one that is running, none for later ones, and a fee on principal that is not due yet.
pub(crate) fn settlement(
    instalments: &[Instalment],
    rate: Rate,
    fee_ppm: i64,
    drawn: Date,
    day: Date,
) -> Option<Settlement> {
    let (mut parts, mut early) = (Parts::default(), 0i64);
    for instalment in instalments {
        parts.penalty_minor += instalment.open_penalty();
        parts.principal_minor += instalment.open_principal();
        if instalment.due <= day {
            parts.interest_minor += instalment.open_interest();
        } else {
            early += instalment.open_principal();
        }
    }
    parts.interest_minor += running(instalments, rate, drawn, day);
    let paid = instalments.iter().filter(|instalment| instalment.open() == 0).count();
    let fee_minor = if paid >= FREE_AFTER { 0 } else { half_up(i128::from(early) * i128::from(fee_ppm), 1_000_000)? };
    Some(Settlement { parts, fee_minor })
}

/// Interest by the day of the instalment that is running on `day`, less what has been paid of it.
fn running(instalments: &[Instalment], rate: Rate, drawn: Date, day: Date) -> i64 {
    let Some(place) = instalments.iter().position(|instalment| instalment.due > day) else { return 0 };
    let from = place.checked_sub(1).and_then(|before| instalments.get(before)).map_or(drawn, |before| before.due);
    let open: i64 = instalments.iter().skip(place).map(Instalment::open_principal).sum();
    let ran = Accrual::default().grown(open, rate, DayCount::Act360, from, day).settle().0;
    instalments.get(place).map_or(0, |now| (ran.min(now.interest_minor) - now.paid_interest_minor).max(0))
}

/// Pays off what [`settlement`] came to: later interest is waived.
pub(crate) fn settle(instalments: &mut [Instalment], rate: Rate, drawn: Date, day: Date) {
    let ran = running(instalments, rate, drawn, day);
    let place = instalments.iter().position(|instalment| instalment.due > day).unwrap_or(usize::MAX);
    for (number, instalment) in instalments.iter_mut().enumerate() {
        if instalment.due > day {
            let more = if number == place { ran } else { 0 };
            instalment.interest_minor = instalment.paid_interest_minor + more;
        }
        instalment.paid_penalty_minor = instalment.penalty();
        instalment.paid_interest_minor = instalment.interest_minor;
        instalment.paid_principal_minor = instalment.principal_minor;
    }
}

/// Days since the oldest unpaid instalment fell due.
pub(crate) fn days_past_due(instalments: &[Instalment], day: Date) -> u32 {
    let oldest = instalments.iter().find(|instalment| instalment.is_overdue(day));
    oldest.and_then(|instalment| u32::try_from(day.unix_days() - instalment.due.unix_days()).ok()).unwrap_or(0)
}

/// Class of risk by days past due (商业银行金融资产风险分类办法, 2023).
pub(crate) const fn classification(days_past_due: u32) -> &'static str {
    match days_past_due {
        0 => "NORMAL",
        1..=90 => "SPECIAL_MENTION",
        91..=270 => "SUBSTANDARD",
        271..=360 => "DOUBTFUL",
        _ => "LOSS",
    }
}

#[cfg(test)]
mod tests {
    use super::super::schedule::{Method, schedule};
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    const RATE: Rate = Rate::from_ppm(54_000);
    const PENALTY: Rate = Rate::from_ppm(81_000);

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn loan(principal: i64, months: u32, method: Method) -> Vec<Instalment> {
        let lines = schedule(principal, RATE, months, method, day("2026-03-02")).unwrap();
        lines.into_iter().map(Instalment::from).collect()
    }

    #[test]
    fn money_pays_the_oldest_first_and_penalty_before_all() {
        let mut all = loan(6_000_000, 12, Method::EqualInstalment);
        let (first, second) = (all[0], all[1]);
        let parts = pay(&mut all, 100_000, |_| true);
        assert_eq!(parts, Parts { penalty_minor: 0, interest_minor: 27_000, principal_minor: 73_000 });
        grow(&mut all, PENALTY, day("2026-04-12"));
        let unpaid = first.principal_minor - 73_000;
        let expect = (unpaid * 81 * 10 + 180_000) / 360_000;
        assert_eq!((all[0].penalty(), all[1].penalty()), (expect, 0), "ten days");
        assert_eq!(days_past_due(&all, day("2026-04-12")), 10);
        let parts = pay(&mut all, expect + unpaid + second.interest_minor + 5, |_| true);
        assert_eq!(
            parts,
            Parts { penalty_minor: expect, interest_minor: second.interest_minor, principal_minor: unpaid + 5 }
        );
        assert_eq!((all[0].open(), days_past_due(&all, day("2026-04-12"))), (0, 0));
        assert_eq!(
            [0, 1, 90, 91, 271, 361].map(classification),
            ["NORMAL", "SPECIAL_MENTION", "SPECIAL_MENTION", "SUBSTANDARD", "DOUBTFUL", "LOSS"]
        );
    }

    #[test]
    fn settling_early_costs_interest_to_the_day_and_a_fee() {
        let mut all = loan(6_000_000, 12, Method::EqualInstalment);
        let first = all[0];
        pay(&mut all, first.principal_minor + first.interest_minor, |_| true);
        let balance = 6_000_000 - first.principal_minor;
        let ten_days = (balance * 54 * 10 + 180_000) / 360_000;
        let quote = settlement(&all, RATE, 10_000, day("2026-03-02"), day("2026-04-12")).unwrap();
        assert_eq!(quote.parts, Parts { penalty_minor: 0, interest_minor: ten_days, principal_minor: balance });
        assert_eq!(quote.fee_minor, (balance + 50) / 100);
        let same_day = settlement(&all, RATE, 10_000, day("2026-03-02"), day("2026-04-02")).unwrap();
        assert_eq!(same_day.parts.interest_minor, 0);
        pay(&mut all, 5 * (first.principal_minor + first.interest_minor), |_| true);
        assert_eq!(settlement(&all, RATE, 10_000, day("2026-03-02"), day("2026-09-12")).unwrap().fee_minor, 0);
        let fresh = loan(6_000_000, 12, Method::InterestOnly);
        let at_once = settlement(&fresh, RATE, 0, day("2026-03-02"), day("2026-03-02")).unwrap();
        assert_eq!(at_once.total(), 6_000_000);
    }

    proptest! {
        #[test]
        fn whatever_is_paid_adds_up(
            principal in 100i64..1_000_000_000, months in 1u32..37, place in 0usize..3,
            steps in prop::collection::vec((0i32..45, 0i64..200_000_000), 0..20),
        ) {
            let method = [Method::EqualInstalment, Method::EqualPrincipal, Method::InterestOnly][place];
            let mut all = loan(principal, months, method);
            let (mut today, mut paid) = (day("2026-03-02"), Parts::default());
            for (days, amount) in steps {
                today = today.plus_days(days);
                grow(&mut all, PENALTY, today);
                let before = total(&all);
                let parts = pay(&mut all, amount, |_| true);
                prop_assert_eq!(parts.total(), amount.min(before));
                prop_assert_eq!(before - parts.total(), total(&all));
                paid.principal_minor += parts.principal_minor;
                paid.interest_minor += parts.interest_minor;
                paid.penalty_minor += parts.penalty_minor;
                prop_assert_eq!(outstanding(&all) + paid.principal_minor, principal);
                prop_assert_eq!(all.iter().map(|i| i.paid()).sum::<i64>(), paid.total());
                let quote = settlement(&all, RATE, 10_000, day("2026-03-02"), today).unwrap();
                prop_assert_eq!(quote.parts.principal_minor, outstanding(&all));
                prop_assert!(quote.parts.total() <= total(&all));
                let mut ended = all.clone();
                settle(&mut ended, RATE, day("2026-03-02"), today);
                prop_assert_eq!(total(&ended), 0);
                prop_assert_eq!(ended.iter().map(|i| i.paid()).sum::<i64>(), paid.total() + quote.parts.total());
            }
        }

        #[test]
        fn penalty_is_the_same_however_often_it_is_looked_at(principal in 100i64..1_000_000_000, looks in prop::collection::vec(1i32..30, 1..12)) {
            let (mut often, mut once) = (loan(principal, 3, Method::EqualPrincipal), loan(principal, 3, Method::EqualPrincipal));
            let mut today = day("2026-05-20");
            for days in looks {
                today = today.plus_days(days);
                grow(&mut often, PENALTY, today);
            }
            grow(&mut once, PENALTY, today);
            let apart: i64 = often.iter().zip(&once).map(|(a, b)| (a.penalty() - b.penalty()).abs()).sum();
            prop_assert!(apart <= 1, "{}", apart);
        }
    }
}
