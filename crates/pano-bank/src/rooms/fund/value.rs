//! Products, their net asset values, and what amounts and units become of each other. Pure; all integers.

use crate::rooms::loan::schedule::half_up;
use crate::rooms::series::{noise, wave};
use pano_types::{Currency, Date};
use serde::{Deserialize, Serialize};

/// Millionths.
const MILLION: i128 = 1_000_000;

/// A product on sale. Fees in millionths, amounts in minor units.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) code: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) kind: &'static str,
    /// 1 (least) to 5.
    pub(crate) risk: u8,
    pub(crate) minimum_minor: i64,
    pub(crate) subscription_ppm: i64,
    /// Held for fewer days than this: this fee. Ascending.
    pub(crate) redemption: &'static [(u32, i64)],
    /// Days that units must be held.
    pub(crate) lock_days: u32,
    /// Hours to think it over.
    pub(crate) cooling_hours: u32,
    /// Growth a day and largest moves, in millionths of the first value.
    drift_ppm: i64,
    swing_ppm: i64,
    daily_ppm: i64,
}

/// The currency of all products.
pub(crate) const CURRENCY: Currency = Currency::CNY;

pub(crate) const PRODUCTS: [Product; 6] = [
    Product {
        code: "PF0001",
        zh: "全景短债",
        en: "Panorama Short Bond Fund",
        kind: "FUND",
        risk: 1,
        minimum_minor: 100,
        subscription_ppm: 0,
        redemption: &[],
        lock_days: 0,
        cooling_hours: 0,
        drift_ppm: 52,
        swing_ppm: 60,
        daily_ppm: 15,
    },
    Product {
        code: "PF0002",
        zh: "全景纯债",
        en: "Panorama Bond Fund",
        kind: "FUND",
        risk: 2,
        minimum_minor: 1_000,
        subscription_ppm: 800,
        redemption: &[(7, 15_000), (30, 1_000)],
        lock_days: 0,
        cooling_hours: 0,
        drift_ppm: 90,
        swing_ppm: 1_800,
        daily_ppm: 300,
    },
    Product {
        code: "PF0003",
        zh: "全景稳健混合",
        en: "Panorama Balanced Fund",
        kind: "FUND",
        risk: 3,
        minimum_minor: 1_000,
        subscription_ppm: 1_500,
        redemption: &[(7, 15_000), (365, 5_000)],
        lock_days: 0,
        cooling_hours: 0,
        drift_ppm: 150,
        swing_ppm: 28_000,
        daily_ppm: 4_000,
    },
    Product {
        code: "PF0004",
        zh: "全景成长股票",
        en: "Panorama Growth Equity Fund",
        kind: "FUND",
        risk: 4,
        minimum_minor: 1_000,
        subscription_ppm: 1_500,
        redemption: &[(7, 15_000), (30, 7_500), (365, 5_000)],
        lock_days: 0,
        cooling_hours: 0,
        drift_ppm: 230,
        swing_ppm: 90_000,
        daily_ppm: 12_000,
    },
    Product {
        code: "PF0005",
        zh: "全景量化私募",
        en: "Panorama Quant Private Fund",
        kind: "FUND",
        risk: 5,
        minimum_minor: 100_000_000,
        subscription_ppm: 10_000,
        redemption: &[(365, 10_000)],
        lock_days: 180,
        cooling_hours: 24,
        drift_ppm: 320,
        swing_ppm: 120_000,
        daily_ppm: 15_000,
    },
    Product {
        code: "PW0001",
        zh: "全景 30 天持有期理财",
        en: "Panorama 30-Day Wealth Product",
        kind: "WEALTH",
        risk: 2,
        minimum_minor: 100_000,
        subscription_ppm: 0,
        redemption: &[],
        lock_days: 30,
        cooling_hours: 0,
        drift_ppm: 75,
        swing_ppm: 400,
        daily_ppm: 60,
    },
];

/// The first value of every product was 1.0000 on this day: 2024-01-02.
const FIRST_DAY: i32 = 19_724;

