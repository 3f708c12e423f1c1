//! Numbers that look like a market's and are the same on every machine: rates and net asset values come from here.

/// A number in `-span..=span` that depends on nothing but `key` and `place` (SplitMix64).
pub(crate) fn noise(key: &str, place: i64, span: i64) -> i64 {
    let seed = key
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    let mut z = seed.wrapping_add((place as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let width = u64::try_from(span).unwrap_or(0).saturating_mul(2).saturating_add(1);
    i64::try_from((z ^ (z >> 31)) % width).unwrap_or(0) - span
}

/// A triangle between `-span` and `span`, `period` places long.
pub(crate) const fn wave(place: i64, period: i64, span: i64) -> i64 {
    let half = period / 2;
    let at = place.rem_euclid(period);
    let risen = if at < period - at { at } else { period - at };
    2 * span * risen / half - span
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn both_stay_inside_and_repeat(place in any::<i32>(), span in 1i64..1_000_000, period in 2i64..400) {
            let place = i64::from(place);
            let moved = noise("USD", place, span);
            prop_assert!((-span..=span).contains(&moved));
            prop_assert_eq!(moved, noise("USD", place, span));
            let wave_at = wave(place, period, span);
            prop_assert!((-span..=span).contains(&wave_at));
            prop_assert_eq!(wave_at, wave(place + period, period, span));
        }
    }

    #[test]
    fn keys_and_places_differ() {
        let of = |key| (0..50).map(|n| noise(key, n, 1_000)).collect::<Vec<_>>();
        assert_ne!(of("USD"), of("EUR"));
        assert!(of("USD").iter().collect::<std::collections::HashSet<_>>().len() > 30);
        assert_eq!((wave(0, 100, 10), wave(50, 100, 10), wave(75, 100, 10)), (-10, 10, 0));
    }
}
