//! Cases of `pano_store::usage`. That each record is counted exactly once is what this module is for.

use crate::words::{at, seed};
use pano_snapshot::AccessRecord;
use pano_snapshot::protocol::RecordBatch;
use pano_store::usage::{By, Filter, Row, Search, Totals};
use pano_store::{Store, StoreError};
use pano_testkit::{TestStore, on_every_store};
use pano_types::PageRequest;
use pano_types::id::{ApiId, AppId, PartnerId};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

cases! {
    usage_is_summed_and_broken_down,
    a_cursor_elsewhere_is_told,
    records_are_searched_newest_first,
    old_records_go_in_small_steps,
    a_unit_dropped_at_any_point_leaves_nothing,
    a_unit_that_fails_at_any_statement_leaves_nothing,
}

fn app(n: u64) -> AppId {
    AppId::new(at(0), &seed(n))
}

fn record(gateway: &str, n: u64, app: AppId) -> AccessRecord {
    let status = [200, 200, 201, 404, 429, 502][(n % 6) as usize];
    let known = !n.is_multiple_of(5);
    AccessRecord {
        id: format!("{gateway}-{n:08}"),
        at: at(n as i64 * 977),
        trace_id: format!("{n:032x}"),
        client: "192.0.2.1".into(),
        method: "GET".into(),
        route: known.then(|| "/accounts/{id}".into()),
        api: known.then(|| ApiId::new(at(0), &seed(n % 2))),
        version: known.then(|| "1.0.0".into()),
        operation: known.then(|| format!("operation{}", n % 3)),
        app: Some(app),
        partner: Some(PartnerId::new(at(0), &seed(1))),
        subscription: None,
        status,
        code: (status >= 400).then(|| "gateway.rate_limited".into()),
        accepted: status < 400 || status == 502,
        bytes_in: n,
        bytes_out: n * 2,
        duration_us: n * 3,
        upstream_us: known.then_some(n),
        attempts: 1,
    }
}

fn batch(gateway: &str, from: u64, to: u64, app: AppId) -> RecordBatch {
    let records = (from..to).map(|n| record(gateway, n, app)).collect();
    RecordBatch { gateway: gateway.into(), from, to, records }
}

async fn ship(store: &dyn Store, batch: &RecordBatch) -> Result<(), StoreError> {
    let mut unit = store.begin().await?;
    unit.usage_add(batch, at(0)).await?;
    unit.save().await
}

fn totals<'a>(records: impl IntoIterator<Item = &'a AccessRecord>) -> Totals {
    records.into_iter().fold(Totals::default(), |mut sum, record| {
        sum.requests += 1;
        sum.accepted += u64::from(record.accepted);
        sum.bytes_in += record.bytes_in;
        sum.bytes_out += record.bytes_out;
        sum.duration_us += record.duration_us;
        sum
    })
}

async fn all_records(store: &dyn Store, search: &Search) -> Vec<AccessRecord> {
    let mut unit = store.read().await.unwrap();
    let mut page = PageRequest::new(None, Some(50));
    let mut found = Vec::new();
    loop {
        let part = unit.access_search(search, &page).await.unwrap();
        found.extend(part.items);
        match part.next {
            Some(next) => page = PageRequest::new(Some(next), Some(50)),
            None => return found,
        }
    }
}

