//! How the ledger's things are kept. Converted field by field, so that a new field cannot be forgotten.

use pano_ledger::{Account, AccountKind, AccountStatus, Booking, Hold, HoldState, Posting, Side, Transaction};
use pano_types::id::{AccountId, HoldId, TransactionId};
use pano_types::{Currency, Date, Instant, Money};
use serde::{Deserialize, Serialize};

/// Kind under which accounts of the ledger are kept.
pub(super) const ACCOUNT: &str = "ledger.account";
/// Kind under which holds are kept.
pub(super) const HOLD: &str = "ledger.hold";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptAccount {
    id: AccountId,
    kind: String,
    currency: Currency,
    floor_minor: Option<i64>,
    status: String,
}

pub(super) fn account(account: &Account) -> KeptAccount {
    let Account { id, kind, currency, floor_minor, status } = *account;
    KeptAccount { id, kind: kind.code().to_owned(), currency, floor_minor, status: status.code().to_owned() }
}

pub(super) fn account_from(body: &str) -> Result<Account, String> {
    let KeptAccount { id, kind, currency, floor_minor, status } = read(body)?;
    let kind = AccountKind::from_code(&kind).ok_or("unknown kind")?;
    let status = AccountStatus::from_code(&status).ok_or("unknown status")?;
    Ok(Account { id, kind, currency, floor_minor, status })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptHold {
    id: HoldId,
    account: AccountId,
    minor: i64,
    currency: Currency,
    placed_at: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    captured_by: Option<TransactionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Instant>,
}

pub(super) fn hold(hold: &Hold) -> KeptHold {
    let Hold { id, account, amount, placed_at, state } = *hold;
    let (captured_by, ended_at) = match state {
        HoldState::Active => (None, None),
        HoldState::Captured { by, at } => (Some(by), Some(at)),
        HoldState::Released { at } => (None, Some(at)),
    };
    KeptHold { id, account, minor: amount.minor(), currency: amount.currency(), placed_at, captured_by, ended_at }
}

pub(super) fn hold_from(body: &str) -> Result<Hold, String> {
    let KeptHold { id, account, minor, currency, placed_at, captured_by, ended_at } = read(body)?;
    let state = match (captured_by, ended_at) {
        (None, None) => HoldState::Active,
        (Some(by), Some(at)) => HoldState::Captured { by, at },
        (None, Some(at)) => HoldState::Released { at },
        (Some(_), None) => return Err("captured, but not ended".to_owned()),
    };
    let placed = Hold::place(id, account, Money::new(minor, currency), placed_at).map_err(|e| e.to_string())?;
    Ok(Hold { state, ..placed })
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptTransaction {
    id: TransactionId,
    at: Instant,
    on: Date,
    value: Date,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    lines: Vec<Line>,
}

/// Account, side (`debit` or `credit`), minor units, currency.
type Line = (AccountId, String, i64, Currency);

pub(super) fn transaction(transaction: &Transaction) -> KeptTransaction {
    let Booking { at, on, value, narrative, about } = transaction.booking().clone();
    let line = |posting: &Posting| {
        let amount = posting.amount();
        (posting.account(), posting.side().code().to_owned(), amount.minor(), amount.currency())
    };
    let lines = transaction.postings().iter().map(line).collect();
    KeptTransaction { id: transaction.id(), at, on, value, text: narrative, about, lines }
}

pub(super) fn transaction_from(body: &str) -> Result<Transaction, String> {
    let KeptTransaction { id, at, on, value, text, about, lines } = read(body)?;
    let posting = |(account, side, minor, currency): Line| {
        let side = Side::from_code(&side).ok_or("unknown side")?;
        Ok::<_, String>(Posting::on(side, account, Money::new(minor, currency)))
    };
    let postings = lines.into_iter().map(posting).collect::<Result<_, _>>()?;
    let booking = Booking { at, on, value, narrative: text, about };
    Transaction::new(id, booking, postings).map_err(|error| error.to_string())
}

fn read<'b, T: Deserialize<'b>>(body: &'b str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;

    #[test]
    fn what_is_kept_comes_back() {
        let (now, entropy) = (Instant::from_unix_micros(1_770_000_000_000_000), SeededEntropy::new(1));
        let of = AccountId::new(now, &entropy);
        let kept = Account {
            id: of,
            kind: AccountKind::Liability,
            currency: Currency::KWD,
            floor_minor: Some(-5),
            status: AccountStatus::Frozen,
        };
        assert_eq!(account_from(&serde_json::to_string(&account(&kept)).unwrap()).unwrap(), kept);
        let by = TransactionId::new(now, &entropy);
        let placed = Hold::place(HoldId::new(now, &entropy), of, Money::new(7, Currency::KWD), now).unwrap();
        for kept in [placed.clone(), placed.clone().capture(by, now).unwrap(), placed.release(now).unwrap()] {
            assert_eq!(hold_from(&serde_json::to_string(&hold(&kept)).unwrap()).unwrap(), kept);
        }
        let day = Date::parse("2026-03-01").unwrap();
        let booking = Booking {
            at: now,
            on: day,
            value: day.plus_days(1),
            narrative: "房租".into(),
            about: Some("pay_1".into()),
        };
        let (a, b) = (AccountId::new(now, &entropy), AccountId::new(now, &entropy));
        let amount = Money::new(100, Currency::CNY);
        let kept = Transaction::new(by, booking, vec![Posting::debit(a, amount), Posting::credit(b, amount)]).unwrap();
        assert_eq!(transaction_from(&serde_json::to_string(&transaction(&kept)).unwrap()).unwrap(), kept);
        assert!(transaction_from("{}").is_err() && hold_from("[]").is_err() && account_from("").is_err());
    }
}
