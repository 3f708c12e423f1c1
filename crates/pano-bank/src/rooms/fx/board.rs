//! Rates and what they make of an amount. All integers: rates in millionths of a CNY for one unit of foreign currency.

use crate::rooms::series::{noise, wave};
use pano_types::{Currency, Date, Instant, Money};
use std::time::Duration;

/// Where the bank's clocks stand: Beijing.
const ZONE: Duration = Duration::from_secs(8 * 3600);
/// How long a rate stands.
const TICK_SECONDS: i64 = 300;
/// Millionths.
const MILLION: i128 = 1_000_000;

/// A foreign currency with a rate: its mid at rest, and how far bid and ask stand from the mid, in millionths.
struct Quoted {
    currency: Currency,
    base_micro: i64,
    spread_ppm: i64,
}

const QUOTED: [Quoted; 5] = [
    Quoted { currency: Currency::USD, base_micro: 7_050_000, spread_ppm: 2_000 },
    Quoted { currency: Currency::EUR, base_micro: 8_210_000, spread_ppm: 3_000 },
    Quoted { currency: Currency::GBP, base_micro: 9_420_000, spread_ppm: 3_500 },
    Quoted { currency: Currency::HKD, base_micro: 905_000, spread_ppm: 2_000 },
    Quoted { currency: Currency::JPY, base_micro: 46_500, spread_ppm: 3_500 },
];

/// The currencies that have a rate.
pub(crate) fn currencies() -> impl Iterator<Item = Currency> {
    QUOTED.iter().map(|quoted| quoted.currency)
}

/// The rate of one currency at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quotation {
    pub(crate) currency: Currency,
    /// The bank buys at this.
    pub(crate) bid_micro: i64,
    /// The bank sells at this.
    pub(crate) ask_micro: i64,
    pub(crate) mid_micro: i64,
    /// Since when it stands.
    pub(crate) since: Instant,
}

/// The mid of a day; `None` for a currency without a rate.
pub(crate) fn parity(currency: Currency, day: Date) -> Option<i64> {
    let base = QUOTED.iter().find(|quoted| quoted.currency == currency)?.base_micro;
    let place = i64::from(day.unix_days());
    let moved = wave(place, 180, 15_000) + wave(place, 37, 4_000) + noise(currency.code(), place, 1_500);
    Some(base + base * moved / 1_000_000)
}

/// The rate that stands at `now`.
pub(crate) fn quotation(currency: Currency, now: Instant) -> Option<Quotation> {
    let quoted = QUOTED.iter().find(|quoted| quoted.currency == currency)?;
    let tick = now.unix_seconds().div_euclid(TICK_SECONDS);
    let parity = parity(currency, Date::of(now, ZONE))?;
    let mid = parity + parity * noise(currency.code(), tick, 600) / 1_000_000;
    // Away from the mid by at least one millionth, so that bid < mid < ask.
    let spread = (mid * quoted.spread_ppm).div_euclid(1_000_000) + 1;
    Some(Quotation {
        currency,
        bid_micro: mid - spread,
        ask_micro: mid + spread,
        mid_micro: mid,
        since: Instant::from_unix_seconds(tick * TICK_SECONDS),
    })
}

/// `7.052747`.
pub(crate) fn text(micro: i64) -> String {
    format!("{}.{:06}", micro / 1_000_000, micro.rem_euclid(1_000_000))
}

/// What becomes of a fraction of a minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Round {
    Up,
    Down,
}

/// `amount` of foreign currency in CNY; `None` out of range.
pub(crate) fn to_cny(amount: Money, rate_micro: i64, round: Round) -> Option<Money> {
    let over = i128::from(10i64.pow(amount.currency().digits())) * MILLION;
    let minor = divided(i128::from(amount.minor()) * i128::from(rate_micro) * 100, over, round)?;
    Some(Money::new(minor, Currency::CNY))
}

/// `amount` of CNY in `currency`; `None` out of range.
pub(crate) fn from_cny(amount: Money, currency: Currency, rate_micro: i64, round: Round) -> Option<Money> {
    let up = i128::from(10i64.pow(currency.digits())) * MILLION;
    let minor = divided(i128::from(amount.minor()) * up, i128::from(rate_micro) * 100, round)?;
    Some(Money::new(minor, currency))
}

fn divided(above: i128, below: i128, round: Round) -> Option<i64> {
    let whole = above.div_euclid(below);
    let more = i128::from(round == Round::Up && above.rem_euclid(below) != 0);
    i64::try_from(whole + more).ok()
}

/// What the customer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Direction {
    /// Sells CNY.
    Purchase,
    /// Sells foreign currency.
    Settlement,
}

/// An exchange worked out: both sides positive, one of them the amount that was fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deal {
    pub(crate) direction: Direction,
    pub(crate) sell: Money,
    pub(crate) buy: Money,
    pub(crate) rate_micro: i64,
}

