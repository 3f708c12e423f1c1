//! What must outlive a snapshot: limits, quotas, breakers, calls in flight, counters. All workers share it; the maps are locked
//! only while a snapshot is compiled, requests hold the entries themselves.

use crate::breaker::Breaker;
use crate::limit::{Bucket, DayCount};
use crate::metrics::ApiStats;
use arc_swap::ArcSwap;
use pano_types::id::{ApiId, AppId, PartnerId, SubscriptionId};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Lasting state by name.
#[derive(Debug, Default)]
pub struct Registry {
    apps: Table<AppId, Bucket>,
    partners: Table<PartnerId, Bucket>,
    subscriptions: Table<SubscriptionId, SubscriptionState>,
    operations: Table<(ApiId, Box<str>), OperationState>,
    upstreams: Table<ApiId, InFlight>,
    targets: Mutex<HashMap<Box<str>, u32>>,
    stats: Table<Box<str>, ApiStats>,
    held: Mutex<Vec<Arc<SubscriptionState>>>,
    epoch: AtomicU64,
    /// Rates of callers that are no apps of ours (plain proxying): by client id.
    pub clients: ArcSwap<HashMap<Box<str>, Arc<Bucket>>>,
}

/// Lasting state of an operation.
#[derive(Debug)]
pub struct OperationState {
    /// Unique among all operations of the process.
    pub number: u32,
    /// Rate over all callers.
    pub bucket: Arc<Bucket>,
    /// Circuit breaker.
    pub breaker: Breaker,
}

/// Lasting state of a subscription.
#[derive(Debug, Default)]
pub struct SubscriptionState {
    /// Requests of the day.
    pub day: DayCount,
    /// Rate of each operation, by the operation's number. Copied when one is added, so that reading takes no lock.
    buckets: ArcSwap<HashMap<u32, Arc<Bucket>>>,
}

impl SubscriptionState {
    /// The rate of one operation under this subscription.
    pub fn bucket(&self, operation: u32) -> Arc<Bucket> {
        bucket_of(&self.buckets, &operation, &operation)
    }
}

/// Finds or makes the bucket under `key`. Two callers that add at once agree on one.
pub fn bucket_of<K, Q>(buckets: &ArcSwap<HashMap<K, Arc<Bucket>>>, key: &Q, owned: &K) -> Arc<Bucket>
where
    K: Hash + Eq + Clone + std::borrow::Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    if let Some(bucket) = buckets.load().get(key) {
        return Arc::clone(bucket);
    }
    let new = Arc::new(Bucket::default());
    buckets.rcu(|old| {
        let mut map = HashMap::clone(old);
        map.entry(owned.clone()).or_insert_with(|| Arc::clone(&new));
        map
    });
    buckets.load().get(key).map_or(new, Arc::clone)
}

/// Calls of one upstream under way.
#[derive(Debug, Default)]
pub struct InFlight(AtomicU32);

impl InFlight {
    /// Takes a place, unless `max` are taken.
    pub fn enter(self: &Arc<Self>, max: u32) -> Option<Place> {
        if self.0.fetch_add(1, Ordering::Relaxed) >= max {
            self.0.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Place(Arc::clone(self)))
    }
}

/// A place among the calls in flight; free again when dropped.
#[derive(Debug)]
pub struct Place(Arc<InFlight>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Registry {
    /// State of an app's rate.
    pub fn app(&self, id: AppId) -> Arc<Bucket> {
        self.apps.entry(id)
    }
    /// State of a partner's rate.
    pub fn partner(&self, id: PartnerId) -> Arc<Bucket> {
        self.partners.entry(id)
    }
    /// State of a subscription.
    pub fn subscription(&self, id: SubscriptionId) -> Arc<SubscriptionState> {
        self.subscriptions.entry(id)
    }
    /// State of a subscription that no snapshot names yet; held until the end, so that it is not pruned before one does.
    pub fn hold_subscription(&self, id: SubscriptionId) -> Arc<SubscriptionState> {
        let state = self.subscriptions.entry(id);
        self.held.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&state));
        state
    }
    /// State of an operation: the same over all versions of its API.
    pub fn operation(&self, api: ApiId, name: &str) -> Arc<OperationState> {
        self.operations.entry_with((api, name.into()), |count| OperationState {
            number: count,
            bucket: Arc::default(),
            breaker: Breaker::default(),
        })
    }
    /// Calls in flight of an API's upstream.
    pub fn upstream(&self, api: ApiId) -> Arc<InFlight> {
        self.upstreams.entry(api)
    }
    /// Counters of an API by its short name.
    pub fn stats(&self, slug: &str) -> Arc<ApiStats> {
        self.stats.entry(slug.into())
    }
    /// All counters with their API's short name.
    pub fn all_stats(&self) -> Vec<(Box<str>, Arc<ApiStats>)> {
        self.stats.all()
    }
    /// States of all operations.
    pub fn all_operations(&self) -> Vec<Arc<OperationState>> {
        self.operations.all().into_iter().map(|(_, state)| state).collect()
    }
    /// A number for a state of the issuers' keys, given once.
    pub fn next_epoch(&self) -> u64 {
        self.epoch.fetch_add(1, Ordering::Relaxed) + 1
    }
    /// A small number for an upstream address; the same address, the same number.
    pub fn target(&self, address: &str) -> u32 {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        let next = u32::try_from(targets.len()).unwrap_or(u32::MAX);
        *targets.entry(address.into()).or_insert(next)
    }
    /// Forgets limits of what is in no snapshot any more.
    pub fn prune(&self) {
        self.apps.prune();
        self.partners.prune();
        self.subscriptions.prune();
        self.upstreams.prune();
    }
}

/// A map from names to shared state.
#[derive(Debug)]
struct Table<K, V>(Mutex<(u32, HashMap<K, Arc<V>>)>);

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self(Mutex::new((0, HashMap::new())))
    }
}

impl<K: Hash + Eq + Clone, V> Table<K, V> {
    fn entry(&self, key: K) -> Arc<V>
    where
        V: Default,
    {
        self.entry_with(key, |_| V::default())
    }

    fn entry_with(&self, key: K, new: impl FnOnce(u32) -> V) -> Arc<V> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, map) = &mut *guard;
        let entry = map.entry(key).or_insert_with(|| {
            *made += 1;
            Arc::new(new(*made))
        });
        Arc::clone(entry)
    }

    fn all(&self) -> Vec<(K, Arc<V>)> {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guard.1.iter().map(|(k, v)| (k.clone(), Arc::clone(v))).collect()
    }

    fn prune(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.retain(|_, v| Arc::strong_count(v) > 1);
    }
}
