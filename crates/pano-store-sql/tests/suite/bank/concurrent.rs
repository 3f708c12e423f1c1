//! Many at once: no money is lost or made, nothing falls below its floor, nothing happens twice.

use super::{AT, account_id, assert_books, open, stands, transfer};
use pano_store::bank::{Answer, Claim, Posted};
use pano_store::{StoreError, transact};
use pano_testkit::TestStore;
use tokio::task::JoinSet;

pub(super) async fn accounts_take_turns(test: &TestStore) {
    const ACCOUNTS: u64 = 5;
    const TASKS: u64 = 20;
    const EACH: u64 = 15;
    open(&*test.store(), ACCOUNTS).await;
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = test.store();
        tasks.spawn(async move {
            let mut booked = 0u64;
            for step in 0..EACH {
                let n = task * EACH + step;
                // Every direction occurs, so lock orders would clash were they not sorted; amounts run accounts dry.
                let (from, to) = (1 + n % ACCOUNTS, 1 + (n * 3 + 1 + task) % ACCOUNTS);
                if from == to {
                    continue;
                }
                let transaction = transfer(n, from, to, 150 + i64::try_from(n % 200).unwrap());
                let posted = transact(&*store, |mut work| {
                    let transaction = transaction.clone();
                    Box::pin(async move {
                        match work.bank_transaction_post(&transaction).await? {
                            // An error, so that the unit is dropped.
                            Posted::Refused(_) => Err(StoreError::missing("money")),
                            posted => Ok(posted),
                        }
                    })
                })
                .await;
                match posted {
                    Ok(Posted::Booked(_)) => booked += 1,
                    Err(StoreError::Missing { .. }) => {}
                    other => panic!("{other:?}"),
                }
            }
            booked
        });
    }
    let booked: u64 = tasks.join_all().await.into_iter().sum();
    assert!(booked > 20, "{booked} booked");
    let store = test.store();
    let mut total = 0;
    for n in 1..=ACCOUNTS {
        let balance = stands(&*store, n).await;
        assert!(balance.booked_minor >= 0, "account {n}: {balance:?}");
        total += balance.booked_minor;
    }
    assert_eq!(total, 5_000);
    assert_books(&*store).await;
}

pub(super) async fn one_key_moves_money_once(test: &TestStore) {
    open(&*test.store(), 2).await;
    let mut tasks = JoinSet::new();
    for n in 0..24u64 {
        let store = test.store();
        tasks.spawn(async move {
            transact(&*store, move |mut work| {
                Box::pin(async move {
                    let claim = work.bank_idempotency_claim("app", "one", "f", AT).await?;
                    if claim == Claim::New {
                        // Each has its own transaction id: only the key keeps it from being booked again.
                        work.bank_transaction_post(&transfer(n, 1, 2, 10)).await?;
                        let answer = Answer { status: 201, body: n.to_string() };
                        work.bank_idempotency_answer("app", "one", &answer).await?;
                    }
                    Ok::<_, StoreError>(claim)
                })
            })
            .await
        });
    }
    let claims: Vec<_> = tasks.join_all().await.into_iter().map(|claim| claim.unwrap()).collect();
    assert_eq!(claims.iter().filter(|claim| **claim == Claim::New).count(), 1);
    let replays: Vec<_> = claims.iter().filter(|claim| matches!(claim, Claim::Replay(_))).collect();
    assert_eq!(replays.len(), 23, "{claims:?}");
    assert!(replays.windows(2).all(|pair| pair[0] == pair[1]), "all replays are one answer");
    let store = test.store();
    assert_eq!(stands(&*store, 1).await.booked_minor, 990);
    assert_eq!(store.read().await.unwrap().bank_account(account_id(2)).await.unwrap().unwrap().entries, 2);
    assert_books(&*store).await;
}
