//! The scorecards: what a customer is offered. Deterministic and pure.

use super::schedule::{Method, schedule};
use pano_ledger::Rate;
use pano_types::Date;
use serde::{Deserialize, Serialize};

/// Why an application was declined or cut down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Reason {
    DebtToIncome,
    DebtToRevenue,
    ShortRelationship,
    ShortHistory,
    LowBalance,
    LowTurnover,
    AgeOutOfRange,
    TaxCredit,
    ExistingOverdue,
    ScoreTooLow,
    AmountReduced,
}

/// How good an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Grade {
    A,
    B,
    C,
    /// Declined.
    D,
}

/// What was decided. `approved_minor` is zero when declined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) score: u32,
    pub(crate) grade: Grade,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) approved_minor: i64,
}

impl Decision {
    /// The same, declined.
    pub(crate) fn declined(mut self) -> Self {
        if !self.reasons.contains(&Reason::ScoreTooLow) {
            self.reasons.push(Reason::ScoreTooLow);
        }
        Self { grade: Grade::D, approved_minor: 0, ..self }
    }
}

/// What a natural person brings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) income_minor: i64,
    pub(crate) debts_minor: i64,
    pub(crate) age_years: i32,
    pub(crate) tenure_months: i32,
    pub(crate) balance_minor: i64,
    pub(crate) is_overdue: bool,
}

/// What a business brings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Business {
    pub(crate) revenue_minor: i64,
    pub(crate) debts_minor: i64,
    pub(crate) years: i32,
    /// What came into its accounts in the last half year.
    pub(crate) turnover_minor: i64,
    pub(crate) tax: TaxGrade,
    pub(crate) is_overdue: bool,
}

/// Tax credit grade (纳税信用等级).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaxGrade {
    A,
    B,
    M,
    C,
    D,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) amount_minor: i64,
    pub(crate) months: u32,
    /// Least that the product lends.
    pub(crate) minimum_minor: i64,
    /// The product's highest rate: affordability is tested at it.
    pub(crate) rate: Rate,
}

/// Amounts are cut down to whole hundreds.
const STEP_MINOR: i64 = 10_000;
const BASE: u32 = 400;

/// Points for the first step that `value` reaches.
fn points(value: i64, steps: &[(i64, u32)]) -> u32 {
    steps.iter().find(|(least, _)| value >= *least).map_or(0, |(_, points)| *points)
}

fn permille(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 1_000 } else { i64::try_from(i128::from(part) * 1_000 / i128::from(whole)).unwrap_or(i64::MAX) }
}

/// What a natural person can still bear a month.
pub(crate) const fn room_of_person(income_minor: i64, debts_minor: i64) -> i64 {
    (income_minor / 2).saturating_sub(debts_minor)
}

/// What a business can still owe.
pub(crate) fn room_of_business(revenue_minor: i64, debts_minor: i64) -> i64 {
    i64::try_from(i128::from(revenue_minor) * 30 / 100).unwrap_or(i64::MAX).saturating_sub(debts_minor)
}

/// A month's burden of a loan: the instalment if it were repaid in equal ones. Interest only does not make it affordable.
pub(crate) fn burden(amount_minor: i64, wanted: &Wanted) -> i64 {
    let day = Date::of(pano_types::Instant::from_unix_micros(0), std::time::Duration::ZERO);
    let lines = schedule(amount_minor, wanted.rate, wanted.months, Method::EqualInstalment, day);
    lines.and_then(|lines| lines.first().map(|line| line.principal_minor + line.interest_minor)).unwrap_or(i64::MAX)
}