/// Works out an exchange of CNY and a foreign currency at the rate of `now`. `fixed` is in one of both. What cannot be
/// divided stays with the bank: less than one minor unit. `None` when the pair has no rate, or a side would be nothing or
/// out of range.
pub(crate) fn deal(sell: Currency, buy: Currency, fixed: Money, now: Instant) -> Option<Deal> {
    let (direction, foreign) = match (sell, buy) {
        (Currency::CNY, foreign) => (Direction::Purchase, foreign),
        (foreign, Currency::CNY) => (Direction::Settlement, foreign),
        _ => return None,
    };
    let quotation = quotation(foreign, now)?;
    let rate_micro = match direction {
        Direction::Purchase => quotation.ask_micro,
        Direction::Settlement => quotation.bid_micro,
    };
    let is_sold = fixed.currency() == sell;
    // The bank never gives more than the rate says, and never takes less.
    let round = if is_sold { Round::Down } else { Round::Up };
    let other = if fixed.currency() == Currency::CNY {
        from_cny(fixed, foreign, rate_micro, round)?
    } else {
        to_cny(fixed, rate_micro, round)?
    };
    let (sell, buy) = if is_sold { (fixed, other) } else { (other, fixed) };
    (sell.minor() > 0 && buy.minor() > 0).then_some(Deal { direction, sell, buy, rate_micro })
}

/// `amount` in USD at the mids of `now`, rounded up: what counts towards a quota.
pub(crate) fn in_usd(amount: Money, now: Instant) -> Option<Money> {
    if amount.currency() == Currency::USD {
        return Some(amount);
    }
    let cny = match amount.currency() {
        Currency::CNY => amount,
        foreign => to_cny(amount, quotation(foreign, now)?.mid_micro, Round::Up)?,
    };
    from_cny(cny, Currency::USD, quotation(Currency::USD, now)?.mid_micro, Round::Up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(seconds)
    }

    #[test]
    fn rates_stand_for_five_minutes_and_move_little() {
        let now = Instant::parse("2026-03-02T02:15:00Z").unwrap();
        for currency in currencies() {
            let quotation = quotation(currency, now).unwrap();
            assert!(quotation.bid_micro < quotation.mid_micro && quotation.mid_micro < quotation.ask_micro);
            assert_eq!(quotation, super::quotation(currency, now.plus(Duration::from_secs(299))).unwrap());
            assert_ne!(quotation, super::quotation(currency, now.plus(Duration::from_secs(300))).unwrap());
            let base = QUOTED.iter().find(|quoted| quoted.currency == currency).unwrap().base_micro;
            for day in 0..1_000 {
                let parity = parity(currency, Date::from_unix_days(20_000 + day).unwrap()).unwrap();
                assert!((parity - base).abs() * 100 < base * 3, "{currency} {day}: {parity}");
            }
        }
        assert_eq!(parity(Currency::THB, Date::of(now, ZONE)), None);
        assert_eq!((text(7_052_747), text(46_500)), ("7.052747".into(), "0.046500".into()));
    }

    #[test]
    fn an_exchange_is_exact_to_the_minor_unit() {
        let usd = Money::new(100_000, Currency::USD);
        assert_eq!(to_cny(usd, 7_066_852, Round::Down), Some(Money::new(706_685, Currency::CNY)));
        assert_eq!(to_cny(usd, 7_066_852, Round::Up), Some(Money::new(706_686, Currency::CNY)));
        let yen = Money::new(100_000, Currency::JPY);
        assert_eq!(to_cny(yen, 46_500, Round::Down), Some(Money::new(465_000, Currency::CNY)));
        assert_eq!(from_cny(Money::new(465_000, Currency::CNY), Currency::JPY, 46_500, Round::Down), Some(yen));
        assert_eq!(deal(Currency::USD, Currency::EUR, usd, at(0)), None);
        assert_eq!(deal(Currency::CNY, Currency::USD, Money::new(1, Currency::CNY), at(0)), None, "buys nothing");
    }

    proptest! {
        #[test]
        fn there_and_back_never_gains(minor in 1i64..1_000_000_000_000, place in 0usize..5, seconds in 0i64..4_000_000_000) {
            let (foreign, now) = (QUOTED[place].currency, at(seconds));
            let start = Money::new(minor, Currency::CNY);
            if let Some(bought) = deal(Currency::CNY, foreign, start, now) {
                if let Some(back) = deal(foreign, Currency::CNY, bought.buy, now) {
                    prop_assert!(back.buy.minor() < minor, "{bought:?} {back:?}");
                }
                // Fixing the other side of the same deal costs no more.
                let fixed = deal(Currency::CNY, foreign, bought.buy, now).unwrap();
                prop_assert!(fixed.sell.minor() <= minor);
                prop_assert_eq!(fixed.buy, bought.buy);
            }
        }

        #[test]
        fn dollars_count_as_themselves_and_others_at_least_their_worth(minor in 1i64..1_000_000_000, place in 0usize..5) {
            let amount = Money::new(minor, QUOTED[place].currency);
            let usd = in_usd(amount, at(1_772_417_700)).unwrap();
            prop_assert!(usd.minor() > 0 && usd.currency() == Currency::USD);
            if place == 0 { prop_assert_eq!(usd, amount); }
        }
    }
}
