//! When a standing order pays: its plan, and what is kept of it.

use crate::model::calendar::{following, preceding};
use crate::rooms::payment_order::Creditor;
use crate::world::Entity;
use pano_types::id::{AccountId, PaymentId, StandingOrderId};
use pano_types::{Currency, Date, Instant};
use serde::{Deserialize, Serialize};

/// Index: client id of the app that made it.
pub(super) const BY_APP: &str = "app";
/// Index: the order that a run is of.
pub(super) const BY_ORDER: &str = "order";

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Frequency {
    Weekly,
    Monthly,
    Quarterly,
    Yearly,
}

/// On a day that is no business day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Convention {
    Following,
    Preceding,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Active,
    Suspended,
    Completed,
    Terminated,
}

impl State {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Completed => "COMPLETED",
            Self::Terminated => "TERMINATED",
        }
    }
}

/// A standing order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(super) id: StandingOrderId,
    /// Client id of the app that made it.
    pub(super) app: String,
    pub(super) state: State,
    pub(super) debtor: AccountId,
    /// The payee: an account of this bank, or one elsewhere.
    pub(super) creditor_account: Option<AccountId>,
    pub(super) creditor: Option<Creditor>,
    pub(super) amount_minor: i64,
    pub(super) currency: Currency,
    pub(super) frequency: Frequency,
    pub(super) first: Date,
    pub(super) last: Option<Date>,
    pub(super) count: Option<u32>,
    pub(super) convention: Convention,
    pub(super) remittance: String,
    /// Which payment of the plan is next, from 0.
    pub(super) place: u32,
    pub(super) made: u32,
    pub(super) failed: u32,
    /// Failures since the last payment that was made.
    pub(super) in_a_row: u32,
    pub(super) created_at: Instant,
}

impl Standing {
    /// The planned day of a payment, business day or not. Counted from the first one, so that the 31st comes back after a
    /// month that has none.
    fn planned(&self, place: u32) -> Date {
        let n = i32::try_from(place).unwrap_or(i32::MAX);
        match self.frequency {
            Frequency::Weekly => self.first.plus_days(n.saturating_mul(7)),
            Frequency::Monthly => self.first.plus_months(n),
            Frequency::Quarterly => self.first.plus_months(n.saturating_mul(3)),
            Frequency::Yearly => self.first.plus_months(n.saturating_mul(12)),
        }
    }

    /// The business day on which the next payment is made, if there is one more. None is made after the last day, not even
    /// one that was planned before it and moved behind it.
    pub(super) fn next_payment(&self) -> Option<Date> {
        let planned = self.planned(self.place);
        let day = match self.convention {
            Convention::Following => following(planned),
            Convention::Preceding => preceding(planned),
        };
        let is_counted_out = self.count.is_some_and(|count| self.place >= count);
        let is_too_late = self.last.is_some_and(|last| planned.max(day) > last);
        (!is_counted_out && !is_too_late).then_some(day)
    }

    /// After the payment that was due was made, or not.
    pub(super) fn moved_on(mut self, paid: bool) -> Self {
        self.place = self.place.saturating_add(1);
        if paid {
            (self.made, self.in_a_row) = (self.made.saturating_add(1), 0);
        } else {
            (self.failed, self.in_a_row) = (self.failed.saturating_add(1), self.in_a_row.saturating_add(1));
        }
        self
    }

    /// Active again from `today` on. What was missed is not made up for.
    pub(super) fn resumed(mut self, today: Date) -> Self {
        while self.next_payment().is_some_and(|next| next < today) {
            self.place += 1;
        }
        Self { state: State::Active, in_a_row: 0, ..self }
    }
}

impl Entity for Standing {
    const KIND: &'static str = "standing_order";
    type Id = StandingOrderId;
    fn id(&self) -> StandingOrderId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
    }
}

/// What became of one payment of the plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(super) order: StandingOrderId,
    pub(super) place: u32,
    pub(super) day: Date,
    pub(super) amount_minor: i64,
    pub(super) currency: Currency,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Paid {
        payment: PaymentId,
    },
    Failed {
        /// Stable problem code.
        reason: String,
    },
}