/// Decides on a natural person's application.
pub(crate) fn person(wanted: &Wanted, who: &Person) -> Decision {
    let mut reasons = Vec::new();
    let room = room_of_person(who.income_minor, who.debts_minor);
    let amount = cut(wanted, |minor| burden(minor, wanted), room, Reason::DebtToIncome, &mut reasons);
    let month = burden(if amount == 0 { wanted.amount_minor } else { amount }, wanted);
    let ratio = permille(who.debts_minor.saturating_add(month), who.income_minor);
    let mut score = BASE + points(-ratio, &[(-300, 250), (-400, 200), (-500, 120)]);
    score += noted(
        points(i64::from(who.tenure_months), &[(60, 120), (24, 80), (6, 30)]),
        Reason::ShortRelationship,
        &mut reasons,
    );
    let months = if month <= 0 { 0 } else { who.balance_minor / month };
    score += noted(points(months, &[(6, 130), (2, 80), (1, 30)]), Reason::LowBalance, &mut reasons);
    score += match who.age_years {
        25..=55 => 100,
        22..=60 => 60,
        18..=65 => 20,
        _ => 0,
    };
    let barred = !(18..=65).contains(&who.age_years);
    decided(score, amount, &mut reasons, barred.then_some(Reason::AgeOutOfRange), who.is_overdue)
}

/// Decides on a business's application.
pub(crate) fn business(wanted: &Wanted, who: &Business) -> Decision {
    let mut reasons = Vec::new();
    let room = room_of_business(who.revenue_minor, who.debts_minor);
    let amount = cut(wanted, |minor| minor, room, Reason::DebtToRevenue, &mut reasons);
    let ratio = permille(who.debts_minor.saturating_add(amount.max(wanted.minimum_minor)), who.revenue_minor);
    let mut score = BASE + points(-ratio, &[(-150, 200), (-250, 140), (-300, 60)]);
    score += noted(points(i64::from(who.years), &[(5, 120), (2, 80), (1, 30)]), Reason::ShortHistory, &mut reasons);
    let settled = permille(who.turnover_minor, who.revenue_minor / 2);
    score += noted(points(settled, &[(500, 150), (200, 90), (50, 40)]), Reason::LowTurnover, &mut reasons);
    score += match who.tax {
        TaxGrade::A => 130,
        TaxGrade::B => 90,
        TaxGrade::M => 50,
        TaxGrade::C | TaxGrade::D => 0,
    };
    if who.tax == TaxGrade::C {
        reasons.push(Reason::TaxCredit);
    }
    decided(score, amount, &mut reasons, (who.tax == TaxGrade::D).then_some(Reason::TaxCredit), who.is_overdue)
}

/// The largest amount up to what is wanted whose burden fits into `room`, or zero when that is less than the product lends.
fn cut(wanted: &Wanted, burden: impl Fn(i64) -> i64, room: i64, reason: Reason, reasons: &mut Vec<Reason>) -> i64 {
    let full = burden(wanted.amount_minor);
    if full <= room {
        return wanted.amount_minor;
    }
    reasons.push(reason);
    let part = if room <= 0 { 0 } else { i128::from(wanted.amount_minor) * i128::from(room) / i128::from(full) };
    let mut amount = i64::try_from(part).unwrap_or(0) / STEP_MINOR * STEP_MINOR;
    // Instalments are rounded, so the last step may be one too many.
    while amount > 0 && burden(amount) > room {
        amount -= STEP_MINOR;
    }
    if amount < wanted.minimum_minor { 0 } else { amount }
}

fn noted(points: u32, reason: Reason, reasons: &mut Vec<Reason>) -> u32 {
    if points == 0 {
        reasons.push(reason);
    }
    points
}

