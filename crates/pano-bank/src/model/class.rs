//! Classes of bank accounts and their limits, as the People's Bank of China sets them (银发〔2015〕392号、〔2016〕302号、
//! 〔2018〕16号): a class I account does everything; classes II and III are bound to one and limited in what may flow
//! between them and anyone but the account they are bound to.

use crate::call::Refusal;
use crate::world::{Entity, World};
use pano_types::id::AccountId;
use pano_types::{Code, Currency, Date, Money};
use serde::{Deserialize, Serialize};

/// Most accounts of class II, and of class III, that one person may have with one bank.
pub(crate) const BOUND_ACCOUNTS_MAX: usize = 5;

/// The class of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub(crate) enum AccountClass {
    /// A person's full account.
    #[default]
    I,
    /// A person's account for investing and paying within limits.
    #[serde(rename = "II")]
    Ii,
    /// A person's purse.
    #[serde(rename = "III")]
    Iii,
    /// An organisation's.
    #[serde(rename = "BUSINESS")]
    Business,
}

impl AccountClass {
    /// The code, as stored and on the wire.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::Ii => "II",
            Self::Iii => "III",
            Self::Business => "BUSINESS",
        }
    }
    /// Whether the regulator limits what flows between it and accounts that it is not bound to.
    pub(crate) const fn is_bound(self) -> bool {
        matches!(self, Self::Ii | Self::Iii)
    }
}

impl std::fmt::Display for AccountClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for AccountClass {
    type Err = ();
    fn from_str(code: &str) -> Result<Self, ()> {
        [Self::I, Self::Ii, Self::Iii, Self::Business].into_iter().find(|class| class.code() == code).ok_or(())
    }
}

/// A row of the table of limits, minor units. It is kept in the sandbox, so that a bank can set its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClassRule {
    pub(crate) class: AccountClass,
    /// Of a new account.
    pub(crate) payment_minor: i64,
    pub(crate) day_minor: i64,
    /// The highest that the owner may set.
    pub(crate) payment_max_minor: i64,
    pub(crate) day_max_minor: i64,
    /// Out to accounts that are not bound, in a calendar year.
    pub(crate) year_minor: Option<i64>,
    /// In from accounts that are not bound.
    pub(crate) in_day_minor: Option<i64>,
    pub(crate) in_year_minor: Option<i64>,
    /// At any time.
    pub(crate) balance_minor: Option<i64>,
}

impl ClassRule {
    const fn free(class: AccountClass, payment_minor: i64, day_minor: i64, max: (i64, i64)) -> Self {
        Self {
            class,
            payment_minor,
            day_minor,
            payment_max_minor: max.0,
            day_max_minor: max.1,
            year_minor: None,
            in_day_minor: None,
            in_year_minor: None,
            balance_minor: None,
        }
    }

    const fn bound(class: AccountClass, day: i64, year: i64, balance_minor: Option<i64>) -> Self {
        Self {
            class,
            payment_minor: day,
            day_minor: day,
            payment_max_minor: day,
            day_max_minor: day,
            year_minor: Some(year),
            in_day_minor: Some(day),
            in_year_minor: Some(year),
            balance_minor,
        }
    }

    /// The regulator's limits, and ours where it sets none: 50,000.00 a payment and 200,000.00 a day for a person,
    /// 5,000,000.00 and 20,000,000.00 for an organisation.
    pub(crate) const DEFAULTS: [Self; 4] = [
        Self::free(AccountClass::I, 5_000_000, 20_000_000, (50_000_000, 100_000_000)),
        Self::bound(AccountClass::Ii, 1_000_000, 20_000_000, None),
        Self::bound(AccountClass::Iii, 200_000, 5_000_000, Some(200_000)),
        Self::free(AccountClass::Business, 500_000_000, 2_000_000_000, (5_000_000_000, 20_000_000_000)),
    ];
}

impl Entity for ClassRule {
    const KIND: &'static str = "account.class";
    type Id = String;
    fn id(&self) -> String {
        self.class.code().to_owned()
    }
}

