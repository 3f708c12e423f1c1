//! What was saved is told on the event log, in order, each at least once, whatever fails between writing and noting it; and the
//! audit chain's ends are noted where whoever rewrites the database does not reach.

use crate::{partner, text};
use pano_bus::{AppendError, Chunk, CloudEvent, FileLog, Log, Position, ReadError, event, file};
use pano_store_sql::testing;
use pano_testkit::{TestManager, TestStore};
use pano_types::Instant;
use pano_types::clock::FakeClock;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;

const SOON: Duration = Duration::from_millis(5);

fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at(Instant::from_unix_seconds(1_800_000_000)))
}

fn open(folder: &TempDir, name: &str) -> Arc<FileLog> {
    Arc::new(FileLog::open(file::Options::new(folder.path().join(name))).unwrap())
}

async fn begin(store: TestStore, folder: TempDir, events: Arc<dyn Log>, notes: Arc<dyn Log>) -> TestManager {
    let quick = |options: &mut pano_manager::Options| {
        options.poll = SOON;
        options.note_every = SOON;
    };
    TestManager::start_with(store, clock(), folder, (events, notes), quick).await.unwrap()
}

/// Waits until `done` says so.
async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !done().await {
        assert!(begun.elapsed().as_secs() < 20, "{what}: not in time");
        tokio::time::sleep(SOON).await;
    }
}

/// All lines of the log, repetitions included.
fn on_the_log(log: &dyn Log) -> Vec<CloudEvent> {
    let (mut events, mut at, end) = (Vec::new(), log.start(), log.end());
    while at < end {
        let chunk = log.read(at, 64 << 10).unwrap();
        events.extend(event::read(&chunk).unwrap());
        at = chunk.to;
    }
    events
}

/// What a consumer takes that passes over what is not newer than the last: in order, without repetitions.
fn taken(log: &dyn Log) -> Vec<CloudEvent> {
    let mut last = 0;
    let mut events = on_the_log(log);
    events.retain(|event| {
        let newer = event.sequence > last;
        last = last.max(event.sequence);
        newer
    });
    events
}

/// Waits until the log has all that the outbox has, and holds one against the other.
async fn settled(store: &TestStore, log: &dyn Log) -> Vec<CloudEvent> {
    let last = store.store().change_seq().await.unwrap();
    until("everything is relayed", async || taken(log).last().map_or(0, |event| event.sequence) == last).await;
    let events = taken(log);
    let queued = store.store().read().await.unwrap().outbox_take(0, 1_000).await.unwrap();
    assert_eq!(events.len(), queued.len());
    for (event, queued) in events.iter().zip(&queued) {
        assert_eq!((event.sequence, event.id, &event.kind), (queued.seq, queued.event.id, &queued.event.kind));
        assert_eq!((&event.subject, &event.data), (&queued.event.subject, &queued.event.data));
        assert_eq!((event.time, &event.traceparent), (queued.event.at, &queued.event.traceparent));
    }
    let mut ids = BTreeMap::new();
    for event in on_the_log(log) {
        assert_eq!(*ids.entry(event.sequence).or_insert(event.id), event.id, "a repetition has the same id");
    }
    events
}

/// A log on which, one call after the other, everything goes wrong that can.
struct Faulty {
    log: FileLog,
    calls: AtomicU64,
}

impl Log for Faulty {
    fn append(&self, lines: &[u8]) -> Result<Position, AppendError> {
        match self.calls.fetch_add(1, Ordering::SeqCst) % 4 {
            0 => Err(AppendError::Full(0)),
            1 => {
                self.log.append(lines)?;
                panic!("on purpose: the relay dies after the lines were written");
            }
            _ => self.log.append(lines),
        }
    }
    fn sync(&self) -> std::io::Result<()> {
        match self.calls.load(Ordering::SeqCst) % 4 {
            3 => Err(std::io::Error::other("on purpose")),
            _ => self.log.sync(),
        }
    }
    fn end(&self) -> Position {
        self.log.end()
    }
    fn start(&self) -> Position {
        self.log.start()
    }
    fn read(&self, from: Position, bytes_max: usize) -> Result<Chunk, ReadError> {
        self.log.read(from, bytes_max)
    }
    fn release(&self, position: Position, now: Instant) -> std::io::Result<()> {
        self.log.release(position, now)
    }
    fn skip_to(&self, position: Position) -> std::io::Result<()> {
        self.log.skip_to(position)
    }
}

