//! Two schemas, recursively. A pair is compared once per direction, however often it is reached; cycles end there.

use super::effective::{Effective, Place};
use super::{Change, Class, Kind};
use crate::contract::Direction;
use crate::read::Document;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

/// Which values a change lets through: fewer or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Narrower,
    Wider,
}

pub(super) fn class(way: Way, direction: Direction) -> Class {
    match (way, direction) {
        (Way::Narrower, Direction::Request) | (Way::Wider, Direction::Response) => Class::Breaking,
        (Way::Wider, Direction::Request) | (Way::Narrower, Direction::Response) => Class::NonBreaking,
    }
}

#[derive(Debug, Default)]
pub(super) struct Pair {
    pub(super) changes: Vec<Change>,
    pub(super) children: Vec<usize>,
}

pub(super) struct Schemas<'d> {
    pub(super) old: &'d Document,
    pub(super) new: &'d Document,
    ids: HashMap<(String, String, Direction), usize>,
    pub(super) pairs: Vec<Pair>,
}

/// The pair being compared.
struct At<'p> {
    id: usize,
    old: &'p str,
    new: &'p str,
    direction: Direction,
}

impl<'d> Schemas<'d> {
    pub(super) fn new(old: &'d Document, new: &'d Document) -> Self {
        Self { old, new, ids: HashMap::new(), pairs: Vec::new() }
    }

    /// Compares two schemas; the result is the pair's place in `pairs`.
    pub(super) fn pair(&mut self, old: &Place<'d>, new: &Place<'d>, direction: Direction) -> Option<usize> {
        // Depth is bounded: every pair of pointers is entered once, and documents are nested within their limits.
        let (old_value, old_at) = self.old.resolve(old.0, &old.1)?;
        let (new_value, new_at) = self.new.resolve(new.0, &new.1)?;
        let key = (old_at.clone(), new_at.clone(), direction);
        if let Some(id) = self.ids.get(&key) {
            return Some(*id);
        }
        let id = self.pairs.len();
        self.ids.insert(key, id);
        self.pairs.push(Pair::default());
        let before = Effective::of(self.old, old_value, &old_at);
        let after = Effective::of(self.new, new_value, &new_at);
        let at = At { id, old: &old_at, new: &new_at, direction };
        if before.allowed_types().is_disjoint(&after.allowed_types()) {
            // Another type altogether: what else differs follows from that.
            self.types(&before, &after, &at);
            return Some(id);
        }
        self.types(&before, &after, &at);
        self.values(&before, &after, &at);
        self.bounds(&before, &after, &at);
        self.words(&before, &after, &at);
        self.members(&before, &after, &at);
        self.parts(&before, &after, &at);
        self.alternatives(&before, &after, &at);
        Some(id)
    }

    fn add(&mut self, at: &At<'_>, class: Class, kind: Kind, detail: impl Into<String>) {
        let change = Change {
            class,
            kind,
            direction: Some(at.direction),
            old: Some(at.old.to_owned()),
            new: Some(at.new.to_owned()),
            detail: detail.into(),
            operations: Vec::new(),
        };
        if let Some(pair) = self.pairs.get_mut(at.id) {
            pair.changes.push(change);
        }
    }

    fn moved(&mut self, at: &At<'_>, way: Way, kind: Kind, detail: impl Into<String>) {
        self.add(at, class(way, at.direction), kind, detail);
    }

    fn child(&mut self, at: &At<'_>, old: &Place<'d>, new: &Place<'d>) {
        let Some(child) = self.pair(old, new, at.direction) else { return };
        if let Some(pair) = self.pairs.get_mut(at.id) {
            pair.children.push(child);
        }
    }

    fn types(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        let (old, new) = (before.allowed_types(), after.allowed_types());
        let names = |set: BTreeSet<&str>| set.into_iter().collect::<Vec<_>>().join(", ");
        let shown = |types: &Option<BTreeSet<&'d str>>| types.clone().map_or("any".to_owned(), names);
        let detail = format!("{} → {}", shown(&before.types), shown(&after.types));
        let disjoint = old.is_disjoint(&new);
        if disjoint {
            self.add(at, Class::Breaking, Kind::TypeChanged, detail.clone());
        } else if old.difference(&new).next().is_some() {
            self.moved(at, Way::Narrower, Kind::TypeNarrowed, detail.clone());
        }
        if !disjoint && new.difference(&old).next().is_some() {
            self.moved(at, Way::Wider, Kind::TypeWidened, detail);
        }
        match (before.allows_null(), after.allows_null()) {
            (true, false) if before.types.is_some() => self.moved(at, Way::Narrower, Kind::NullForbidden, ""),
            (false, true) if after.types.is_some() => self.moved(at, Way::Wider, Kind::NullAllowed, ""),
            _ => {}
        }
    }

