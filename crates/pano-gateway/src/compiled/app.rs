//! Apps, compiled and spread over shards.

use super::SHARDS;
use crate::limit::{Bucket, Limit};
use crate::registry::{Registry, SubscriptionState};
use pano_snapshot::unit::{AppUnit, SubscriptionUnit};
use pano_types::Environment;
use pano_types::id::{ApiId, AppId};
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

/// All apps.
#[derive(Debug, Clone)]
pub struct Apps {
    shards: Arc<[Shard]>,
}

type Shard = Arc<HashMap<AppId, Arc<App>>>;

/// An admitted, active app.
#[derive(Debug)]
pub struct App {
    /// Its rate, and where it stands.
    pub limit: Option<(Limit, Arc<Bucket>)>,
    /// Its partner's.
    pub partner_limit: Option<(Limit, Arc<Bucket>)>,
    /// Active subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// SHA-256 thumbprints (hex) of its certificates.
    pub certificates: Vec<Box<str>>,
    /// Its partner, as told to upstreams.
    pub partner: Box<str>,
    /// `"app":…,"partner":…` of its access records.
    pub record: Box<[u8]>,
}

/// An active subscription.
#[derive(Debug)]
pub struct Subscription {
    /// To this API.
    pub api: ApiId,
    /// Which backends it reaches.
    pub environment: Environment,
    /// Rate of each operation.
    pub limit: Option<Limit>,
    /// Requests per UTC day.
    pub quota_per_day: Option<u64>,
    /// Where both stand.
    pub state: Arc<SubscriptionState>,
    /// `"sub_…"`, as in its access records.
    pub record: Box<[u8]>,
}

impl App {
    /// Compiles the unit.
    pub fn new(unit: &AppUnit, registry: &Registry) -> Self {
        Self {
            limit: unit.rate.and_then(Limit::new).map(|limit| (limit, registry.app(unit.id))),
            partner_limit: unit.partner_rate.and_then(Limit::new).map(|l| (l, registry.partner(unit.partner))),
            subscriptions: unit.subscriptions.iter().map(|s| Subscription::new(s, registry)).collect(),
            certificates: unit.certificates.iter().map(|c| c.to_ascii_lowercase().into()).collect(),
            partner: unit.partner.to_string().into(),
            record: format!("\"app\":\"{}\",\"partner\":\"{}\"", unit.id, unit.partner).into_bytes().into(),
        }
    }

    /// The subscription to `api`.
    pub fn subscription(&self, api: ApiId) -> Option<&Subscription> {
        self.subscriptions.iter().find(|s| s.api == api)
    }
}

impl Subscription {
    fn new(unit: &SubscriptionUnit, registry: &Registry) -> Self {
        Self {
            api: unit.api,
            environment: unit.environment,
            limit: unit.rate.and_then(Limit::new),
            quota_per_day: unit.quota_per_day,
            state: registry.subscription(unit.id),
            record: format!("\"{}\"", unit.id).into_bytes().into(),
        }
    }
}

impl Default for Apps {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Arc::default()).collect() }
    }
}

impl Apps {
    /// The app with this id.
    pub fn find(&self, id: AppId) -> Option<&Arc<App>> {
        self.shards.get(shard(id))?.get(&id)
    }

    /// Number of apps.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|s| s.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The apps after these changes (`None` removes). Shards without a change are shared.
    pub fn changed(&self, changes: Vec<(AppId, Option<Arc<App>>)>) -> Self {
        let mut shards: Vec<_> = self.shards.iter().map(Arc::clone).collect();
        for (id, app) in changes {
            let Some(slot) = shards.get_mut(shard(id)) else { continue };
            let map = Arc::make_mut(slot);
            match app {
                Some(app) => map.insert(id, app),
                None => map.remove(&id),
            };
        }
        Self { shards: shards.into() }
    }
}

fn shard(id: AppId) -> usize {
    (BuildHasherDefault::<DefaultHasher>::default().hash_one(id) % SHARDS as u64) as usize
}
