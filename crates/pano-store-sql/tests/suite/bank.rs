//! Cases of `pano_store::bank`.

#[path = "bank/concurrent.rs"]
mod concurrent;
#[path = "bank/model.rs"]
mod model;

use pano_ledger::{Account, AccountKind, Balance, Hold, HoldState, Posting, Side, Transaction};
use pano_store::bank::{
    AccountFilter, AccountStatus, Answer, BankAccount, Claim, Clearing, Counterparty, EntryFilter, Limits, Party,
    PartyKind, Payment, PaymentKind, PaymentState, Posted, Purpose, Refusal,
};
use pano_store::{Store, StoreError};
use pano_testkit::TestStore;
use pano_types::clock::SeededEntropy;
use pano_types::id::{AccountId, HoldId, PartyId, PaymentId, TransactionId};
use pano_types::{Currency, Date, Instant, Localized, Money, PageRequest};
use std::time::Duration;

cases! {
    a_transaction_is_booked_once_or_not_at_all,
    holds_are_placed_captured_and_released,
    entries_are_paged_and_filtered,
    payments_move_on_once,
    keys_belong_to_one_request,
    parties_and_accounts_are_found,
    accounts_take_turns,
    one_key_moves_money_once,
    the_store_agrees_with_the_book,
}

use concurrent::{accounts_take_turns, one_key_moves_money_once};
use model::the_store_agrees_with_the_book;

const AT: Instant = Instant::from_unix_micros(1_770_000_000_000_000);

fn account_id(n: u64) -> AccountId {
    AccountId::new(AT, &SeededEntropy::new(n))
}
fn transaction_id(n: u64) -> TransactionId {
    TransactionId::new(AT, &SeededEntropy::new(n))
}
fn hold_id(n: u64) -> HoldId {
    HoldId::new(AT, &SeededEntropy::new(n))
}
fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}
fn today() -> Date {
    Date::of(AT, Duration::ZERO)
}
fn transfer(n: u64, from: u64, to: u64, minor: i64) -> Transaction {
    let postings = vec![Posting::debit(account_id(from), cny(minor)), Posting::credit(account_id(to), cny(minor))];
    Transaction::new(transaction_id(n), AT, today(), format!("no. {n}"), postings).unwrap()
}
fn party() -> Party {
    Party {
        id: PartyId::new(AT, &SeededEntropy::new(1)),
        kind: PartyKind::Person,
        name: Localized::new("林晓雨", "Lin Xiaoyu"),
        identification_scheme: "CN_RESIDENT_ID".to_owned(),
        identification_number: "990101199203150277".to_owned(),
        phone: "+8612000000001".to_owned(),
        email: "lin@example.com".to_owned(),
        address: Localized::new("示例路", "Example Road"),
        occupation: Localized::new("教师", "Teacher"),
        born_on: Date::parse("1992-03-15").unwrap(),
        since: today(),
    }
}
fn account(n: u64) -> BankAccount {
    let own = n == 0;
    BankAccount {
        ledger: Account {
            id: account_id(n),
            kind: if own { AccountKind::Asset } else { AccountKind::Liability },
            currency: Currency::CNY,
            floor_minor: if own { None } else { Some(0) },
        },
        purpose: if own { Purpose::Nostro } else { Purpose::Current },
        number: format!("62000000{n:08}"),
        name: Localized::new("活期", "Current"),
        owner: (!own).then(|| party().id),
        status: AccountStatus::Open,
        limits: Limits { payment_minor: 5_000, day_minor: 9_000 },
        opened_on: today(),
    }
}

/// The bank's own account 0 and customers' accounts 1 to `count`, each with 1,000 on it.
async fn open(store: &dyn Store, count: u64) {
    let mut unit = store.begin().await.unwrap();
    unit.bank_party_add(&party()).await.unwrap();
    for n in 0..=count {
        unit.bank_account_add(&account(n)).await.unwrap();
    }
    for n in 1..=count {
        let booked = unit.bank_transaction_post(&transfer(1_000 + n, 0, n, 1_000)).await.unwrap();
        assert_eq!(booked, Posted::Booked(vec![i64::try_from(n).unwrap() * 1_000, 1_000]));
    }
    unit.save().await.unwrap();
}

async fn post(store: &dyn Store, transaction: &Transaction) -> Posted {
    let mut unit = store.begin().await.unwrap();
    let posted = unit.bank_transaction_post(transaction).await.unwrap();
    if !matches!(posted, Posted::Refused(_)) {
        unit.save().await.unwrap();
    }
    posted
}

async fn stands(store: &dyn Store, n: u64) -> Balance {
    store.read().await.unwrap().bank_account(account_id(n)).await.unwrap().unwrap().balance
}