async fn relayed_through_faults(store: TestStore) {
    let folder = TempDir::new().unwrap();
    let log = FileLog::open(file::Options::new(folder.path().join("events"))).unwrap();
    let (events, notes) = (Arc::new(Faulty { log, calls: AtomicU64::new(0) }), open(&folder, "notes"));
    let manager = begin(store, folder, Arc::clone(&events) as Arc<dyn Log>, notes).await;
    for n in 0..6 {
        let _: Value = manager.maker.post("/admin/v1/partners", &partner(&format!("partner-{n}"))).await.unwrap();
        settled(&manager.store, &*events).await;
    }
    let told = settled(&manager.store, &*events).await;
    assert_eq!(told.iter().filter(|event| event.kind == "panorama.partner.registered").count(), 6);
    assert!(on_the_log(&*events).len() > told.len(), "the faults made repetitions");
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn events_are_relayed_through_faults_on_sqlite() {
    relayed_through_faults(TestStore::sqlite().await.unwrap()).await;
}

#[tokio::test]
async fn events_are_relayed_through_faults_on_postgres() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    relayed_through_faults(store).await;
}

/// As after `kill -9` between the log and the mark: the log has what the cursor does not know of.
async fn relayed_again_after_a_crash(store: TestStore) {
    let folder = TempDir::new().unwrap();
    let (events, notes) = (open(&folder, "events"), open(&folder, "notes"));
    let manager = begin(store, folder, Arc::clone(&events) as Arc<dyn Log>, notes).await;
    let before = settled(&manager.store, &*events).await;
    manager.handle.stop().await;
    let back = "UPDATE consumer_cursor SET position = position - 2 WHERE consumer = 'event-log/manager-1'";
    assert_eq!(testing::execute(manager.store.sql(), back).await.unwrap(), 1);
    let options = pano_manager::Options { addr: ([127, 0, 0, 1], 0).into(), poll: SOON, ..Default::default() };
    let deps = pano_manager::Deps {
        store: manager.store.store(),
        events: Arc::clone(&events) as Arc<dyn Log>,
        notes: Arc::clone(&manager.notes),
        clock: Arc::clone(&manager.clock),
        entropy: Arc::new(pano_types::clock::OsEntropy),
    };
    let again = pano_manager::start(options, deps).await.unwrap();
    let lines = before.len() + 2;
    until("two are relayed again", async || on_the_log(&*events).len() == lines).await;
    assert_eq!(settled(&manager.store, &*events).await, before);
    assert_eq!(on_the_log(&*events)[before.len()..], before[before.len() - 2..]);
    again.stop().await;
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn what_a_crash_left_unmarked_is_relayed_again_on_sqlite() {
    relayed_again_after_a_crash(TestStore::sqlite().await.unwrap()).await;
}

#[tokio::test]
async fn what_a_crash_left_unmarked_is_relayed_again_on_postgres() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    relayed_again_after_a_crash(store).await;
}

async fn a_cut_is_noticed(store: TestStore) {
    let folder = TempDir::new().unwrap();
    let (events, notes) = (open(&folder, "events"), open(&folder, "notes"));
    let manager = begin(store, folder, events, notes).await;
    let verified = async || -> Value { manager.checker.get("/admin/v1/audit/verify").await.unwrap() };
    let id = async |slug: &str| -> String {
        text(&manager.maker.post("/admin/v1/partners", &partner(slug)).await.unwrap(), "/id")
    };
    id("first").await;
    id("second").await;
    // That something was noted is not enough: it may have been an end before the last one.
    let head = format!("\"seq\":{}", verified().await["head_seq"]);
    let noted = || {
        let lines = manager.notes.read(manager.notes.start(), 64 << 10).unwrap().lines;
        String::from_utf8(lines).unwrap().lines().last().is_some_and(|note| note.contains(&format!("{head},")))
    };
    until("the end is noted", async || noted()).await;
    let whole = verified().await;
    assert_eq!(whole["whole"], true, "{whole}");
    assert!(whole["noted"].as_u64().unwrap() > 0, "{whole}");
    // Rows, head and hashes agree, as they do for whoever can write to the database.
    let last = whole["head_seq"].as_u64().unwrap();
    let cut = format!(
        "DELETE FROM audit WHERE seq = {last}; UPDATE audit_head SET seq = {}, hash = (SELECT hash FROM audit WHERE seq = {})",
        last - 1,
        last - 1
    );
    testing::execute(manager.store.sql(), &cut).await.unwrap();
    let verdict = verified().await;
    assert_eq!((&verdict["whole"], &verdict["good"]), (&false.into(), &(last - 1).into()), "{verdict}");
    let reason = text(&verdict, "/broken");
    assert!(reason.contains("the end was cut off") && reason.contains(&format!("link {last} was noted")), "{reason}");
    // Nor does it help to let the chain grow again.
    id("third").await;
    id("fourth").await;
    assert!(text(&verified().await, "/broken").contains(&format!("link {last} is not the one that was noted")));
    manager.remove().await.unwrap();
}

#[tokio::test]
async fn a_chain_that_was_cut_is_noticed_on_sqlite() {
    a_cut_is_noticed(TestStore::sqlite().await.unwrap()).await;
}

#[tokio::test]
async fn a_chain_that_was_cut_is_noticed_on_postgres() {
    let Some(store) = TestStore::postgres().await.unwrap() else { return };
    a_cut_is_noticed(store).await;
}
