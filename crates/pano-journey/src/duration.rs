//! Durations in weeks, days, hours, minutes and seconds. Months and years have no fixed length, so a journey does not use them.

use std::fmt;

/// A length of time, at least one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    seconds: u64,
}

impl Duration {
    /// Reads `P30D`, `PT15M`, `P1DT12H` (ISO 8601). Nothing for another form and for no time at all.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('P')?;
        let mut seconds = 0u64;
        let mut time = false;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('T') {
                (time, rest) = (true, after);
                continue;
            }
            let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let number: u64 = rest.get(..digits)?.parse().ok()?;
            let unit = match (time, rest.as_bytes().get(digits)?) {
                (false, b'W') => 7 * 86_400,
                (false, b'D') => 86_400,
                (true, b'H') => 3_600,
                (true, b'M') => 60,
                (true, b'S') => 1,
                _ => return None,
            };
            seconds = seconds.checked_add(number.checked_mul(unit)?)?;
            rest = rest.get(digits + 1..)?;
        }
        // A thousand years and a thousand times that would overflow nothing, but mean nothing either.
        (1..=86_400 * 366 * 1_000).contains(&seconds).then_some(Self { seconds })
    }

    /// Its length.
    pub const fn seconds(self) -> u64 {
        self.seconds
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.seconds / 86_400, self.seconds % 86_400);
        f.write_str("P")?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if rest > 0 {
            f.write_str("T")?;
        }
        for (number, unit) in [(rest / 3_600, 'H'), (rest % 3_600 / 60, 'M'), (rest % 60, 'S')] {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn lengths() {
        let cases = [
            ("PT15M", Some(900), "PT15M"),
            ("P30D", Some(2_592_000), "P30D"),
            ("P1DT12H", Some(129_600), "P1DT12H"),
            ("P2W", Some(1_209_600), "P14D"),
            ("PT90S", Some(90), "PT1M30S"),
            ("P", None, ""),
            ("PT", None, ""),
            ("PT0S", None, ""),
            ("P1M", None, ""),
            ("15M", None, ""),
            ("PT99999999999999999999S", None, ""),
        ];
        for (text, seconds, shown) in cases {
            let read = Duration::parse(text);
            assert_eq!(read.map(Duration::seconds), seconds, "{text}");
            assert_eq!(read.map_or_else(String::new, |duration| duration.to_string()), shown);
        }
    }
}