/// Debits equal credits, and every balance is what its postings and holds sum up to.
async fn assert_books(store: &dyn Store) {
    let mut unit = store.read().await.unwrap();
    let mut trial = pano_ledger::Trial::default();
    for (kind, currency, booked) in unit.bank_trial().await.unwrap() {
        trial.add(kind, currency, i128::from(booked));
    }
    assert!(trial.is_balanced(), "{trial:?}");
    assert_eq!(unit.bank_discrepancies().await.unwrap(), []);
}

async fn a_transaction_is_booked_once_or_not_at_all(test: &TestStore) {
    let store = &*test.store();
    open(store, 2).await;
    assert_eq!(post(store, &transfer(1, 1, 2, 300)).await, Posted::Booked(vec![700, 1_300]));
    assert_eq!(post(store, &transfer(1, 1, 2, 300)).await, Posted::Repeated);
    assert_eq!(post(store, &transfer(1, 1, 2, 301)).await, Posted::Refused(Refusal::IdInUse));
    assert_eq!(post(store, &transfer(1, 2, 1, 300)).await, Posted::Refused(Refusal::IdInUse));
    assert_eq!(post(store, &transfer(2, 1, 2, 701)).await, Posted::Refused(Refusal::BelowFloor(account_id(1))));
    assert_eq!(post(store, &transfer(3, 1, 9, 1)).await, Posted::Refused(Refusal::NoAccount(account_id(9))));
    let usd = Money::new(1, Currency::USD);
    let postings = vec![Posting::debit(account_id(1), usd), Posting::credit(account_id(2), usd)];
    let other = Transaction::new(transaction_id(4), AT, today(), "", postings).unwrap();
    let refused = Refusal::Currency { account: account_id(1), currency: Currency::CNY };
    assert_eq!(post(store, &other).await, Posted::Refused(refused));
    // A refused unit left nothing: the id is free.
    assert_eq!(post(store, &transfer(2, 1, 2, 700)).await, Posted::Booked(vec![0, 2_000]));
    // What is dropped was not booked.
    let mut unit = store.begin().await.unwrap();
    unit.bank_transaction_post(&transfer(5, 2, 1, 10)).await.unwrap();
    drop(unit);
    assert_eq!(stands(store, 2).await.booked_minor, 2_000);
    assert_books(store).await;
}

async fn holds_are_placed_captured_and_released(test: &TestStore) {
    let store = &*test.store();
    open(store, 2).await;
    let hold = Hold::place(hold_id(1), account_id(1), cny(600), AT).unwrap();
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_hold_place(&hold).await.unwrap(), Posted::Booked(vec![]));
    assert_eq!(unit.bank_hold_place(&hold).await.unwrap(), Posted::Repeated);
    let more = Hold { amount: cny(599), ..hold.clone() };
    assert_eq!(unit.bank_hold_place(&more).await.unwrap(), Posted::Refused(Refusal::IdInUse));
    let second = Hold::place(hold_id(2), account_id(1), cny(401), AT).unwrap();
    let below = Posted::Refused(Refusal::BelowFloor(account_id(1)));
    assert_eq!(unit.bank_hold_place(&second).await.unwrap(), below);
    unit.save().await.unwrap();
    assert_eq!(stands(store, 1).await, Balance { booked_minor: 1_000, held_minor: 600 });
    assert_eq!(post(store, &transfer(1, 1, 2, 401)).await, below);

    let mut unit = store.begin().await.unwrap();
    let misfit = unit.bank_transaction_capture(hold_id(1), &transfer(2, 1, 2, 601)).await.unwrap();
    assert_eq!(misfit, Posted::Refused(Refusal::NoHold));
    let captured = unit.bank_transaction_capture(hold_id(1), &transfer(3, 1, 2, 600)).await.unwrap();
    assert_eq!(captured, Posted::Booked(vec![400, 1_600]));
    unit.save().await.unwrap();
    let mut unit = store.begin().await.unwrap();
    let again = unit.bank_transaction_capture(hold_id(1), &transfer(3, 1, 2, 600)).await.unwrap();
    assert_eq!(again, Posted::Repeated);
    let other = unit.bank_transaction_capture(hold_id(1), &transfer(4, 1, 2, 1)).await.unwrap();
    assert_eq!(other, Posted::Refused(Refusal::NoHold));
    assert!(!unit.bank_hold_release(hold_id(1), AT).await.unwrap());
    let state = unit.bank_hold(hold_id(1)).await.unwrap().unwrap().state;
    assert_eq!(state, HoldState::Captured { by: transaction_id(3), at: AT });

    let third = Hold::place(hold_id(3), account_id(2), cny(1_600), AT).unwrap();
    unit.bank_hold_place(&third).await.unwrap();
    assert!(unit.bank_hold_release(hold_id(3), AT).await.unwrap());
    assert!(!unit.bank_hold_release(hold_id(3), AT).await.unwrap());
    unit.save().await.unwrap();
    assert_eq!(stands(store, 2).await, Balance { booked_minor: 1_600, held_minor: 0 });
    assert_books(store).await;
}

