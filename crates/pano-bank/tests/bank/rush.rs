//! Many at once.

use crate::support::{Bank, accounts, balances, transfer};
use pano_testkit::on_every_store;
use tokio::task::JoinSet;

const INTERNAL: &str = "/payment-order/v1/internal-transfers";

fn fen(amount: &str) -> i64 {
    amount.replace('.', "").parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_transfers_lose_nothing() {
    on_every_store(async |store| {
        let bank = Bank::start(store.store()).await;
        let caller = bank.caller();
        let open: Vec<_> = accounts(&caller).await.into_iter().take(5).collect();
        let mut before = 0;
        for account in &open {
            before += fen(&balances(&caller, account).await.0);
        }
        let mut tasks = JoinSet::new();
        for n in 0..200usize {
            let (caller, from, to) = (caller.clone(), open[n % 5].clone(), open[(n + 1 + n / 5 % 4) % 5].clone());
            tasks.spawn(async move {
                let order = transfer(&from, &to, &format!("{}.07", 100 + n * 3));
                // Twice at the same moment: a client that gave up too early.
                let key = format!("rush-{n}");
                let (one, two) = tokio::join!(caller.post(INTERNAL, &key, &order), caller.post(INTERNAL, &key, &order));
                assert_eq!((one.status, &one.json["paymentId"]), (two.status, &two.json["paymentId"]));
                assert!(
                    one.status == 201 || one.code() == "bank.insufficient_funds" || one.code() == "bank.limit_exceeded"
                );
                one.status == 201
            });
        }
        let moved = tasks.join_all().await.into_iter().filter(|moved| *moved).count();
        assert!(moved > 100, "{moved}");
        let mut after = 0;
        for account in &open {
            let booked = fen(&balances(&caller, account).await.0);
            assert!(booked >= 0);
            after += booked;
        }
        assert_eq!(after, before);
        let payments = caller.get("/payment-order/v1/payments?limit=200").await;
        assert_eq!(payments.json["items"].as_array().unwrap().len(), moved, "each order was carried out once");
        bank.assert_books().await;
        bank.handle.stop().await;
    })
    .await;
}