impl Entity for Run {
    const KIND: &'static str = "standing_order.run";
    type Id = String;
    fn id(&self) -> String {
        format!("{}-{:06}", self.order, self.place)
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_ORDER, self.order.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::calendar::is_business_day;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn order(frequency: Frequency, first: &str) -> Standing {
        let (at, entropy) = (Instant::from_unix_micros(0), SeededEntropy::new(1));
        Standing {
            id: StandingOrderId::new(at, &entropy),
            app: "app".to_owned(),
            state: State::Active,
            debtor: AccountId::new(at, &entropy),
            creditor_account: Some(AccountId::new(at, &entropy)),
            creditor: None,
            amount_minor: 100,
            currency: Currency::CNY,
            frequency,
            first: day(first),
            last: None,
            count: None,
            convention: Convention::Following,
            remittance: String::new(),
            place: 0,
            made: 0,
            failed: 0,
            in_a_row: 0,
            created_at: at,
        }
    }

    fn days(mut order: Standing, n: usize) -> Vec<String> {
        let mut found = Vec::new();
        while let Some(day) = order.next_payment().filter(|_| found.len() < n) {
            found.push(day.to_string());
            order = order.moved_on(true);
        }
        found
    }

    #[test]
    fn the_end_of_a_month_stays_the_end() {
        let planned = order(Frequency::Monthly, "2026-03-31");
        assert_eq!(days(planned.clone(), 4), ["2026-03-31", "2026-04-30", "2026-06-01", "2026-06-30"]);
        let before = Standing { convention: Convention::Preceding, ..planned };
        assert_eq!(days(before, 3), ["2026-03-31", "2026-04-30", "2026-05-29"]);
        assert_eq!(days(order(Frequency::Weekly, "2026-09-24"), 3), ["2026-09-24", "2026-10-08", "2026-10-08"]);
        assert_eq!(days(order(Frequency::Yearly, "2024-02-29"), 3), ["2024-02-29", "2025-02-28", "2026-02-28"]);
    }

    #[test]
    fn it_ends_after_its_last_day_or_its_count() {
        let counted = Standing { count: Some(2), ..order(Frequency::Quarterly, "2026-01-15") };
        assert_eq!(days(counted, 9), ["2026-01-15", "2026-04-15"]);
        let dated = Standing { last: Some(day("2026-03-14")), ..order(Frequency::Monthly, "2026-01-15") };
        assert_eq!(days(dated.clone(), 9), ["2026-01-15", "2026-02-24"]);
        let in_the_holiday = Standing { last: Some(day("2026-02-20")), ..dated };
        assert_eq!(days(in_the_holiday, 9), ["2026-01-15"], "planned for the 15th, moved behind the last day");
    }

    proptest! {
        #[test]
        fn payments_are_made_on_business_days_and_never_earlier_than_the_one_before(
            first in 20_000i32..22_000, n in 1u32..40, place in 0usize..4,
        ) {
            let frequency = [Frequency::Weekly, Frequency::Monthly, Frequency::Quarterly, Frequency::Yearly][place];
            let mut order = order(frequency, "2026-01-01");
            order.first = Date::from_unix_days(first).unwrap();
            order.count = Some(n);
            let mut last = None;
            for _ in 0..n {
                let next = order.next_payment().unwrap();
                prop_assert!(is_business_day(next) && last.is_none_or(|last| last <= next));
                last = Some(next);
                order = order.moved_on(true);
            }
            prop_assert_eq!(order.next_payment(), None);
            prop_assert_eq!(order.made, n);
        }

        #[test]
        fn resuming_skips_what_was_missed(missed in prop::bool::ANY, today in 20_454i32..21_000) {
            let today = Date::from_unix_days(today).unwrap();
            let order = Standing { state: State::Suspended, in_a_row: 3, ..order(Frequency::Weekly, "2026-01-01") };
            let order = if missed { order } else { order.moved_on(false) };
            let resumed = order.resumed(today);
            prop_assert!(resumed.next_payment().unwrap() >= today);
            prop_assert_eq!((resumed.state, resumed.in_a_row), (State::Active, 0));
        }
    }
}