async fn entries_are_paged_and_filtered(test: &TestStore) {
    let store = &*test.store();
    open(store, 2).await;
    for n in 1..=9 {
        let minor = i64::try_from(n).unwrap() * 10;
        let (from, to) = if n % 3 == 0 { (2, 1) } else { (1, 2) };
        let postings = vec![Posting::debit(account_id(from), cny(minor)), Posting::credit(account_id(to), cny(minor))];
        let at = AT.plus(Duration::from_secs(n * 3_600));
        let id = transaction_id(n);
        let posted = post(store, &Transaction::new(id, at, today(), "", postings).unwrap()).await;
        assert!(matches!(posted, Posted::Booked(_)));
    }
    let mut unit = store.read().await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let request = PageRequest::new(after, Some(4));
        let page = unit.bank_entry_list(account_id(1), &EntryFilter::default(), &request).await.unwrap();
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (1..=10).rev().collect::<Vec<_>>());
    for pair in seen.windows(2) {
        let change = match pair[0].side {
            Side::Credit => pair[0].amount.minor(),
            Side::Debit => -pair[0].amount.minor(),
        };
        assert_eq!(pair[1].balance_after.minor() + change, pair[0].balance_after.minor());
    }
    let hours = |n: u64| Some(AT.plus(Duration::from_secs(n * 3_600)));
    let none = EntryFilter::default;
    for (filter, seqs) in [
        (EntryFilter { from: hours(8), ..none() }, vec![10, 9]),
        (EntryFilter { until: hours(2), ..none() }, vec![2, 1]),
        (EntryFilter { side: Some(Side::Credit), ..none() }, vec![10, 7, 4, 1]),
        (EntryFilter { min_minor: Some(80), max_minor: Some(90), ..none() }, vec![10, 9]),
    ] {
        let page = unit.bank_entry_list(account_id(1), &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(page.items.iter().map(|entry| entry.seq).collect::<Vec<_>>(), seqs, "{filter:?}");
    }
    assert_eq!(unit.bank_entry(account_id(1), 10).await.unwrap().as_ref(), seen.first());
    assert_eq!(unit.bank_entry(account_id(1), 11).await.unwrap(), None);
}

fn payment(n: u64, state: PaymentState) -> Payment {
    Payment {
        id: PaymentId::new(AT.plus(Duration::from_millis(n)), &SeededEntropy::new(n)),
        app: if n == 9 { "other" } else { "app" }.to_owned(),
        kind: PaymentKind::Domestic,
        state,
        debtor: account_id(1),
        creditor: None,
        counterparty: Counterparty {
            name: "示例".to_owned(),
            account_number: "12345678".to_owned(),
            bank_code: Some("999100000012".to_owned()),
        },
        amount: cny(100),
        clearing: Clearing::Beps,
        end_to_end_id: "E-1".to_owned(),
        remittance: String::new(),
        booking_day: today(),
        ordered_at: AT,
    }
}

async fn payments_move_on_once(test: &TestStore) {
    let store = &*test.store();
    open(store, 1).await;
    let mut unit = store.begin().await.unwrap();
    for n in [1, 2, 3, 9] {
        unit.bank_hold_place(&Hold::place(hold_id(n), account_id(1), cny(100), AT).unwrap()).await.unwrap();
        unit.bank_payment_add(&payment(n, PaymentState::Accepted { hold: hold_id(n) })).await.unwrap();
    }
    unit.save().await.unwrap();
    let ids = |payments: Vec<Payment>| payments.into_iter().map(|payment| payment.id).collect::<Vec<_>>();
    let id = |n| payment(n, PaymentState::Accepted { hold: hold_id(n) }).id;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(ids(unit.bank_payment_waiting(3).await.unwrap()), [id(1), id(2), id(3)]);
    assert_eq!(unit.bank_payment_day_total(account_id(1), today()).await.unwrap(), 400);
    assert_eq!(unit.bank_payment_day_total(account_id(1), today().plus_days(1)).await.unwrap(), 0);

    unit.bank_transaction_capture(hold_id(1), &transfer(1, 1, 0, 100)).await.unwrap();
    let settled = PaymentState::Settled { by: transaction_id(1), at: AT };
    assert!(unit.bank_payment_finish(id(1), &settled).await.unwrap());
    let rejected = PaymentState::Rejected { reason: "bank.account_frozen".to_owned(), at: AT };
    assert!(!unit.bank_payment_finish(id(1), &rejected).await.unwrap(), "it has been settled");
    assert!(unit.bank_payment_finish(id(2), &rejected).await.unwrap());
    assert_eq!(unit.bank_payment(id(1)).await.unwrap(), Some(payment(1, settled)));
    assert_eq!(unit.bank_payment(id(2)).await.unwrap(), Some(payment(2, rejected)));
    assert_eq!(unit.bank_payment_day_total(account_id(1), today()).await.unwrap(), 300, "rejected ones do not count");
    let page = unit.bank_payment_list("app", Some(account_id(1)), &PageRequest::new(None, Some(2))).await.unwrap();
    assert_eq!(ids(page.items), [id(3), id(2)]);
    let page = unit.bank_payment_list("app", None, &PageRequest::new(page.next, Some(2))).await.unwrap();
    assert_eq!((ids(page.items), page.next), (vec![id(1)], None));
}