/// What has flowed between an account and accounts that it is not bound to, minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    pub(crate) account: AccountId,
    /// The day that the day's sums are of; its year is that of the year's.
    pub(crate) day: Date,
    pub(crate) out_day_minor: i64,
    pub(crate) out_year_minor: i64,
    pub(crate) in_day_minor: i64,
    pub(crate) in_year_minor: i64,
}

impl Flow {
    pub(crate) const fn none(account: AccountId, day: Date) -> Self {
        Self { account, day, out_day_minor: 0, out_year_minor: 0, in_day_minor: 0, in_year_minor: 0 }
    }

    /// The sums as of `day`: those of a day or year that has passed count no more. A day before the last one is taken as it.
    pub(crate) fn on(self, day: Date) -> Self {
        if day <= self.day {
            return self;
        }
        let same_year = day.parts().0 == self.day.parts().0;
        let year = |minor| if same_year { minor } else { 0 };
        Self {
            account: self.account,
            day,
            out_day_minor: 0,
            in_day_minor: 0,
            out_year_minor: year(self.out_year_minor),
            in_year_minor: year(self.in_year_minor),
        }
    }

    /// With `minor` more out, or, when negative, given back: of the day and year that it was taken in.
    pub(crate) fn out(self, day: Date, minor: i64) -> Self {
        let mut next = self.on(day);
        if day == next.day {
            next.out_day_minor = next.out_day_minor.saturating_add(minor).max(0);
        }
        if day.parts().0 == next.day.parts().0 {
            next.out_year_minor = next.out_year_minor.saturating_add(minor).max(0);
        }
        next
    }

    /// With `minor` more in.
    pub(crate) fn taken_in(self, day: Date, minor: i64) -> Self {
        let mut next = self.on(day);
        next.in_day_minor = next.in_day_minor.saturating_add(minor);
        next.in_year_minor = next.in_year_minor.saturating_add(minor);
        next
    }
}

impl Entity for Flow {
    const KIND: &'static str = "account.flow";
    type Id = AccountId;
    fn id(&self) -> AccountId {
        self.account
    }
}

/// Refuses what leads over a limit, saying which.
pub(crate) fn within(
    limit: Option<i64>,
    used: i64,
    minor: i64,
    currency: Currency,
    en: &str,
    zh: &str,
) -> Result<(), Refusal> {
    match limit {
        Some(limit) if used.checked_add(minor).is_none_or(|total| total > limit) => {
            let limit = Money::new(limit, currency);
            Err(Refusal::from(Code::LimitExceeded).detail(format!("{en} limit: {limit}"), format!("{zh}限额：{limit}")))
        }
        Some(_) | None => Ok(()),
    }
}

impl ClassRule {
    /// Whether `minor` may leave to an account that is not bound, after what has.
    pub(crate) fn check_out(&self, flow: &Flow, minor: i64, currency: Currency) -> Result<(), Refusal> {
        within(self.year_minor, flow.out_year_minor, minor, currency, "per year", "年累计")
    }

    /// Whether `minor` may come in from an account that is not bound, after what has.
    pub(crate) fn check_in(&self, flow: &Flow, minor: i64, currency: Currency) -> Result<(), Refusal> {
        within(self.in_day_minor, flow.in_day_minor, minor, currency, "incoming per day", "转入日累计")?;
        within(self.in_year_minor, flow.in_year_minor, minor, currency, "incoming per year", "转入年累计")
    }

    /// Whether the account may hold `minor` more.
    pub(crate) fn check_balance(&self, booked_minor: i64, minor: i64, currency: Currency) -> Result<(), Refusal> {
        within(self.balance_minor, booked_minor, minor, currency, "balance", "账户余额")
    }
}

impl World {
    /// The limits of a class: the sandbox's own row, else the default one.
    pub(crate) fn class_rule(&self, class: AccountClass) -> ClassRule {
        let own = self.get::<ClassRule>(&class.code().to_owned()).copied();
        let default = || ClassRule::DEFAULTS.into_iter().find(|rule| rule.class == class);
        // Every class has its row; the test below says so.
        own.or_else(default).unwrap_or(ClassRule::bound(class, 0, 0, Some(0)))
    }

