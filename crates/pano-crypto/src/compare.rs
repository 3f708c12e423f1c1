//! Comparison whose time tells nothing about the values.

/// Whether `a` and `b` are equal. Time depends on their lengths only.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn compares_every_byte() {
        for (a, b, same) in [("", "", true), ("abc", "abc", true), ("abc", "abd", false), ("abc", "ab", false)] {
            assert_eq!(super::equal(a.as_bytes(), b.as_bytes()), same, "{a:?} {b:?}");
        }
    }
}