async fn usage_is_summed_and_broken_down(store: &TestStore) {
    let store = store.store();
    let (one, two) = (batch("g1", 0, 250, app(1)), batch("g2", 0, 30, app(2)));
    ship(store.as_ref(), &one).await.unwrap();
    ship(store.as_ref(), &two).await.unwrap();
    let both: Vec<_> = one.records.iter().chain(&two.records).collect();

    let mut unit = store.read().await.unwrap();
    let none = Filter::default;
    assert_eq!(unit.usage_totals(&none()).await.unwrap(), totals(both.iter().copied()));
    let of_two = Filter { app: Some(app(2)), ..none() };
    assert_eq!(unit.usage_totals(&of_two).await.unwrap(), totals(&two.records));
    let api = ApiId::new(at(0), &seed(1));
    for (filter, matches) in [
        (Filter { status: Some(502), ..none() }, (|r| r.status == 502) as fn(&AccessRecord) -> bool),
        (Filter { operation: Some("operation1".into()), ..none() }, |r| r.operation.as_deref() == Some("operation1")),
        (Filter { version: Some("1.0.0".into()), ..none() }, |r| r.version.is_some()),
        (Filter { partner: Some(PartnerId::new(at(0), &seed(2))), ..none() }, |_| false),
        (Filter { api: Some(api), ..none() }, |r| r.api == Some(ApiId::new(at(0), &seed(1)))),
        (Filter { from: Some(at(7300)), until: Some(at(14400)), ..none() }, |r| at(7200) <= r.at && r.at < at(14400)),
    ] {
        let expected = totals(both.iter().copied().filter(|r| matches(r)));
        assert_eq!(unit.usage_totals(&filter).await.unwrap(), expected, "{filter:?}");
    }

    for by in [
        vec![],
        vec![By::Hour],
        vec![By::Day, By::Status],
        vec![By::App, By::Api, By::Version, By::Operation, By::Partner],
    ] {
        let mut expected: Vec<Row> = Vec::new();
        for record in &both {
            let key = broken_down(record, &by);
            let row = match expected.iter_mut().find(|row| Row { totals: Totals::default(), ..(*row).clone() } == key) {
                Some(row) => row,
                None => {
                    expected.push(key);
                    expected.last_mut().unwrap()
                }
            };
            let t = row.totals;
            let one = totals([*record]);
            row.totals = Totals {
                requests: t.requests + one.requests,
                accepted: t.accepted + one.accepted,
                bytes_in: t.bytes_in + one.bytes_in,
                bytes_out: t.bytes_out + one.bytes_out,
                duration_us: t.duration_us + one.duration_us,
            };
        }
        expected.sort_by_key(|row| sort_key(row, &by));
        assert_eq!(unit.usage_rows(&none(), &by, 10_000).await.unwrap(), expected, "{by:?}");
    }
    assert_eq!(unit.usage_rows(&none(), &[By::Hour], 2).await.unwrap().len(), 2);
}

fn broken_down(record: &AccessRecord, by: &[By]) -> Row {
    let mut row = Row::default();
    for dimension in by {
        match dimension {
            By::Hour => row.at = Some(record.at.hour()),
            By::Day => row.at = Some(record.at.day()),
            By::Partner => row.partner = record.partner,
            By::App => row.app = record.app,
            By::Api => row.api = record.api,
            By::Version => row.version = record.version.clone(),
            By::Operation => row.operation = record.operation.clone(),
            By::Status => row.status = Some(record.status),
        }
    }
    row
}

fn sort_key(row: &Row, by: &[By]) -> Vec<(i64, String)> {
    let text = |text: Option<String>| (0, text.unwrap_or_default());
    let of = |dimension: &By| match dimension {
        By::Hour | By::Day => (row.at.unwrap().unix_micros(), String::new()),
        By::Partner => text(row.partner.map(|id| id.to_string())),
        By::App => text(row.app.map(|id| id.to_string())),
        By::Api => text(row.api.map(|id| id.to_string())),
        By::Version => text(row.version.clone()),
        By::Operation => text(row.operation.clone()),
        By::Status => (i64::from(row.status.unwrap()), String::new()),
    };
    by.iter().map(of).collect()
}

async fn a_cursor_elsewhere_is_told(store: &TestStore) {
    let store = store.store();
    let tell = |outcome| match outcome {
        Ok(()) => None,
        Err(StoreError::CursorMismatch { actual }) => Some(actual),
        Err(other) => panic!("{other:?}"),
    };
    for (from, to, told) in [
        (5, 9, Some(0)),
        (0, 5, None),
        (0, 5, Some(5)),
        (3, 8, Some(5)),
        (6, 8, Some(5)),
        (5, 5, None),
        (5, 8, None),
        (5, 8, Some(8)),
    ] {
        assert_eq!(tell(ship(store.as_ref(), &batch("g", from, to, app(1))).await), told, "{from} to {to}");
    }
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.usage_cursor("g").await.unwrap(), 8);
    assert_eq!(unit.usage_cursor("other").await.unwrap(), 0);
    assert_eq!(unit.usage_totals(&Filter::default()).await.unwrap().requests, 8);
    let back = batch("g", 8, 8, app(1));
    let back = RecordBatch { to: 7, ..back };
    assert!(matches!(ship(store.as_ref(), &back).await, Err(StoreError::Unstorable { .. })));
}

