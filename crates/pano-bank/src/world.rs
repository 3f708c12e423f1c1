//! A sandbox's whole state, in memory and pure: its book, its tables of entities, its clock, what happened in it.
//!
//! A call works on the world at once. When it is refused, [`World::undo`] takes all of it back; when it is not,
//! [`World::keep`] makes it stay. [`World::take`] then hands what stayed to the store, many calls at a time.

mod change;
pub(crate) mod clock;
mod kept;
pub(crate) mod table;

pub(crate) use change::{ChangeSet, Happened};
pub(crate) use table::{Entity, Kind};

use crate::BANK_ZONE;
use crate::rooms;
use pano_ledger::{Account, Book, Hold, Transaction};
use pano_types::id::{AccountId, EventId, HoldId};
use pano_types::{Date, Instant};
use std::collections::BTreeMap;
use table::{AnyTable, Table};

/// Most transactions of a sandbox: what they take in memory stays below half a gigabyte.
pub(crate) const TRANSACTIONS_MAX: usize = 500_000;
/// Most entities of a sandbox.
pub(crate) const ENTITIES_MAX: usize = 2_000_000;

/// A sandbox's state.
pub(crate) struct World {
    now: Instant,
    book: Book,
    tables: BTreeMap<&'static str, Box<dyn AnyTable>>,
    /// Kinds that the running call has changed.
    touched: Vec<&'static str>,
    /// Kinds with changes that stay and have not been taken.
    dirty: Vec<&'static str>,
    /// What the running call made happen.
    happening: Vec<Happened>,
    /// The ledger's changes that stay, and events.
    accounts: BTreeMap<AccountId, Account>,
    holds: BTreeMap<HoldId, Hold>,
    transactions: Vec<Transaction>,
    happened: Vec<Happened>,
    /// A defect of ours that the running call came upon.
    defect: Option<String>,
}

impl World {
    /// An empty one, at `now`.
    pub(crate) fn new(now: Instant) -> Self {
        let tables = rooms::kinds().map(|kind| (kind.name, (kind.make)())).collect();
        Self {
            now,
            book: Book::default(),
            tables,
            touched: Vec::new(),
            dirty: Vec::new(),
            happening: Vec::new(),
            accounts: BTreeMap::new(),
            holds: BTreeMap::new(),
            transactions: Vec::new(),
            happened: Vec::new(),
            defect: None,
        }
    }

    /// The sandbox's time.
    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// The sandbox's day, in the bank's zone.
    pub(crate) fn today(&self) -> Date {
        Date::of(self.now, BANK_ZONE)
    }

    /// The ledger.
    pub(crate) const fn book(&self) -> &Book {
        &self.book
    }

    /// The ledger, to be changed. Rooms use the methods of [`crate::call::Call`], which say refusals in their words.
    pub(crate) const fn book_mut(&mut self) -> &mut Book {
        &mut self.book
    }

    /// One entity.
    pub(crate) fn get<T: Entity>(&self, id: &T::Id) -> Option<&T> {
        self.table::<T>()?.get(id)
    }

    /// All entities of a kind, by id.
    pub(crate) fn all<T: Entity>(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.table::<T>().into_iter().flat_map(Table::all)
    }

    /// The entities that put themselves under `key` of an index, by id.
    pub(crate) fn under<'w, T: Entity>(
        &'w self,
        index: &'static str,
        key: &str,
    ) -> impl DoubleEndedIterator<Item = &'w T> + use<'w, T> {
        self.table::<T>().map(|table| table.under(index, key)).into_iter().flatten()
    }

    /// Adds an entity, or replaces the one with its id.
    pub(crate) fn put<T: Entity>(&mut self, entity: T) {
        let id = entity.id();
        self.set::<T>(id, Some(entity));
    }

    /// Changes an entity; whether it was there.
    pub(crate) fn edit<T: Entity>(&mut self, id: &T::Id, change: impl FnOnce(&mut T)) -> bool {
        let Some(mut entity) = self.get::<T>(id).cloned() else { return false };
        change(&mut entity);
        if entity.id() == *id {
            self.set::<T>(id.clone(), Some(entity));
        } else {
            self.defect = Some(format!("an entity of kind {} changed its id", T::KIND));
        }
        true
    }

    /// Removes an entity; whether it was there.
    pub(crate) fn remove<T: Entity>(&mut self, id: &T::Id) -> bool {
        let there = self.get::<T>(id).is_some();
        if there {
            self.set::<T>(id.clone(), None);
        }
        there
    }

    /// Tells those who subscribed that something happened, if the call is not refused. `data` holds no C2 or C3 value.
    pub(crate) fn event(&mut self, id: EventId, kind: &'static str, subject: String, data: serde_json::Value) {
        self.happening.push(Happened { id, kind, subject, at: self.now, data });
    }

    /// Entities in all tables.
    pub(crate) fn entities(&self) -> usize {
        self.tables.values().map(|table| table.len()).sum()
    }

    fn table<T: Entity>(&self) -> Option<&Table<T>> {
        self.tables.get(T::KIND)?.as_any().downcast_ref()
    }

    fn set<T: Entity>(&mut self, id: T::Id, entity: Option<T>) {
        let table = self.tables.get_mut(T::KIND).and_then(|table| table.as_any_mut().downcast_mut::<Table<T>>());
        match table {
            Some(table) => table.set(id, entity),
            None => self.defect = Some(format!("no room lists the entity kind {}", T::KIND)),
        }
        if !self.touched.contains(&T::KIND) {
            self.touched.push(T::KIND);
        }
    }
}

impl World {
    /// Whether the running call has booked something or made it possible that there is more.
    pub(crate) fn is_grown(&self) -> bool {
        self.book.is_changed() || !self.touched.is_empty()
    }
}