impl Product {
    /// The product with this code.
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        PRODUCTS.iter().find(|product| product.code == code)
    }

    /// The first day with a value.
    pub(crate) fn first_day() -> Date {
        Date::from_unix_days(FIRST_DAY)
            .unwrap_or(Date::of(pano_types::Instant::from_unix_micros(0), std::time::Duration::ZERO))
    }

    /// Net asset value of a unit on `day`, in ten-thousandths.
    pub(crate) fn nav(&self, day: Date) -> i64 {
        let place = i64::from(day.unix_days() - FIRST_DAY);
        let moved = wave(place + 45, 180, self.swing_ppm)
            + wave(place + 6, 23, self.swing_ppm / 4)
            + noise(self.code, place, self.daily_ppm);
        ((1_000_000 + self.drift_ppm * place.max(0) + moved) / 100).max(1)
    }

    /// What is left of a subscription after the fee, which is taken on the net amount (外扣法), and the fee.
    pub(crate) fn net(&self, amount_minor: i64) -> Option<(i64, i64)> {
        let net = half_up(i128::from(amount_minor) * MILLION, MILLION + i128::from(self.subscription_ppm))?;
        Some((net, amount_minor - net))
    }

    /// Fee of redeeming `gross_minor` worth of units held for `days`.
    pub(crate) fn redemption_fee(&self, gross_minor: i64, days: u32) -> Option<i64> {
        let ppm = self.redemption.iter().find(|(less, _)| days < *less).map_or(0, |(_, ppm)| *ppm);
        half_up(i128::from(gross_minor) * i128::from(ppm), MILLION)
    }
}

/// Hundredths of units that `net_minor` buys, halves up.
pub(crate) fn units(net_minor: i64, nav: i64) -> Option<i64> {
    half_up(i128::from(net_minor) * 10_000, i128::from(nav))
}

/// What hundredths of units are worth, halves up.
pub(crate) fn worth(units: i64, nav: i64) -> Option<i64> {
    half_up(i128::from(units) * i128::from(nav), 10_000)
}

/// `1.2834`.
pub(crate) fn nav_text(nav: i64) -> String {
    format!("{}.{:04}", nav / 10_000, nav % 10_000)
}

/// `500.00`.
pub(crate) fn units_text(units: i64) -> String {
    format!("{}.{:02}", units / 100, units % 100)
}

/// Units bought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lot {
    /// Held since.
    pub(crate) since: Date,
    /// Hundredths.
    pub(crate) units: i64,
    /// What they cost, fee included.
    pub(crate) cost_minor: i64,
}

/// What a redemption comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redeemed {
    pub(crate) gross_minor: i64,
    pub(crate) fee_minor: i64,
    pub(crate) left: Vec<Lot>,
}

/// Takes `units` from `lots`, oldest first, on `day`. `None` when they do not hold as many, or numbers leave 64 bits.
pub(crate) fn redeem(product: &Product, lots: &[Lot], units: i64, nav: i64, day: Date) -> Option<Redeemed> {
    let (mut wanted, mut fee_minor, mut left) = (units, 0i64, Vec::new());
    // Worth is rounded once for all, so that splitting lots changes nothing; each lot's share is the difference.
    let (mut taken, mut gross_minor) = (0i64, 0i64);
    for lot in lots {
        let take = lot.units.min(wanted);
        if take > 0 {
            wanted -= take;
            taken = taken.checked_add(take)?;
            let so_far = worth(taken, nav)?;
            let days = u32::try_from(day.unix_days() - lot.since.unix_days()).unwrap_or(0);
            fee_minor = fee_minor.checked_add(product.redemption_fee(so_far - gross_minor, days)?)?;
            gross_minor = so_far;
        }
        let rest = lot.units - take;
        if rest > 0 {
            let cost = half_up(i128::from(lot.cost_minor) * i128::from(rest), i128::from(lot.units))?;
            left.push(Lot { units: rest, cost_minor: cost, ..*lot });
        }
    }
    (wanted == 0).then_some(Redeemed { gross_minor, fee_minor, left })
}

