//! Numbers that look right and belong to nobody.

use crate::model::account::Purpose;
use pano_types::Currency;

/// Check digit of a resident identity number (GB 11643—1999, ISO 7064 MOD 11-2) over its first 17 digits.
pub fn resident_check(first17: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let sum: u32 = first17.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(10).unwrap_or(0) * weight).sum();
    CHECKS.get((sum % 11) as usize).copied().unwrap_or('0')
}

/// A resident identity number in region 990101, which GB/T 2260 has never issued.
pub fn resident_id(born: &str, order: u32) -> String {
    let first17 = format!("990101{}{:03}", born.replace('-', ""), order % 1000);
    let check = resident_check(&first17);
    format!("{first17}{check}")
}

const USCC: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

fn uscc_value(c: char) -> u32 {
    USCC.iter().position(|known| char::from(*known) == c).and_then(|at| u32::try_from(at).ok()).unwrap_or(0)
}

fn uscc_char(value: u32) -> char {
    USCC.get(value as usize).map_or('0', |c| char::from(*c))
}

/// Check character of an organisation code (GB 11714—1997) over its first 8 characters.
pub fn organisation_check(first8: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first8.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    }
}

/// Check character of a unified social credit code (GB 32100—2015, ISO 7064 MOD 31-3) over its first 17 characters.
pub fn social_credit_check(first17: &str) -> char {
    let weights = std::iter::successors(Some(1u32), |weight| Some(weight * 3 % 31));
    let sum: u32 = first17.chars().zip(weights).map(|(c, weight)| uscc_value(c) * weight).sum();
    uscc_char((31 - sum % 31) % 31)
}

/// A unified social credit code of an enterprise in region 990100, which GB/T 2260 has never issued.
pub fn social_credit_code(order: u32) -> String {
    let organisation = format!("{:08}", 90_000_000 + order % 1_000_000);
    let first17 = format!("91990100{organisation}{}", organisation_check(&organisation));
    let check = social_credit_check(&first17);
    format!("{first17}{check}")
}

/// Luhn check digit (ISO/IEC 7812-1, annex B) for the digits before it.
pub fn luhn_check(digits: &str) -> char {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2 == 0, digit * 2) {
            (true, double) if double > 9 => double - 9,
            (true, double) => double,
            (false, _) => digit,
        })
        .sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap_or('0')
}

/// An account number in the range that card schemes give out for testing.
pub fn account_number(order: u32) -> String {
    let digits = format!("62000000{:07}", order % 10_000_000);
    let check = luhn_check(&digits);
    format!("{digits}{check}")
}

/// A card number in the same range, above the accounts.
pub fn card_number(order: u32) -> String {
    let digits = format!("62000000{:07}", 8_000_000 + order % 1_000_000);
    let check = luhn_check(&digits);
    format!("{digits}{check}")
}

/// What stands for the number of an account of the bank itself: nothing that people could pay to.
pub(crate) fn own_account(purpose: Purpose, currency: Currency) -> String {
    format!("own {purpose:?} {currency}")
}

/// A telephone number in the prefix 120, which no mobile carrier has.
pub fn phone(order: u32) -> String {
    format!("+86120{:08}", order % 100_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_have_the_digits_we_compute() {
        // The examples printed in the standards, and the test card numbers of card schemes.
        assert_eq!(resident_check("11010519491231002"), 'X');
        assert_eq!(resident_check("44052418800101001"), '4');
        assert_eq!(organisation_check("D2143569"), 'X');
        assert_eq!(social_credit_check("91350100M000100Y4"), '3');
        for card in ["4111111111111111", "6200000000000005", "5555555555554444"] {
            let (digits, check) = card.split_at(card.len() - 1);
            assert_eq!(luhn_check(digits).to_string(), check, "{card}");
        }
    }

    #[test]
    fn what_is_made_up_passes_and_lies_outside_issued_ranges() {
        let id = resident_id("1992-03-15", 27);
        assert_eq!((id.len(), &id[..6], &id[6..14]), (18, "990101", "19920315"));
        assert_eq!(resident_check(&id[..17]), id.chars().last().unwrap());
        let code = social_credit_code(7);
        assert_eq!((code.len(), &code[2..8]), (18, "990100"));
        assert_eq!(organisation_check(&code[8..16]), code.chars().nth(16).unwrap());
        assert_eq!(account_number(1).len(), 16);
        assert_eq!(phone(1), "+8612000000001");
    }
}