    /// What has flowed between an account and those that it is not bound to, as of a day.
    pub(crate) fn flow(&self, account: AccountId, day: Date) -> Flow {
        self.get::<Flow>(&account).copied().unwrap_or(Flow::none(account, day)).on(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::Instant;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }
    fn account() -> AccountId {
        AccountId::new(Instant::from_unix_micros(0), &SeededEntropy::new(1))
    }

    #[test]
    fn every_class_has_its_row_with_the_regulators_figures() {
        let rule = |class| ClassRule::DEFAULTS.into_iter().find(|rule| rule.class == class).unwrap();
        let two = rule(AccountClass::Ii);
        assert_eq!((two.day_max_minor, two.year_minor, two.balance_minor), (1_000_000, Some(20_000_000), None));
        let three = rule(AccountClass::Iii);
        assert_eq!(
            (three.day_max_minor, three.year_minor, three.balance_minor),
            (200_000, Some(5_000_000), Some(200_000))
        );
        for class in [AccountClass::I, AccountClass::Ii, AccountClass::Iii, AccountClass::Business] {
            let rule = rule(class);
            assert!(rule.payment_minor <= rule.day_minor && rule.payment_max_minor <= rule.day_max_minor);
            assert_eq!(class.code().parse(), Ok(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.code());
        }
    }

    #[test]
    fn limits_are_reached_exactly_and_not_passed() {
        let three = ClassRule::DEFAULTS[2];
        let flow = Flow::none(account(), day("2026-03-02")).out(day("2026-03-02"), 4_900_000);
        let code = |result: Result<(), Refusal>| result.map_err(|refusal| refusal.code().unwrap());
        assert_eq!(code(three.check_out(&flow, 100_000, Currency::CNY)), Ok(()));
        assert_eq!(code(three.check_out(&flow, 100_001, Currency::CNY)), Err(Code::LimitExceeded));
        assert_eq!(code(three.check_balance(150_000, 50_000, Currency::CNY)), Ok(()));
        assert_eq!(code(three.check_balance(150_000, 50_001, Currency::CNY)), Err(Code::LimitExceeded));
        assert_eq!(
            code(three.check_in(&flow.taken_in(day("2026-03-02"), 200_000), 1, Currency::CNY)),
            Err(Code::LimitExceeded)
        );
        assert_eq!(code(three.check_in(&flow, i64::MAX, Currency::CNY)), Err(Code::LimitExceeded));
    }

    #[test]
    fn a_day_and_a_year_end() {
        let flow = Flow::none(account(), day("2025-12-31")).out(day("2025-12-31"), 70).taken_in(day("2025-12-31"), 30);
        assert_eq!((flow.out_day_minor, flow.out_year_minor, flow.in_day_minor, flow.in_year_minor), (70, 70, 30, 30));
        let flow = flow.out(day("2026-01-01"), 5);
        assert_eq!((flow.out_day_minor, flow.out_year_minor, flow.in_day_minor, flow.in_year_minor), (5, 5, 0, 0));
        let flow = flow.out(day("2026-01-02"), 6).out(day("2026-01-01"), -5);
        assert_eq!((flow.out_day_minor, flow.out_year_minor), (6, 6), "given back of a day that is over");
        assert_eq!(flow.out(day("2025-12-31"), -70).out_year_minor, 6, "given back of a year that is over");
    }

    proptest! {
        #[test]
        fn sums_are_those_of_their_day_and_year(steps in prop::collection::vec((0i32..3, 1i64..1_000, any::<bool>()), 1..80)) {
            let mut flow = Flow::none(account(), day("2025-12-01"));
            let mut at = day("2025-12-01");
            let mut seen: Vec<(Date, i64, bool)> = Vec::new();
            for (days, minor, out) in steps {
                at = at.plus_days(days);
                flow = if out { flow.out(at, minor) } else { flow.taken_in(at, minor) };
                seen.push((at, minor, out));
            }
            let sum = |out: bool, same: &dyn Fn(Date) -> bool| -> i64 {
                seen.iter().filter(|(day, _, o)| *o == out && same(*day)).map(|(_, minor, _)| minor).sum()
            };
            prop_assert_eq!(flow.out_day_minor, sum(true, &|day| day == at));
            prop_assert_eq!(flow.in_year_minor, sum(false, &|day| day.parts().0 == at.parts().0));
            prop_assert!(flow.out_year_minor >= flow.out_day_minor);
        }
    }
}