async fn records_are_searched_newest_first(store: &TestStore) {
    let store = store.store();
    let mut shipped = batch("g", 0, 120, app(1));
    // Several at one instant: the page's key must tell them apart.
    for record in &mut shipped.records[40..95] {
        record.at = at(40_000);
    }
    shipped.records[3].app = None;
    shipped.records[7].app = Some(app(2));
    ship(store.as_ref(), &shipped).await.unwrap();

    let none = Search::default;
    for (search, matches) in [
        (none(), (|_| true) as fn(&AccessRecord) -> bool),
        (Search { app: Some(app(2)), ..none() }, |r| r.app == Some(app(2))),
        (Search { partner: Some(PartnerId::new(at(0), &seed(1))), ..none() }, |_| true),
        (Search { api: Some(ApiId::new(at(0), &seed(1))), ..none() }, |r| r.api == Some(ApiId::new(at(0), &seed(1)))),
        (Search { operation: Some("operation2".into()), ..none() }, |r| r.operation.as_deref() == Some("operation2")),
        (Search { status: Some(429), ..none() }, |r| r.status == 429),
        (Search { code: Some("gateway.rate_limited".into()), ..none() }, |r| r.code.is_some()),
        (Search { trace_id: Some(format!("{:032x}", 17)), ..none() }, |r| r.id == "g-00000017"),
        (Search { from: Some(at(977)), until: Some(at(9770)), ..none() }, |r| at(977) <= r.at && r.at < at(9770)),
    ] {
        let mut expected: Vec<_> = shipped.records.iter().filter(|r| matches(r)).cloned().collect();
        expected.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        assert_eq!(all_records(store.as_ref(), &search).await, expected, "{search:?}");
    }
    let mut unit = store.read().await.unwrap();
    let nonsense = PageRequest::new(Some("x:y".into()), None);
    assert!(matches!(unit.access_search(&none(), &nonsense).await, Err(StoreError::PageKey)));
}

async fn old_records_go_in_small_steps(store: &TestStore) {
    let store = store.store();
    ship(store.as_ref(), &batch("g", 0, 20, app(1))).await.unwrap();
    let mut unit = store.begin().await.unwrap();
    // Five by age, in steps of three; then down to the newest eight, in one.
    for (before, keep, limit, gone) in
        [(at(0), 100, 50, 0), (at(5 * 977), 100, 3, 3), (at(5 * 977), 100, 3, 2), (at(0), 8, 50, 7), (at(0), 8, 50, 0)]
    {
        assert_eq!(unit.access_prune(before, keep, limit).await.unwrap(), gone);
    }
    unit.save().await.unwrap();
    let left = all_records(store.as_ref(), &Search::default()).await;
    assert_eq!(left.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().last(), Some(&"g-00000012"));
    assert_eq!(left.len(), 8);
    let counted = store.read().await.unwrap().usage_totals(&Filter::default()).await.unwrap();
    assert_eq!(counted.requests, 20, "counts outlive records");
}

/// A caller may go away at any await. Whatever was done by then must be gone.
async fn a_unit_dropped_at_any_point_leaves_nothing(store: &TestStore) {
    let store = store.store();
    let batch = batch("g", 0, 250, app(1));
    let mut polls = 0;
    loop {
        let add = async {
            let mut unit = store.begin().await.unwrap();
            unit.usage_add(&batch, at(0)).await.unwrap();
        };
        let finished = polled(polls, add).await;
        let mut unit = store.read().await.unwrap();
        assert_eq!(unit.usage_cursor("g").await.unwrap(), 0);
        assert_eq!(unit.usage_totals(&Filter::default()).await.unwrap(), Totals::default());
        assert_eq!(unit.access_search(&Search::default(), &PageRequest::default()).await.unwrap().items, []);
        if finished {
            break;
        }
        polls += 1;
    }
    assert!(polls > 0);
    ship(store.as_ref(), &batch).await.unwrap();
    assert_eq!(store.read().await.unwrap().usage_totals(&Filter::default()).await.unwrap(), totals(&batch.records));
}