    fn values(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        let (old, new) = (before.values(), after.values());
        let names = |values: Vec<&String>| {
            crate::report_text(&values.into_iter().map(String::as_str).collect::<Vec<_>>().join(", "))
        };
        match (old, new) {
            (None, Some(new)) => {
                self.moved(at, Way::Narrower, Kind::EnumNarrowed, format!("now only {}", names(new.iter().collect())))
            }
            (Some(_), None) => self.moved(at, Way::Wider, Kind::EnumWidened, "any value"),
            (Some(old), Some(new)) => {
                let gone: Vec<&String> = old.difference(&new).collect();
                let fresh: Vec<&String> = new.difference(&old).collect();
                if !gone.is_empty() {
                    self.moved(at, Way::Narrower, Kind::EnumNarrowed, names(gone));
                }
                if !fresh.is_empty() {
                    self.moved(at, Way::Wider, Kind::EnumWidened, names(fresh));
                }
            }
            (None, None) => {}
        }
    }

    fn bounds(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        let lower = [("minimum", "exclusiveMinimum"), ("minLength", ""), ("minItems", ""), ("minProperties", "")];
        let upper = [("maximum", "exclusiveMaximum"), ("maxLength", ""), ("maxItems", ""), ("maxProperties", "")];
        for (list, rising) in [(lower, Ordering::Greater), (upper, Ordering::Less)] {
            for (inclusive, exclusive) in list {
                let (old, new) = (before.bound(inclusive, exclusive), after.bound(inclusive, exclusive));
                let shown = |bound: Option<(f64, bool)>| {
                    bound.map_or("none".to_owned(), |(n, strict)| {
                        format!("{n}{}", if strict { " excluded" } else { "" })
                    })
                };
                let detail = format!("{inclusive} {} → {}", shown(old), shown(new));
                match tighter(old, new, rising) {
                    Some(true) => self.moved(at, Way::Narrower, Kind::BoundTightened, detail),
                    Some(false) => self.moved(at, Way::Wider, Kind::BoundLoosened, detail),
                    None => {}
                }
            }
        }
        let unique = |effective: &Effective<'_>| effective.keywords.get("uniqueItems") == Some(&&Value::Bool(true));
        match (unique(before), unique(after)) {
            (false, true) => self.moved(at, Way::Narrower, Kind::BoundTightened, "uniqueItems"),
            (true, false) => self.moved(at, Way::Wider, Kind::BoundLoosened, "uniqueItems"),
            _ => {}
        }
    }

    fn words(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        let text = |value: Option<&&Value>| {
            value.map(|value| crate::report_text(value.as_str().unwrap_or(&value.to_string())))
        };
        for (key, added, removed, changed) in [
            ("pattern", Kind::PatternAdded, Kind::PatternRemoved, Kind::PatternChanged),
            ("format", Kind::FormatAdded, Kind::FormatRemoved, Kind::FormatChanged),
        ] {
            let (old, new) = (before.keywords.get(key), after.keywords.get(key));
            let checked = |value: Option<&&Value>| {
                key == "pattern"
                    || value.is_none_or(|value| value.as_str().is_some_and(crate::contract::is_checked_format))
            };
            // A format that nobody checks is a label.
            let label = !checked(old) || !checked(new);
            match (old, new) {
                (None, Some(_)) if label => self.add(at, Class::NonBreaking, added, text(new).unwrap_or_default()),
                (None, Some(_)) => self.moved(at, Way::Narrower, added, text(new).unwrap_or_default()),
                (Some(_), None) if label => self.add(at, Class::NonBreaking, removed, text(old).unwrap_or_default()),
                (Some(_), None) => self.moved(at, Way::Wider, removed, text(old).unwrap_or_default()),
                (Some(a), Some(b)) if a != b => {
                    let class = if label { Class::NonBreaking } else { Class::Unclassified };
                    self.add(
                        at,
                        class,
                        changed,
                        format!("{} → {}", text(old).unwrap_or_default(), text(new).unwrap_or_default()),
                    );
                }
                _ => {}
            }
        }
        for (key, kind) in [
            ("multipleOf", Kind::KeywordChanged),
            ("not", Kind::KeywordChanged),
            ("discriminator", Kind::KeywordChanged),
            ("default", Kind::DefaultChanged),
            ("readOnly", Kind::DirectionChanged),
            ("writeOnly", Kind::DirectionChanged),
        ] {
            let (old, new) = (before.keywords.get(key), after.keywords.get(key));
            let said = |value: Option<&&Value>| {
                value.filter(|value| ***value != Value::Bool(false)).map(|value| value.to_string())
            };
            if said(old) != said(new) {
                self.add(at, Class::Unclassified, kind, key);
            }
        }
    }

