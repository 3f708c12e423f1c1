//! What every handler shares.

use pano_bus::Log;
use pano_store::{Store, UnitOfWork};
use pano_types::{Clock, Entropy, Instant};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::error::Result;
use crate::publish::Published;

/// The manager's state. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Manager(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    events: Arc<dyn Log>,
    notes: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    options: crate::Options,
    changed: Notify,
    to_relay: Notify,
    published: Published,
    library: crate::catalog::Library,
    stop: CancellationToken,
}

impl Manager {
    pub(crate) fn new(deps: crate::Deps, options: crate::Options, stop: CancellationToken) -> Self {
        let crate::Deps { store, events, notes, clock, entropy } = deps;
        Self(Arc::new(Inner {
            store,
            events,
            notes,
            clock,
            entropy,
            options,
            changed: Notify::new(),
            to_relay: Notify::new(),
            published: Published::default(),
            library: crate::catalog::Library::default(),
            stop,
        }))
    }
    /// Where everything is kept.
    pub fn store(&self) -> &dyn Store {
        &*self.0.store
    }
    /// The present.
    pub fn now(&self) -> Instant {
        self.0.clock.now()
    }
    /// Randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.0.entropy
    }
    /// What the manager was started with.
    pub fn options(&self) -> &crate::Options {
        &self.0.options
    }
    /// A consistent view for reading.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn read(&self) -> Result<Box<dyn UnitOfWork>> {
        Ok(self.store().read().await?)
    }
    /// Tells the publisher and the relay that something was saved.
    pub fn notify(&self) {
        self.0.changed.notify_one();
        self.0.to_relay.notify_one();
    }
    pub(crate) fn changed(&self) -> &Notify {
        &self.0.changed
    }
    pub(crate) fn to_relay(&self) -> &Notify {
        &self.0.to_relay
    }
    pub(crate) fn events(&self) -> &Arc<dyn Log> {
        &self.0.events
    }
    pub(crate) fn notes(&self) -> &Arc<dyn Log> {
        &self.0.notes
    }
    pub(crate) fn published(&self) -> &Published {
        &self.0.published
    }
    /// Compiled units of API versions.
    pub fn library(&self) -> &crate::catalog::Library {
        &self.0.library
    }
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }
}