async fn keys_belong_to_one_request(test: &TestStore) {
    let store = &*test.store();
    let answer = Answer { status: 201, body: "{}".to_owned() };
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_idempotency_claim("app", "k", "f1", AT).await.unwrap(), Claim::New);
    drop(unit);
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_idempotency_claim("app", "k", "f2", AT).await.unwrap(), Claim::New, "dropped, so free");
    assert_eq!(unit.bank_idempotency_claim("app", "k", "f2", AT).await.unwrap(), Claim::InProgress);
    unit.bank_idempotency_answer("app", "k", &answer).await.unwrap();
    assert_eq!(unit.bank_idempotency_claim("app", "k", "f2", AT).await.unwrap(), Claim::Replay(answer.clone()));
    assert_eq!(unit.bank_idempotency_claim("app", "k", "f1", AT).await.unwrap(), Claim::Reused);
    assert_eq!(unit.bank_idempotency_claim("other", "k", "f1", AT).await.unwrap(), Claim::New);
    unit.save().await.unwrap();

    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_idempotency_prune(AT, 10).await.unwrap(), 0);
    assert_eq!(unit.bank_idempotency_prune(AT.plus(Duration::from_secs(1)), 1).await.unwrap(), 1);
    assert_eq!(unit.bank_idempotency_prune(AT.plus(Duration::from_secs(1)), 10).await.unwrap(), 1);
    let missing = unit.bank_idempotency_answer("app", "k", &answer).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
}

async fn parties_and_accounts_are_found(test: &TestStore) {
    let store = &*test.store();
    open(store, 3).await;
    let mut unit = store.begin().await.unwrap();
    assert_eq!(unit.bank_party(party().id).await.unwrap(), Some(party()));
    let page = PageRequest::default();
    assert_eq!(unit.bank_party_list(Some(PartyKind::Person), &page).await.unwrap().items, [party()]);
    assert_eq!(unit.bank_party_list(Some(PartyKind::Organisation), &page).await.unwrap().items, []);
    assert_eq!(unit.bank_account(account_id(1)).await.unwrap().unwrap().account, account(1));
    let numbered = unit.bank_account_numbered(&account(2).number).await.unwrap().unwrap();
    assert_eq!(numbered.account, account(2));
    let own = unit.bank_account_own(Purpose::Nostro, Currency::CNY).await.unwrap().unwrap();
    assert_eq!(own.account, account(0));
    assert!(unit.bank_account_own(Purpose::Nostro, Currency::USD).await.unwrap().is_none());

    unit.bank_account_status_set(account_id(2), AccountStatus::Frozen).await.unwrap();
    for (filter, count) in [
        (AccountFilter::default(), 3),
        (AccountFilter { owner: Some(party().id), ..AccountFilter::default() }, 3),
        (AccountFilter { currency: Some(Currency::USD), ..AccountFilter::default() }, 0),
        (AccountFilter { status: Some(AccountStatus::Frozen), ..AccountFilter::default() }, 1),
    ] {
        let found = unit.bank_account_list(&filter, &page).await.unwrap();
        assert_eq!(found.items.len(), count, "{filter:?}");
    }
    let mut wanted = vec![account_id(3), account_id(1)];
    let locked = unit.bank_account_lock(&[account_id(3), account_id(77), account_id(1)]).await.unwrap();
    wanted.sort_unstable();
    assert_eq!(locked.iter().map(|s| s.account.ledger.id).collect::<Vec<_>>(), wanted);

    let second = BankAccount {
        number: "1".to_owned(),
        ledger: Account { id: account_id(8), ..account(0).ledger },
        ..account(0)
    };
    let twice = unit.bank_account_add(&second).await;
    assert!(matches!(twice, Err(StoreError::Conflict { .. })), "one nostro account per currency: {twice:?}");
}
