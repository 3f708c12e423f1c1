//! Instants as text, without allocation: the access record's RFC 3339 and HTTP's date (RFC 9110 §5.6.7).

use pano_types::Instant;

/// Appends `2026-03-01T08:30:00.250000Z`.
pub fn rfc3339(at: Instant, out: &mut Vec<u8>) {
    let seconds = at.unix_seconds();
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    digits(year, 4, out);
    out.push(b'-');
    digits(month, 2, out);
    out.push(b'-');
    digits(day, 2, out);
    out.push(b'T');
    time_of_day(of_day, out);
    out.push(b'.');
    digits(at.unix_micros().rem_euclid(1_000_000), 6, out);
    out.push(b'Z');
}

/// `Sun, 01 Mar 2026 08:30:00 GMT`.
pub fn http_date(at: Instant) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let days = at.unix_seconds().div_euclid(86_400);
    let (year, month, day) = civil(days);
    let name = |names: &[&'static str], at: i64| names.get(usize::try_from(at).unwrap_or(0)).copied().unwrap_or("");
    let mut time = Vec::with_capacity(8);
    time_of_day(at.unix_seconds().rem_euclid(86_400), &mut time);
    let time = String::from_utf8_lossy(&time);
    format!("{}, {day:02} {} {year:04} {time} GMT", name(&DAYS, days.rem_euclid(7)), name(&MONTHS, month - 1))
}

fn time_of_day(seconds: i64, out: &mut Vec<u8>) {
    digits(seconds / 3600, 2, out);
    out.push(b':');
    digits(seconds / 60 % 60, 2, out);
    out.push(b':');
    digits(seconds % 60, 2, out);
}

/// Year, month and day of a day number since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
const fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + if month <= 2 { 1 } else { 0 }, month, doy - (153 * mp + 2) / 5 + 1)
}

/// Appends `value` with at least `width` digits.
pub fn digits(value: i64, width: usize, out: &mut Vec<u8>) {
    let mut buffer = [b'0'; 20];
    let mut rest = value.unsigned_abs();
    let mut used = 0;
    for slot in buffer.iter_mut().rev() {
        if rest == 0 && used >= width {
            break;
        }
        *slot = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
    }
    out.extend_from_slice(buffer.get(20 - used..).unwrap_or_default());
}

/// Appends `value` in decimal.
pub fn number(value: u64, out: &mut Vec<u8>) {
    digits(i64::try_from(value).unwrap_or(i64::MAX), 1, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn http_dates_are_those_of_the_standard() {
        let at = Instant::parse("1994-11-06T08:49:37Z").unwrap();
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    proptest! {
        #[test]
        fn the_text_reads_back_as_the_same_instant(micros in 0i64..253_402_300_799_000_000) {
            let at = Instant::from_unix_micros(micros);
            let mut out = Vec::new();
            rfc3339(at, &mut out);
            prop_assert_eq!(Instant::parse(std::str::from_utf8(&out).unwrap()), Some(at));
        }
    }
}
