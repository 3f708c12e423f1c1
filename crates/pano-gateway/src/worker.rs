//! A worker: one thread, one current-thread runtime, its own listeners, connection pools and memory of tokens. Nothing that a
//! request needs is behind a lock that another worker can hold.

use crate::compiled::Compiled;
use crate::context::request_id;
use crate::deadline::Kept;
use crate::http1::Field;
use crate::record::Recorder;
use crate::shared::Shared;
use crate::token::Memory;
use crate::upstream::pool::Pool;
use crate::upstream::target::Target;
use http::HeaderValue;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Notify;

/// Unused connections that one worker keeps to one address.
const IDLE_MAX: usize = 256;
/// How long. Shorter than what servers usually keep, so that we close first.
const IDLE_FOR: Duration = Duration::from_secs(50);
/// How often a worker looks after its pools and counters.
const HOUSEKEEPING: Duration = Duration::from_secs(5);
/// Unused timers that one worker keeps.
const TIMERS_MAX: usize = 256;
/// Bytes read from a socket at once.
const SCRATCH_BYTES: usize = 16 << 10;

/// The snapshot last seen: as all threads share it, and as the requests of this one do.
type Seen = (Option<Arc<Compiled>>, Option<Rc<Compiled>>);

/// What the requests of one thread share.
pub struct Worker {
    /// What all threads share.
    pub shared: Arc<Shared>,
    /// The access log.
    pub recorder: Recorder,
    /// Verified tokens.
    pub tokens: RefCell<Memory>,
    /// Read buffer.
    pub scratch: RefCell<Box<[u8]>>,
    /// Header lines of the head that is being read.
    pub(crate) fields: RefCell<Vec<Field>>,
    number: usize,
    compiled: RefCell<Seen>,
    pools: RefCell<HashMap<u32, Rc<Pool>>>,
    buffers: RefCell<Vec<Vec<u8>>>,
    timers: RefCell<Vec<Kept>>,
    requests: Cell<u64>,
    random: Cell<u64>,
    turn: Cell<usize>,
    flush: Notify,
    tokens_told: Cell<u64>,
    stopping: Cell<bool>,
    /// Unix seconds, and the `Date` header for them.
    date: RefCell<(i64, String)>,
}

impl Worker {
    /// Worker `number` of a gateway.
    pub fn new(shared: Arc<Shared>, number: usize) -> Self {
        let mut seed = [0; 8];
        shared.entropy.fill(&mut seed);
        Self {
            recorder: Recorder::new(shared.log.clone()),
            tokens: RefCell::new(Memory::new(shared.options.tokens.remembered, &*shared.entropy)),
            scratch: RefCell::new(vec![0; SCRATCH_BYTES].into()),
            fields: RefCell::default(),
            stopping: Cell::new(false),
            date: RefCell::default(),
            number,
            compiled: RefCell::default(),
            pools: RefCell::default(),
            buffers: RefCell::default(),
            timers: RefCell::default(),
            requests: Cell::new(0),
            random: Cell::new(u64::from_le_bytes(seed)),
            turn: Cell::new(number),
            flush: Notify::new(),
            tokens_told: Cell::new(0),
            shared,
        }
    }

    /// The snapshot in use. Compares a pointer; only after a swap is anything shared between threads touched.
    pub fn compiled(&self) -> Option<Rc<Compiled>> {
        let current = self.shared.compiled.load();
        let mut cached = self.compiled.borrow_mut();
        let same = match (&*current, &cached.0) {
            (Some(new), Some(old)) => Arc::ptr_eq(new, old),
            (None, None) => true,
            _ => false,
        };
        if !same {
            let new = current.as_ref().map(Arc::clone);
            cached.1 = new.as_deref().cloned().map(Rc::new);
            cached.0 = new;
        }
        cached.1.clone()
    }

    /// The next request's id.
    pub fn next_id(&self) -> HeaderValue {
        self.requests.set(self.requests.get() + 1);
        request_id(&self.shared.run, self.number, self.requests.get())
    }

    /// 64 bits for ids that must be unlike, not unpredictable (SplitMix64).
    pub fn random(&self) -> u64 {
        self.random.set(self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
        let mut z = self.random.get();
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Whose turn it is among `count`.
    pub fn turn(&self, count: usize) -> usize {
        self.turn.set(self.turn.get().wrapping_add(1));
        self.turn.get() % count.max(1)
    }

    /// Connections to `target`.
    pub fn pool(&self, target: &Target) -> Rc<Pool> {
        let mut pools = self.pools.borrow_mut();
        let pool = pools.entry(target.number).or_insert_with(|| {
            let name = target.server_name.clone();
            let secured = name.map(|name| self.shared.dialers.dialer(&target.address, name));
            Rc::new(Pool::new(&target.address, secured, IDLE_MAX, IDLE_FOR))
        });
        Rc::clone(pool)
    }

    /// A timer that nobody uses any more.
    pub fn take_timer(&self) -> Option<Kept> {
        self.timers.borrow_mut().pop()
    }

    /// Takes a timer back.
    pub fn give_timer(&self, timer: Kept) {
        let mut timers = self.timers.borrow_mut();
        if timers.len() < TIMERS_MAX {
            timers.push(timer);
        }
    }

    /// An empty buffer with room.
    pub fn take_buffer(&self) -> Vec<u8> {
        self.buffers.borrow_mut().pop().unwrap_or_else(|| Vec::with_capacity(2048))
    }

    /// Takes a buffer back.
    pub fn give_buffer(&self, mut buffer: Vec<u8>) {
        let mut buffers = self.buffers.borrow_mut();
        if buffers.len() < 64 && buffer.capacity() <= 64 << 10 {
            buffer.clear();
            buffers.push(buffer);
        }
    }

    /// Hands `use_it` the `Date` header's value (RFC 9110 §6.6.1), which is made once a second.
    pub fn date(&self, use_it: impl FnOnce(&[u8])) {
        let now = self.shared.clock.now();
        let mut date = self.date.borrow_mut();
        if date.0 != now.unix_seconds() || date.1.is_empty() {
            *date = (now.unix_seconds(), crate::stamp::http_date(now));
        }
        use_it(date.1.as_bytes());
    }

    /// No further requests are taken on open connections.
    pub fn stop(&self) {
        self.stopping.set(true);
    }

    /// Whether connections end after the answer they are giving.
    pub fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Has records written that no request waits for.
    pub fn flush_soon(&self) {
        self.flush.notify_one();
    }

    /// Writes such records, and looks after pools and counters. Never ends.
    pub async fn housekeeping(self: Rc<Self>) {
        let mut tick = tokio::time::interval(HOUSEKEEPING);
        loop {
            // Both arms only wait; nothing is lost when one is dropped.
            tokio::select! {
                () = self.flush.notified() => self.recorder.flush(&self.shared.totals),
                _ = tick.tick() => self.sweep(),
            }
        }
    }

    fn sweep(&self) {
        self.pools.borrow().values().for_each(|pool| pool.sweep());
        let (hits, misses) = self.tokens.borrow_mut().take_counts();
        self.shared.totals.token_hits.fetch_add(hits, Ordering::Relaxed);
        self.shared.totals.token_misses.fetch_add(misses, Ordering::Relaxed);
        let (now, told) = (self.tokens.borrow().len() as u64, self.tokens_told.get());
        let total = &self.shared.totals.tokens;
        if now >= told {
            total.fetch_add(now - told, Ordering::Relaxed)
        } else {
            total.fetch_sub(told - now, Ordering::Relaxed)
        };
        self.tokens_told.set(now);
    }
}