    fn members(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        let other_way = if at.direction == Direction::Request { "readOnly" } else { "writeOnly" };
        let needed = |document: &'d Document, effective: &Effective<'d>| -> BTreeSet<&'d str> {
            let travels = |name: &&&str| {
                let member = effective.members.get(**name).and_then(|(value, at)| document.resolve(value, at));
                !member.is_some_and(|(value, _)| value.get(other_way) == Some(&Value::Bool(true)))
            };
            effective.required.iter().filter(travels).copied().collect()
        };
        let (old, new) = (needed(self.old, before), needed(self.new, after));
        for name in new.difference(&old) {
            self.moved(at, Way::Narrower, Kind::RequiredAdded, *name);
        }
        for name in old.difference(&new) {
            self.moved(at, Way::Wider, Kind::RequiredRemoved, *name);
        }
        for (name, member) in &before.members {
            match after.members.get(name) {
                Some(other) => self.child(at, member, other),
                None => {
                    let closed = after.additional.as_ref().is_some_and(|(value, _)| **value == Value::Bool(false));
                    let class = match at.direction {
                        Direction::Response => Class::Breaking,
                        Direction::Request if closed => Class::Breaking,
                        Direction::Request => Class::Unclassified,
                    };
                    self.add(at, class, Kind::MemberRemoved, *name);
                }
            }
        }
        for name in after.members.keys().filter(|name| !before.members.contains_key(*name)) {
            self.add(at, Class::NonBreaking, Kind::MemberAdded, *name);
        }
    }

    fn parts(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        match (&before.items, &after.items) {
            (Some(old), Some(new)) => self.child(at, old, new),
            (None, Some(_)) => self.moved(at, Way::Narrower, Kind::SchemaAdded, "items"),
            (Some(_), None) => self.moved(at, Way::Wider, Kind::SchemaRemoved, "items"),
            (None, None) => {}
        }
        let shut = |place: &Option<Place<'d>>| place.as_ref().is_some_and(|(value, _)| **value == Value::Bool(false));
        let schema = |place: &Option<Place<'d>>| place.as_ref().is_some_and(|(value, _)| value.is_object());
        match (&before.additional, &after.additional) {
            (old, new) if !shut(old) && shut(new) => self.moved(at, Way::Narrower, Kind::AdditionalForbidden, ""),
            (old, new) if shut(old) && !shut(new) => self.moved(at, Way::Wider, Kind::AdditionalAllowed, ""),
            (Some(old), Some(new)) if schema(&Some(old.clone())) && schema(&Some(new.clone())) => {
                self.child(at, old, new)
            }
            (old, new) if !schema(old) && schema(new) => {
                self.moved(at, Way::Narrower, Kind::SchemaAdded, "additionalProperties")
            }
            (old, new) if schema(old) && !schema(new) => {
                self.moved(at, Way::Wider, Kind::SchemaRemoved, "additionalProperties")
            }
            _ => {}
        }
    }

    fn alternatives(&mut self, before: &Effective<'d>, after: &Effective<'d>, at: &At<'_>) {
        for key in ["oneOf", "anyOf"] {
            let (old, new) = (before.alternatives.get(key), after.alternatives.get(key));
            match (old, new) {
                (None, Some(_)) => self.moved(at, Way::Narrower, Kind::SchemaAdded, key),
                (Some(_), None) => self.moved(at, Way::Wider, Kind::SchemaRemoved, key),
                (Some(old), Some(new)) => {
                    for (name, alternative) in old {
                        match new.iter().find(|(other, _)| other == name) {
                            Some((_, other)) => self.child(at, alternative, other),
                            None => self.moved(at, Way::Narrower, Kind::AlternativeRemoved, format!("{key} {name}")),
                        }
                    }
                    for (name, _) in new.iter().filter(|(name, _)| !old.iter().any(|(other, _)| other == name)) {
                        self.moved(at, Way::Wider, Kind::AlternativeAdded, format!("{key} {name}"));
                    }
                }
                (None, None) => {}
            }
        }
    }
}

/// `Some(true)` when the bound became tighter, `Some(false)` when looser. `rising` is the order that means tighter.
fn tighter(old: Option<(f64, bool)>, new: Option<(f64, bool)>, rising: Ordering) -> Option<bool> {
    match (old, new) {
        (None, None) => None,
        (None, Some(_)) => Some(true),
        (Some(_), None) => Some(false),
        (Some((old, was_strict)), Some((new, is_strict))) => match new.partial_cmp(&old)? {
            Ordering::Equal if was_strict == is_strict => None,
            Ordering::Equal => Some(is_strict),
            order => Some(order == rising),
        },
    }
}
