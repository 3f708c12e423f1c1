//! Tables of entities: ordered by id, indexed as their entities say, with changes that can be undone or handed on.

use super::change::ChangeSet;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

/// A thing that a sandbox keeps. Its JSON is read again by later programs: new fields carry `#[serde(default)]`.
pub(crate) trait Entity: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// Stable name of the kind, such as `payment`.
    const KIND: &'static str;
    /// How one is told from another. Its text form must read back to the same id.
    type Id: Ord + Clone + Display + FromStr + Send + Sync + 'static;
    /// Which one it is; never changes.
    fn id(&self) -> Self::Id;
    /// Puts the entity under keys by which it is looked up: `put("number", self.number.clone())`.
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        let _ = put;
    }
}

/// A kind of entity, as rooms list it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) make: fn() -> Box<dyn AnyTable>,
}

impl Kind {
    /// The kind of `T`.
    pub(crate) const fn of<T: Entity>() -> Self {
        Self { name: T::KIND, make: || Box::new(Table::<T>::default()) }
    }
}

/// All entities of one kind.
pub(crate) struct Table<T: Entity> {
    rows: BTreeMap<T::Id, T>,
    index: BTreeMap<(&'static str, String), BTreeSet<T::Id>>,
    /// What stood there before each change of the running call.
    log: Vec<(T::Id, Option<T>)>,
    /// Changed by calls whose changes stay.
    dirty: BTreeSet<T::Id>,
}

impl<T: Entity> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), index: BTreeMap::new(), log: Vec::new(), dirty: BTreeSet::new() }
    }
}

impl<T: Entity> Table<T> {
    pub(crate) fn get(&self, id: &T::Id) -> Option<&T> {
        self.rows.get(id)
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values()
    }

    pub(crate) fn under<'t>(
        &'t self,
        index: &'static str,
        key: &str,
    ) -> impl DoubleEndedIterator<Item = &'t T> + use<'t, T> {
        let ids = self.index.get(&(index, key.to_owned()));
        ids.into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    pub(crate) fn set(&mut self, id: T::Id, entity: Option<T>) {
        let before = self.replace(&id, entity);
        self.log.push((id, before));
    }

    fn replace(&mut self, id: &T::Id, entity: Option<T>) -> Option<T> {
        let mut places = Vec::new();
        if let Some(entity) = &entity {
            entity.index(&mut |index, key| places.push((index, key)));
        }
        let before = match entity {
            Some(entity) => self.rows.insert(id.clone(), entity),
            None => self.rows.remove(id),
        };
        if let Some(before) = &before {
            before.index(&mut |index, key| {
                let place = (index, key);
                if let Some(ids) = self.index.get_mut(&place) {
                    ids.remove(id);
                    if ids.is_empty() {
                        self.index.remove(&place);
                    }
                }
            });
        }
        for place in places {
            self.index.entry(place).or_default().insert(id.clone());
        }
        before
    }
}

/// A table whose kind is not known where it is handled.
pub(crate) trait AnyTable: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn len(&self) -> usize;
    /// Takes an entity from the store. `Err` says what is wrong with it.
    fn load(&mut self, id: &str, body: &str) -> Result<(), String>;
    /// Takes back what the running call changed.
    fn undo(&mut self);
    /// Lets it stay.
    fn keep(&mut self);
    /// Hands on what stayed.
    fn take(&mut self, out: &mut ChangeSet) -> Result<(), String>;
}

impl<T: Entity> AnyTable for Table<T> {
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
    fn len(&self) -> usize {
        self.rows.len()
    }
    fn load(&mut self, id: &str, body: &str) -> Result<(), String> {
        let entity: T = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let known = id.parse::<T::Id>().ok().filter(|id| *id == entity.id());
        let id = known.ok_or("its id is another one")?;
        self.replace(&id, Some(entity));
        Ok(())
    }
    fn undo(&mut self) {
        while let Some((id, before)) = self.log.pop() {
            self.replace(&id, before);
        }
    }
    fn keep(&mut self) {
        self.dirty.extend(self.log.drain(..).map(|(id, _)| id));
    }
    fn take(&mut self, out: &mut ChangeSet) -> Result<(), String> {
        for id in std::mem::take(&mut self.dirty) {
            match self.rows.get(&id) {
                Some(entity) => out.put(T::KIND, &id, entity).map_err(|error| error.to_string())?,
                None => out.removed.push((T::KIND.to_owned(), id.to_string())),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};
    use serde::Deserialize;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Thing {
        id: u32,
        colour: u8,
    }

    impl Entity for Thing {
        const KIND: &'static str = "thing";
        type Id = u32;
        fn id(&self) -> u32 {
            self.id
        }
        fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
            put("colour", self.colour.to_string());
        }
    }

    fn seen(table: &Table<Thing>) -> (Vec<Thing>, Vec<Vec<u32>>) {
        let of = |colour: u8| table.under("colour", &colour.to_string()).map(|thing| thing.id).collect();
        (table.all().cloned().collect(), (0..4).map(of).collect())
    }

    fn step() -> impl Strategy<Value = (u32, Option<u8>)> {
        (0..6u32, prop::option::of(0..4u8))
    }

    proptest! {
        #[test]
        fn what_is_undone_never_was_and_what_is_kept_comes_back(
            calls in prop::collection::vec((prop::collection::vec(step(), 1..6), any::<bool>()), 1..30),
        ) {
            let mut table = Table::<Thing>::default();
            let mut stored = BTreeMap::new();
            for (steps, kept) in calls {
                let before = seen(&table);
                for (id, colour) in steps {
                    table.set(id, colour.map(|colour| Thing { id, colour }));
                }
                if kept {
                    table.keep();
                } else {
                    table.undo();
                    prop_assert_eq!(before, seen(&table));
                }
                let mut changes = ChangeSet::default();
                table.take(&mut changes).unwrap();
                stored.extend(changes.put.into_iter().map(|row| (row.id, row.body)));
                changes.removed.iter().for_each(|(_, id)| drop(stored.remove(id)));
            }
            let mut again = Table::<Thing>::default();
            for (id, body) in &stored {
                again.load(id, body).unwrap();
            }
            prop_assert_eq!(seen(&again), seen(&table));
        }
    }

    #[test]
    fn what_does_not_fit_is_not_loaded() {
        let mut table = Table::<Thing>::default();
        for (id, body) in [("1", "{}"), ("2", r#"{"id":1,"colour":2}"#), ("x", r#"{"id":1,"colour":2}"#)] {
            assert!(table.load(id, body).is_err(), "{id} {body}");
        }
    }
}