async fn a_unit_that_fails_at_any_statement_leaves_nothing(store: &TestStore) {
    let batch = batch("g", 0, 250, app(1));
    let mut statements = 0;
    loop {
        store.log().fail_after(statements);
        let outcome = ship(store.store().as_ref(), &batch).await;
        store.log().fail_after(u64::MAX);
        if outcome.is_ok() {
            break;
        }
        assert!(matches!(outcome, Err(StoreError::Unavailable { .. })));
        let mut unit = store.store().read().await.unwrap();
        assert_eq!(unit.usage_cursor("g").await.unwrap(), 0);
        assert_eq!(unit.usage_totals(&Filter::default()).await.unwrap(), Totals::default());
        statements += 1;
    }
    assert!(statements > 5, "the unit has several statements");
    let counted = store.store().read().await.unwrap().usage_totals(&Filter::default()).await.unwrap();
    assert_eq!(counted, totals(&batch.records));
}

/// Polls a future at most so many times, then drops it; whether it had finished.
async fn polled(mut polls: u32, future: impl Future<Output = ()>) -> bool {
    let mut future = pin!(future);
    poll_fn(move |context| {
        if polls == 0 {
            return Poll::Ready(false);
        }
        polls -= 1;
        future.as_mut().poll(context).map(|()| true)
    })
    .await
}

/// What a gateway, a network and a dying manager make of shipping: any stretch of the log, any number of times, in any
/// order, the unit saved or lost.
#[derive(Debug, Clone)]
struct Attempt {
    gateway: usize,
    from: u64,
    length: u64,
    saved: bool,
}

const LOG: u64 = 40;

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let attempt = (0..2usize, 0..LOG, 0..LOG, prop::bool::weighted(0.7));
    let attempt = attempt.prop_map(|(gateway, from, length, saved)| Attempt { gateway, from, length, saved });
    prop::collection::vec(attempt, 0..25)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_is_counted_exactly_once() {
    on_every_store(async |store| {
        let store = store.store();
        tokio::task::block_in_place(|| {
            let handle = tokio::runtime::Handle::current();
            let round = std::cell::Cell::new(0);
            let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
            let outcome = TestRunner::new(config).run(&attempts(), |attempts| {
                round.set(round.get() + 1);
                handle.block_on(counted_exactly_once(store.as_ref(), round.get(), &attempts));
                Ok(())
            });
            outcome.unwrap();
        });
    })
    .await;
}

async fn counted_exactly_once(store: &dyn Store, round: u64, attempts: &[Attempt]) {
    let gateways = [format!("g{round}a"), format!("g{round}b")];
    let app = app(round);
    for Attempt { gateway, from, length, saved } in attempts {
        let batch = batch(&gateways[*gateway], *from, (from + length).min(LOG), app);
        let mut unit = store.begin().await.unwrap();
        match unit.usage_add(&batch, at(0)).await {
            Ok(()) if *saved => unit.save().await.unwrap(),
            Ok(()) => drop(unit),
            Err(StoreError::CursorMismatch { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    // The gateway goes on until the manager has everything.
    for gateway in &gateways {
        let cursor = store.read().await.unwrap().usage_cursor(gateway).await.unwrap();
        ship(store, &batch(gateway, cursor, LOG, app)).await.unwrap();
    }
    let records: Vec<_> = gateways.iter().flat_map(|gateway| batch(gateway, 0, LOG, app).records).collect();
    let filter = Filter { app: Some(app), ..Filter::default() };
    let mut unit = store.read().await.unwrap();
    assert_eq!(unit.usage_totals(&filter).await.unwrap(), totals(&records));
    for row in unit.usage_rows(&filter, &[By::Status], 100).await.unwrap() {
        assert_eq!(row.totals, totals(records.iter().filter(|r| Some(r.status) == row.status)));
    }
    let found = all_records(store, &Search { app: Some(app), ..Search::default() }).await;
    assert_eq!(found.len(), records.len());
}