fn decided(score: u32, amount: i64, reasons: &mut Vec<Reason>, barred: Option<Reason>, is_overdue: bool) -> Decision {
    let mut grade = match score {
        800.. => Grade::A,
        680..=799 => Grade::B,
        560..=679 => Grade::C,
        _ => Grade::D,
    };
    if grade == Grade::D {
        reasons.push(Reason::ScoreTooLow);
    }
    reasons.extend(barred);
    if is_overdue {
        reasons.push(Reason::ExistingOverdue);
    }
    if barred.is_some() || is_overdue || amount == 0 {
        grade = Grade::D;
    }
    let approved_minor = if grade == Grade::D { 0 } else { amount };
    if approved_minor > 0 && reasons.iter().any(|reason| matches!(reason, Reason::DebtToIncome | Reason::DebtToRevenue))
    {
        reasons.push(Reason::AmountReduced);
    }
    Decision { score, grade, reasons: std::mem::take(reasons), approved_minor }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    const WANTED: Wanted =
        Wanted { amount_minor: 6_000_000, months: 12, minimum_minor: 100_000, rate: Rate::from_ppm(72_000) };
    const TEACHER: Person = Person {
        income_minor: 1_850_000,
        debts_minor: 200_000,
        age_years: 33,
        tenure_months: 80,
        balance_minor: 8_642_350,
        is_overdue: false,
    };
    const MAKER: Business = Business {
        revenue_minor: 816_000_000,
        debts_minor: 60_000_000,
        years: 16,
        turnover_minor: 408_000_000,
        tax: TaxGrade::A,
        is_overdue: false,
    };

    #[test]
    fn a_person_gets_what_the_card_says() {
        let good = person(&WANTED, &TEACHER);
        assert_eq!((good.grade, good.score, good.approved_minor, good.reasons.len()), (Grade::A, 950, 6_000_000, 0));
        let much = person(&Wanted { amount_minor: 20_000_000, ..WANTED }, &TEACHER);
        assert_eq!(much.reasons, [Reason::DebtToIncome, Reason::AmountReduced]);
        assert!(burden(much.approved_minor, &WANTED) <= 1_850_000 / 2 - 200_000);
        assert!(burden(much.approved_minor + STEP_MINOR, &WANTED) > 1_850_000 / 2 - 200_000);
        for (who, reason) in [
            (Person { age_years: 70, ..TEACHER }, Reason::AgeOutOfRange),
            (Person { is_overdue: true, ..TEACHER }, Reason::ExistingOverdue),
            (Person { debts_minor: 925_000, ..TEACHER }, Reason::DebtToIncome),
            (
                Person { tenure_months: 1, balance_minor: 0, debts_minor: 400_000, age_years: 19, ..TEACHER },
                Reason::ScoreTooLow,
            ),
        ] {
            let declined = person(&WANTED, &who);
            assert_eq!((declined.grade, declined.approved_minor), (Grade::D, 0), "{who:?}");
            assert!(declined.reasons.contains(&reason), "{who:?} {declined:?}");
            assert!(!declined.reasons.contains(&Reason::AmountReduced));
        }
    }

    #[test]
    fn a_business_gets_what_the_card_says() {
        let wanted = Wanted { amount_minor: 100_000_000, minimum_minor: 1_000_000, ..WANTED };
        let good = business(&wanted, &MAKER);
        assert_eq!((good.grade, good.approved_minor, good.reasons.len()), (Grade::A, 100_000_000, 0));
        let much = business(&Wanted { amount_minor: 400_000_000, ..wanted }, &MAKER);
        assert_eq!(
            (much.approved_minor, much.reasons),
            (184_800_000, vec![Reason::DebtToRevenue, Reason::AmountReduced])
        );
        let barred = business(&wanted, &Business { tax: TaxGrade::D, ..MAKER });
        assert_eq!((barred.grade, barred.reasons), (Grade::D, vec![Reason::TaxCredit]));
        let young = business(&wanted, &Business { years: 0, turnover_minor: 0, tax: TaxGrade::C, ..MAKER });
        assert_eq!(
            (young.grade, young.reasons),
            (Grade::D, vec![Reason::ShortHistory, Reason::LowTurnover, Reason::TaxCredit, Reason::ScoreTooLow]),
        );
    }

    proptest! {
        #[test]
        fn nobody_gets_more_than_asked_or_can_bear(
            amount in 100_000i64..20_000_000, months in 3u32..37, income in 0i64..10_000_000, debts in 0i64..5_000_000,
            age in 0i32..100, tenure in 0i32..400, balance in 0i64..100_000_000, is_overdue in any::<bool>(),
        ) {
            let wanted = Wanted { amount_minor: amount, months, ..WANTED };
            let who = Person { income_minor: income, debts_minor: debts, age_years: age, tenure_months: tenure, balance_minor: balance, is_overdue };
            let decision = person(&wanted, &who);
            prop_assert!(decision.approved_minor <= amount && decision.score <= 1_000);
            prop_assert_eq!(decision.approved_minor == 0, decision.grade == Grade::D);
            if decision.approved_minor > 0 {
                prop_assert!(burden(decision.approved_minor, &wanted) + debts <= income / 2);
                prop_assert!(decision.approved_minor >= wanted.minimum_minor && !is_overdue);
            } else {
                prop_assert!(!decision.reasons.is_empty());
            }
        }
    }
}
