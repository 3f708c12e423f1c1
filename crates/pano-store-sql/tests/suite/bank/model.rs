//! Random histories, carried out by the store and by `pano_ledger::Book`: both must agree at every step.

use super::{AT, account, account_id, assert_books, cny, hold_id, open, stands, transfer};
use pano_ledger::{Book, Hold, book};
use pano_store::bank::{Posted, Refusal};
use pano_testkit::TestStore;
use pano_types::Entropy as _;
use pano_types::clock::SeededEntropy;

const ACCOUNTS: u64 = 4;

pub(super) async fn the_store_agrees_with_the_book(test: &TestStore) {
    let store = &*test.store();
    open(store, ACCOUNTS).await;
    let mut model = Book::default();
    for n in 0..=ACCOUNTS {
        model.open(account(n).ledger).unwrap();
    }
    for n in 1..=ACCOUNTS {
        model.post(transfer(1_000 + n, 0, n, 1_000)).unwrap();
    }
    let entropy = SeededEntropy::new(20_260_301);
    let roll = |below: u64| u64::try_from(entropy.u128() % u128::from(below)).unwrap();
    for step in 0..150 {
        let (n, hold, minor) = (roll(60), hold_id(roll(12)), i64::try_from(1 + roll(700)).unwrap());
        let (from, to) = (roll(ACCOUNTS + 1), 1 + roll(ACCOUNTS));
        if from == to {
            continue;
        }
        let mut unit = store.begin().await.unwrap();
        let (theirs, ours) = match roll(10) {
            0..5 => {
                let transaction = transfer(n, from, to, minor);
                (unit.bank_transaction_post(&transaction).await.unwrap(), posted(model.post(transaction)))
            }
            5..7 => {
                let placed = Hold::place(hold, account_id(to), cny(minor), AT).unwrap();
                let ours = match model.hold(placed.clone()) {
                    Ok(()) => Posted::Booked(vec![]),
                    Err(error) => Posted::Refused(refusal(&error)),
                };
                (unit.bank_hold_place(&placed).await.unwrap(), ours)
            }
            7 => {
                let released = unit.bank_hold_release(hold, AT).await.unwrap();
                assert_eq!(released, model.release(hold, AT).is_ok(), "step {step}");
                (Posted::Repeated, Posted::Repeated)
            }
            _ => {
                let transaction = transfer(n, from, to, minor);
                let theirs = unit.bank_transaction_capture(hold, &transaction).await.unwrap();
                (theirs, posted(model.capture(hold, transaction)))
            }
        };
        // The book calls a hold id that comes again an error even when nothing differs, the store a repetition.
        if theirs != Posted::Repeated {
            assert_eq!(theirs, ours, "step {step}");
        }
        if !matches!(theirs, Posted::Refused(_)) {
            unit.save().await.unwrap();
        }
        for n in 0..=ACCOUNTS {
            assert_eq!(stands(store, n).await, model.account(account_id(n)).unwrap().1, "step {step}, account {n}");
        }
    }
    assert_books(store).await;
    assert!(model.trial().is_balanced());
}

fn posted(outcome: Result<book::Outcome, book::Error>) -> Posted {
    match outcome {
        Ok(book::Outcome::Booked(running)) => Posted::Booked(running),
        Ok(book::Outcome::Repeated) => Posted::Repeated,
        Err(error) => Posted::Refused(refusal(&error)),
    }
}

fn refusal(error: &book::Error) -> Refusal {
    match error {
        book::Error::NoAccount(id) => Refusal::NoAccount(*id),
        book::Error::IdInUse => Refusal::IdInUse,
        book::Error::CurrencyMismatch { .. } => panic!("one currency only"),
        book::Error::Balance { account, .. } => Refusal::BelowFloor(*account),
        book::Error::NoHold(_) | book::Error::Hold(_) | book::Error::CaptureMismatch => Refusal::NoHold,
    }
}
