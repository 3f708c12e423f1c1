//! What all threads of a gateway share.

use crate::compiled::Compiled;
use crate::contract::Kept;
use crate::limit::Limit;
use crate::metrics::Totals;
use crate::options::GatewayOptions;
use crate::registry::Registry;
use crate::upstream::tls::Dialers;
use arc_swap::ArcSwapOption;
use pano_bus::Log;
use pano_types::{Clock, Entropy};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What all threads of a gateway share.
pub struct Shared {
    /// As started.
    pub options: GatewayOptions,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The access log; without it nothing is recorded (benches).
    pub log: Option<Arc<dyn Log>>,
    /// The snapshot in use.
    pub compiled: ArcSwapOption<Compiled>,
    /// What outlives snapshots.
    pub registry: Arc<Registry>,
    /// Counters.
    pub totals: Totals,
    /// Contracts compiled now.
    pub contracts: Arc<Kept>,
    /// Rate of clients that are no apps.
    pub client_limit: Option<Limit>,
    /// Makes request ids of this run unlike those of any other.
    pub run: String,
    /// Connections by address.
    pub addresses: Addresses,
    /// How https upstreams are reached.
    pub dialers: Dialers,
}

impl Shared {
    /// For a gateway that starts.
    pub fn new(
        options: GatewayOptions,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        log: Option<Arc<dyn Log>>,
        dialers: Dialers,
    ) -> Self {
        let run = format!("{:012x}", entropy.u128() & 0xffff_ffff_ffff);
        let (contracts, client_limit) =
            (Kept::new(options.contracts_max), options.tokens.client_rate.and_then(Limit::new));
        let limits = options.limits;
        Self {
            options,
            clock,
            entropy,
            log,
            compiled: ArcSwapOption::empty(),
            registry: Arc::default(),
            totals: Totals::default(),
            contracts: Arc::new(contracts),
            client_limit,
            run,
            addresses: Addresses::new(limits.connections, limits.connections_per_address),
            dialers,
        }
    }
}

/// Counts connections by address. Locked when a connection opens or closes, never by a request.
#[derive(Debug)]
pub struct Addresses {
    all: AtomicU32,
    all_max: u32,
    each_max: u32,
    each: Mutex<HashMap<IpAddr, u32>>,
}

impl Addresses {
    fn new(all_max: u32, each_max: u32) -> Self {
        Self { all: AtomicU32::new(0), all_max, each_max, each: Mutex::default() }
    }

    /// Counts a connection from `address`, unless there are too many.
    pub fn enter(&self, address: IpAddr) -> bool {
        if self.all.fetch_add(1, Ordering::Relaxed) < self.all_max {
            let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
            let count = each.entry(address).or_insert(0);
            if *count < self.each_max {
                *count += 1;
                return true;
            }
        }
        self.all.fetch_sub(1, Ordering::Relaxed);
        false
    }

    /// A connection from `address` has closed.
    pub fn leave(&self, address: IpAddr) {
        self.all.fetch_sub(1, Ordering::Relaxed);
        let mut each = self.each.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = each.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                each.remove(&address);
            }
        }
    }
}
