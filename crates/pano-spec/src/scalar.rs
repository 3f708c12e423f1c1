//! YAML 1.2 core schema: what a plain scalar means (YAML 1.2.2 §10.3.2).

use serde_json::{Number, Value};

/// A plain scalar's value; `None` for infinity and not-a-number, which JSON cannot hold.
pub fn plain(text: &str) -> Option<Value> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ => {
            let unsigned = text.trim_start_matches(['+', '-']);
            if matches!(unsigned, ".inf" | ".Inf" | ".INF") && text.len() <= unsigned.len() + 1 {
                return None;
            }
            match text.as_bytes().first() {
                Some(b'0'..=b'9' | b'+' | b'-' | b'.') => return number(text),
                _ => Value::String(text.to_owned()),
            }
        }
    })
}

fn number(text: &str) -> Option<Value> {
    let radix = |digits: &str, radix: u32| {
        let fits = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        fits.then(|| u64::from_str_radix(digits, radix).ok()).flatten().map(Value::from)
    };
    let special = text
        .strip_prefix("0o")
        .and_then(|d| radix(d, 8))
        .or_else(|| text.strip_prefix("0x").and_then(|d| radix(d, 16)));
    if let Some(value) = special {
        return Some(value);
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return integer(negative, digits);
    }
    if is_float(digits) {
        return text.parse().ok().and_then(Number::from_f64).map(Value::Number);
    }
    Some(Value::String(text.to_owned()))
}

fn integer(negative: bool, digits: &str) -> Option<Value> {
    let exact = if negative {
        format!("-{digits}").parse::<i64>().ok().map(Value::from)
    } else {
        digits.parse::<u64>().ok().map(Value::from)
    };
    exact.or_else(|| {
        let size: f64 = digits.parse().ok()?;
        Number::from_f64(if negative { -size } else { size }).map(Value::Number)
    })
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    mantissa_fits && exponent_fits
}

/// Does a plain scalar with this text read as something other than that text?
pub fn is_special(text: &str) -> bool {
    !matches!(plain(text), Some(Value::String(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn core_schema() {
        let cases = [
            ("", json!(null)),
            ("~", json!(null)),
            ("Null", json!(null)),
            ("nULL", json!("nULL")),
            ("true", json!(true)),
            ("yes", json!("yes")),
            ("off", json!("off")),
            ("FALSE", json!(false)),
            ("12", json!(12)),
            ("+61", json!(61)),
            ("-7", json!(-7)),
            ("007", json!(7)),
            ("0o17", json!(15)),
            ("0xFf", json!(255)),
            ("1.5", json!(1.5)),
            (".5", json!(0.5)),
            ("1.", json!(1.0)),
            ("1e3", json!(1000.0)),
            ("3.0.1", json!("3.0.1")),
            ("2024-01-01", json!("2024-01-01")),
            ("-", json!("-")),
            ("+", json!("+")),
            ("1_000", json!("1_000")),
            ("12e", json!("12e")),
            ("0o9", json!("0o9")),
            ("18446744073709551615", json!(u64::MAX)),
            ("0b1", json!("0b1")),
            ("=", json!("=")),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), Some(expected), "{text}");
        }
        for text in [".inf", "-.INF", "+.Inf", ".nan"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }
}