/// Hundredths of units that may be redeemed on `day`.
pub(crate) fn free(product: &Product, lots: &[Lot], day: Date) -> i64 {
    let held = |lot: &&Lot| i64::from(day.unix_days() - lot.since.unix_days()) >= i64::from(product.lock_days);
    lots.iter().filter(held).map(|lot| lot.units).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn values_move_as_their_risk_says() {
        assert_eq!(Product::first_day(), day("2024-01-02"));
        let mut swings = Vec::new();
        for product in &PRODUCTS {
            let navs: Vec<_> = (0..1_500).map(|n| product.nav(Product::first_day().plus_days(n))).collect();
            assert!(navs.iter().all(|nav| (8_000..30_000).contains(nav)), "{}", product.code);
            assert!(navs[1_499] > navs[0], "{}", product.code);
            let largest = navs.windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap();
            swings.push((product.risk, largest));
        }
        swings.sort_unstable();
        assert!(swings.first().unwrap().1 < 5 && swings.last().unwrap().1 > 100, "{swings:?}");
    }

    #[test]
    fn fees_and_units_are_those_of_the_prospectus() {
        let product = Product::find("PF0003").unwrap();
        assert_eq!(product.net(1_000_000), Some((998_502, 1_498)));
        assert_eq!(units(998_502, 12_834), Some(778_013));
        assert_eq!(worth(778_013, 12_834), Some(998_502));
        assert_eq!((product.redemption_fee(100_000, 6), product.redemption_fee(100_000, 7)), (Some(1_500), Some(500)));
        assert_eq!(product.redemption_fee(100_000, 365), Some(0));
        assert_eq!((nav_text(12_834), units_text(778_013)), ("1.2834".into(), "7780.13".into()));
        let lots = [
            Lot { since: day("2025-01-02"), units: 10_000, cost_minor: 12_000 },
            Lot { since: day("2026-02-27"), units: 10_000, cost_minor: 13_000 },
        ];
        let redeemed = redeem(product, &lots, 15_000, 12_000, day("2026-03-02")).unwrap();
        assert_eq!((redeemed.gross_minor, redeemed.fee_minor), (18_000, 90), "only the young half pays");
        assert_eq!(redeemed.left, [Lot { units: 50_00, cost_minor: 6_500, ..lots[1] }]);
        assert_eq!(redeem(product, &lots, 20_001, 12_000, day("2026-03-02")), None);
        let locked = Product::find("PW0001").unwrap();
        assert_eq!(free(locked, &lots, day("2026-03-02")), 10_000);
    }

    proptest! {
        #[test]
        fn units_out_are_units_in(
            parts in prop::collection::vec((1i64..10_000_000, 0i32..900), 1..8), cut in 0i64..=1_000, nav in 5_000i64..30_000,
        ) {
            let product = Product::find("PF0004").unwrap();
            let lots: Vec<_> = parts.iter().map(|&(units, age)| {
                Lot { since: day("2026-03-02").plus_days(-age), units, cost_minor: units }
            }).collect();
            let all: i64 = lots.iter().map(|lot| lot.units).sum();
            let wanted = all * cut / 1_000;
            let redeemed = redeem(product, &lots, wanted, nav, day("2026-03-02")).unwrap();
            prop_assert_eq!(redeemed.left.iter().map(|lot| lot.units).sum::<i64>() + wanted, all);
            prop_assert_eq!(Some(redeemed.gross_minor), worth(wanted, nav));
            prop_assert!(redeemed.fee_minor <= redeemed.gross_minor * 2 / 100 + 8);
        }

        #[test]
        fn a_subscription_splits_exactly(amount in 1i64..1_000_000_000_000, place in 0usize..6) {
            let (net, fee) = PRODUCTS[place].net(amount).unwrap();
            prop_assert_eq!(net + fee, amount);
            prop_assert!(fee >= 0 && net >= 0);
        }
    }
}
