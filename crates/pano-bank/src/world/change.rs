//! What calls leave behind: undone, kept, handed to the store; and a world made from what the store has.

use super::{World, kept};
use pano_ledger::Book;
use pano_store::bank::EntityRow;
use pano_types::Instant;
use pano_types::id::EventId;
use serde::Serialize;
use std::fmt::Display;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happened {
    /// CloudEvents `id`.
    pub(crate) id: EventId,
    /// CloudEvents `type`.
    pub(crate) kind: &'static str,
    /// What it happened to.
    pub(crate) subject: String,
    /// On the sandbox's clock.
    pub(crate) at: Instant,
    /// More about it.
    pub(crate) data: serde_json::Value,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(crate) struct ChangeSet {
    pub(crate) put: Vec<EntityRow>,
    pub(crate) removed: Vec<(String, String)>,
    /// Bodies of transactions, in the order they were booked.
    pub(crate) transactions: Vec<String>,
    pub(crate) events: Vec<Happened>,
}

impl ChangeSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.put.is_empty() && self.removed.is_empty() && self.transactions.is_empty() && self.events.is_empty()
    }

    pub(crate) fn put(&mut self, kind: &str, id: &impl Display, body: &impl Serialize) -> serde_json::Result<()> {
        let body = serde_json::to_string(body)?;
        self.put.push(EntityRow { kind: kind.to_owned(), id: id.to_string(), body });
        Ok(())
    }
}

impl World {
    /// The world that these rows make.
    ///
    /// # Errors
    /// What is wrong with which row.
    pub(crate) fn load(now: Instant, entities: &[EntityRow], transactions: &[String]) -> Result<Self, String> {
        let mut world = Self::new(now);
        let (mut accounts, mut holds) = (Vec::new(), Vec::new());
        for row in entities {
            let wrong = |reason: String| format!("{} {}: {reason}", row.kind, row.id);
            match row.kind.as_str() {
                kept::ACCOUNT => accounts.push(kept::account_from(&row.body).map_err(wrong)?),
                kept::HOLD => holds.push(kept::hold_from(&row.body).map_err(wrong)?),
                kind => {
                    let table = world.tables.get_mut(kind).ok_or("no room knows this kind".to_owned());
                    table.and_then(|table| table.load(&row.id, &row.body)).map_err(wrong)?;
                }
            }
        }
        let transactions: Result<Vec<_>, _> = transactions.iter().map(|body| kept::transaction_from(body)).collect();
        world.book = Book::restore(accounts, transactions?, holds).map_err(|error| error.to_string())?;
        Ok(world)
    }

    /// Takes back what was done since the last [`World::keep`].
    pub(crate) fn undo(&mut self) {
        for kind in self.touched.drain(..) {
            if let Some(table) = self.tables.get_mut(kind) {
                table.undo();
            }
        }
        self.book.undo();
        self.happening.clear();
        self.defect = None;
    }

    /// Lets what was done since the last time stay.
    ///
    /// # Errors
    /// A defect of ours that was come upon; then nothing stays.
    pub(crate) fn keep(&mut self) -> Result<(), String> {
        if let Some(defect) = self.defect.take() {
            self.undo();
            return Err(defect);
        }
        for kind in self.touched.drain(..) {
            if let Some(table) = self.tables.get_mut(kind) {
                table.keep();
                if !self.dirty.contains(&kind) {
                    self.dirty.push(kind);
                }
            }
        }
        let changes = self.book.take();
        self.accounts.extend(changes.accounts.into_iter().map(|account| (account.id, account)));
        self.holds.extend(changes.holds.into_iter().map(|hold| (hold.id, hold)));
        self.transactions.extend(changes.transactions);
        self.happened.append(&mut self.happening);
        Ok(())
    }

    /// What stayed since the last time, to be written.
    ///
    /// # Errors
    /// A defect of ours: something cannot be said in JSON.
    pub(crate) fn take(&mut self) -> Result<ChangeSet, String> {
        let mut changes = ChangeSet::default();
        for kind in std::mem::take(&mut self.dirty) {
            if let Some(table) = self.tables.get_mut(kind) {
                table.take(&mut changes)?;
            }
        }
        let failed = |error: serde_json::Error| error.to_string();
        for (id, account) in std::mem::take(&mut self.accounts) {
            changes.put(kept::ACCOUNT, &id, &kept::account(&account)).map_err(failed)?;
        }
        for (id, hold) in std::mem::take(&mut self.holds) {
            changes.put(kept::HOLD, &id, &kept::hold(&hold)).map_err(failed)?;
        }
        for transaction in std::mem::take(&mut self.transactions) {
            changes.transactions.push(serde_json::to_string(&kept::transaction(&transaction)).map_err(failed)?);
        }
        changes.events = std::mem::take(&mut self.happened);
        Ok(changes)
    }
}
