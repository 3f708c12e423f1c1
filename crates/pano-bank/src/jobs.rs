//! What the bank does by itself, and in which order. A room adds its rows here.

use crate::call::{Call, Refusal};
use crate::door::idempotency;
use crate::rooms::{
    authentication, benefits, credit_card, current_account, deposit, events, factoring, fund, fx, loan,
    merchant_acquiring, payment_batch, payment_order, remittance, request_to_pay, savings_account, standing_order,
};
use pano_types::Date;

/// Something done once, to one subject, when it is due: see [`crate::world::World::schedule`].
pub(crate) type DueJob = fn(&mut Call<'_>, &str) -> Result<(), Refusal>;
/// Something done at the end of each day, for that day. The call's time is the midnight after it.
pub(crate) type DayJob = fn(&mut Call<'_>, Date) -> Result<(), Refusal>;

/// By name, as they are scheduled.
pub(crate) const DUE: &[(&str, DueJob)] = &[
    (credit_card::BILL, credit_card::bill),
    (current_account::EXPIRE, current_account::expire),
    (deposit::MATURE, deposit::mature),
    (fund::COOLED, fund::cooled),
    (loan::DECIDE, loan::decide),
    (merchant_acquiring::LAPSE, merchant_acquiring::lapse),
    (payment_batch::COMPLETE, payment_batch::complete),
    (payment_batch::EXECUTE, payment_batch::execute),
    (payment_order::CLEAR, payment_order::clear),
    (remittance::SCREENED, remittance::screened),
    (request_to_pay::LAPSE, request_to_pay::lapse),
    (standing_order::PAY, standing_order::pay),
];

/// In the order in which they run: first what moves money because of the day, then what is computed from balances, then
/// what tidies up.
pub(crate) const END_OF_DAY: &[(&str, DayJob)] = &[
    ("settle clearing", payment_order::settle),
    ("settle merchants", merchant_acquiring::settle),
    ("collect loans", loan::collect),
    ("collect receivables", factoring::collect),
    ("confirm investment orders", fund::confirm),
    ("send remittances", remittance::settle),
    ("accrue savings", savings_account::accrue),
    ("forget exchange quotes", fx::forget),
    ("lapse points", benefits::lapse),
    ("forget idempotency keys", idempotency::forget),
    ("forget messages", authentication::forget),
    ("forget deliveries", events::forget),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<_> = DUE.iter().map(|(n, _)| *n).chain(END_OF_DAY.iter().map(|(n, _)| *n)).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
