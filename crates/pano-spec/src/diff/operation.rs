//! Paths, operations, parameters, bodies, responses, security.

use super::effective::Place;
use super::schema::{Schemas, Way, class};
use super::{Change, Class, Kind};
use crate::contract::Direction;
use crate::operation::{Location, Media, Operation, Parameter, Response, SecurityAlternative};
use crate::pointer;
use crate::read::Document;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub(super) struct Operations<'d> {
    schemas: Schemas<'d>,
    changes: Vec<Change>,
    /// Pairs of schemas that an operation begins with, by the operation's key.
    roots: Vec<(String, usize)>,
}

/// A path with its variables nameless: renaming one does not move the path.
fn form(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let mut out = String::new();
        let mut rest = segment;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            out.push_str("{}");
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        out + rest
    });
    segments.collect::<Vec<_>>().join("/")
}

impl<'d> Operations<'d> {
    pub(super) fn new(old: &'d Document, new: &'d Document) -> Self {
        Self { schemas: Schemas::new(old, new), changes: Vec::new(), roots: Vec::new() }
    }

    pub(super) fn compare(mut self) -> Vec<Change> {
        let by_place = |document: &'d Document| -> BTreeMap<(String, &'static str), Operation<'d>> {
            document
                .operations()
                .into_iter()
                .map(|operation| ((form(operation.path), operation.method.token()), operation))
                .collect()
        };
        let (old, new) = (by_place(self.schemas.old), by_place(self.schemas.new));
        let old_paths: BTreeSet<&String> = old.keys().map(|(path, _)| path).collect();
        let new_paths: BTreeSet<&String> = new.keys().map(|(path, _)| path).collect();
        for (place, operation) in &old {
            match new.get(place) {
                Some(other) => self.operation(operation, other),
                None if new_paths.contains(&place.0) => self.gone(Kind::OperationRemoved, operation),
                None => self.gone(Kind::PathRemoved, operation),
            }
        }
        for (place, operation) in new.iter().filter(|(place, _)| !old.contains_key(*place)) {
            let kind = if old_paths.contains(&place.0) { Kind::OperationAdded } else { Kind::PathAdded };
            let change = self.change(Class::NonBreaking, kind, None, Some(operation.pointer.clone()), operation.key());
            self.changes.push(Change { operations: vec![operation.key()], ..change });
        }
        self.security_schemes();
        self.reach();
        self.changes
    }

    fn change(
        &self,
        class: Class,
        kind: Kind,
        old: Option<String>,
        new: Option<String>,
        detail: impl Into<String>,
    ) -> Change {
        Change { class, kind, direction: None, old, new, detail: detail.into(), operations: Vec::new() }
    }

    fn gone(&mut self, kind: Kind, operation: &Operation<'d>) {
        let change = self.change(Class::Breaking, kind, Some(operation.pointer.clone()), None, operation.key());
        self.changes.push(Change { operations: vec![operation.key()], ..change });
    }

    fn operation(&mut self, old: &Operation<'d>, new: &Operation<'d>) {
        let first = self.changes.len();
        let places = (Some(old.pointer.clone()), Some(new.pointer.clone()));
        let mut note = |class: Class, kind: Kind, detail: String| {
            let change = Change {
                class,
                kind,
                direction: None,
                old: places.0.clone(),
                new: places.1.clone(),
                detail,
                operations: Vec::new(),
            };
            self.changes.push(change);
        };
        if old.path != new.path {
            note(Class::NonBreaking, Kind::PathVariableRenamed, format!("{} → {}", old.path, new.path));
        }
        if !old.deprecated() && new.deprecated() {
            note(Class::NonBreaking, Kind::OperationDeprecated, String::new());
        }
        if old.operation_id() != new.operation_id() {
            let shown = |id: Option<&str>| id.unwrap_or("none").to_owned();
            note(
                Class::Unclassified,
                Kind::OperationIdChanged,
                format!("{} → {}", shown(old.operation_id()), shown(new.operation_id())),
            );
        }
        let (relaxed, tightened) = security(old, new);
        if tightened {
            note(Class::Breaking, Kind::SecurityTightened, String::new());
        }
        if relaxed {
            note(Class::NonBreaking, Kind::SecurityRelaxed, String::new());
        }
        self.parameters(old, new);
        self.body(old, new);
        self.responses(old, new);
        let key = new.key();
        for change in self.changes.iter_mut().skip(first) {
            change.operations = vec![key.clone()];
        }
    }

    fn compare_schemas(&mut self, key: &str, old: Option<Place<'d>>, new: Option<Place<'d>>, direction: Direction) {
        match (old, new) {
            (Some(old), Some(new)) => {
                if let Some(id) = self.schemas.pair(&old, &new, direction) {
                    self.roots.push((key.to_owned(), id));
                }
            }
            (None, Some((_, at))) => {
                let change = self.change(class(Way::Narrower, direction), Kind::SchemaAdded, None, Some(at), "");
                self.changes.push(Change { direction: Some(direction), ..change });
            }
            (Some((_, at)), None) => {
                let change = self.change(class(Way::Wider, direction), Kind::SchemaRemoved, Some(at), None, "");
                self.changes.push(Change { direction: Some(direction), ..change });
            }
            (None, None) => {}
        }
    }

    fn parameters(&mut self, old: &Operation<'d>, new: &Operation<'d>) {
        let named = |operation: &Operation<'d>| -> BTreeMap<(Location, String), Parameter<'d>> {
            let variables = operation.path_variables();
            let name = |parameter: &Parameter<'d>| match parameter.location {
                // Path variables are told apart by their position: their names are not on the wire.
                Location::Path => variables
                    .iter()
                    .position(|v| *v == parameter.name)
                    .map_or_else(|| parameter.name.to_owned(), |i| format!("{{{i}}}")),
                Location::Header => parameter.name.to_ascii_lowercase(),
                Location::Query | Location::Cookie => parameter.name.to_owned(),
            };
            operation
                .parameters()
                .into_iter()
                .map(|parameter| ((parameter.location, name(&parameter)), parameter))
                .collect()
        };
        let (before, after) = (named(old), named(new));
        for (place, parameter) in &before {
            match after.get(place) {
                Some(other) => self.parameter(&new.key(), parameter, other),
                None => {
                    let detail = format!("{} in {}", parameter.name, parameter.location.text());
                    let change = self.change(
                        Class::Unclassified,
                        Kind::ParameterRemoved,
                        Some(parameter.pointer.clone()),
                        None,
                        detail,
                    );
                    self.changes.push(change);
                }
            }
        }
        for (_, parameter) in after.iter().filter(|(place, _)| !before.contains_key(*place)) {
            let (class, kind) = match parameter.required {
                true => (Class::Breaking, Kind::ParameterAddedRequired),
                false => (Class::NonBreaking, Kind::ParameterAdded),
            };
            let detail = format!("{} in {}", parameter.name, parameter.location.text());
            let change = self.change(class, kind, None, Some(parameter.pointer.clone()), detail);
            self.changes.push(change);
        }
    }

    fn parameter(&mut self, key: &str, old: &Parameter<'d>, new: &Parameter<'d>) {
        let kind = match (old.required, new.required) {
            (false, true) => Some((Class::Breaking, Kind::ParameterRequired)),
            (true, false) => Some((Class::NonBreaking, Kind::ParameterOptional)),
            _ => None,
        };
        let media = |parameter: &Parameter<'d>| parameter.content.as_ref().map(|media| media.media_type);
        let written_otherwise = old.style != new.style || old.explode != new.explode || media(old) != media(new);
        let style = written_otherwise.then_some((Class::Breaking, Kind::ParameterStyle));
        for (class, kind) in kind.into_iter().chain(style) {
            let change = self.change(class, kind, Some(old.pointer.clone()), Some(new.pointer.clone()), new.name);
            self.changes.push(change);
        }
        let schema = |parameter: &Parameter<'d>| match (&parameter.schema, &parameter.content) {
            (Some(schema), _) => Some((*schema, pointer::join(&parameter.pointer, "schema"))),
            (None, Some(media)) => media_schema(media),
            (None, None) => None,
        };
        self.compare_schemas(key, schema(old), schema(new), Direction::Request);
    }

    fn body(&mut self, old: &Operation<'d>, new: &Operation<'d>) {
        let (before, after) = (old.request_body(), new.request_body());
        let places =
            (before.as_ref().map(|body| body.pointer.clone()), after.as_ref().map(|body| body.pointer.clone()));
        let required = |body: &Option<crate::operation::RequestBody<'d>>| body.as_ref().map(|body| body.required);
        let kind = match (required(&before), required(&after)) {
            (Some(_), None) => Some((Class::Breaking, Kind::BodyRemoved)),
            (None, Some(true)) => Some((Class::Breaking, Kind::BodyAddedRequired)),
            (None, Some(false)) => Some((Class::NonBreaking, Kind::BodyAdded)),
            (Some(false), Some(true)) => Some((Class::Breaking, Kind::BodyRequired)),
            (Some(true), Some(false)) => Some((Class::NonBreaking, Kind::BodyOptional)),
            _ => None,
        };
        if let Some((class, kind)) = kind {
            let change = self.change(class, kind, places.0, places.1, "");
            self.changes.push(change);
        }
        if let (Some(before), Some(after)) = (before, after) {
            self.media(&new.key(), &before.media, &after.media, Direction::Request);
        }
    }

    fn media(&mut self, key: &str, old: &[Media<'d>], new: &[Media<'d>], direction: Direction) {
        for media in old {
            match new.iter().find(|other| same_media(media.media_type, other.media_type)) {
                Some(other) => self.compare_schemas(key, media_schema(media), media_schema(other), direction),
                None => {
                    let change = self.change(
                        Class::Breaking,
                        Kind::MediaRemoved,
                        Some(media.pointer.clone()),
                        None,
                        media.media_type,
                    );
                    self.changes.push(Change { direction: Some(direction), ..change });
                }
            }
        }
        for media in new.iter().filter(|media| !old.iter().any(|other| same_media(media.media_type, other.media_type)))
        {
            let change =
                self.change(Class::NonBreaking, Kind::MediaAdded, None, Some(media.pointer.clone()), media.media_type);
            self.changes.push(Change { direction: Some(direction), ..change });
        }
    }

    fn responses(&mut self, old: &Operation<'d>, new: &Operation<'d>) {
        let (before, after) = (old.responses(), new.responses());
        for response in &before {
            match after.iter().find(|other| other.status == response.status) {
                Some(other) => {
                    self.media(&new.key(), &response.media, &other.media, Direction::Response);
                    self.headers(&new.key(), response, other);
                }
                None => {
                    let class = if response.status.starts_with('2') { Class::Breaking } else { Class::Unclassified };
                    let change = self.change(
                        class,
                        Kind::ResponseRemoved,
                        Some(response.pointer.clone()),
                        None,
                        response.status,
                    );
                    self.changes.push(change);
                }
            }
        }
        for response in after.iter().filter(|response| !before.iter().any(|other| other.status == response.status)) {
            // A new success is something that clients have not seen; new errors they must expect.
            let class = if response.status.starts_with(['2', '3']) { Class::Unclassified } else { Class::NonBreaking };
            let change = self.change(class, Kind::ResponseAdded, None, Some(response.pointer.clone()), response.status);
            self.changes.push(change);
        }
    }

    fn headers(&mut self, key: &str, old: &Response<'d>, new: &Response<'d>) {
        let headers = |document: &'d Document, response: &Response<'d>| -> BTreeMap<String, Place<'d>> {
            let map = response.node.get("headers").and_then(Value::as_object).into_iter().flatten();
            let found = map.filter_map(|(name, header)| {
                let at = pointer::join_all(&response.pointer, &["headers", name]);
                Some((name.to_ascii_lowercase(), document.resolve(header, &at)?))
            });
            found.collect()
        };
        let (before, after) = (headers(self.schemas.old, old), headers(self.schemas.new, new));
        for (name, (header, at)) in &before {
            let Some((other, other_at)) = after.get(name) else {
                let change = self.change(Class::Breaking, Kind::HeaderRemoved, Some(at.clone()), None, name.as_str());
                self.changes.push(change);
                continue;
            };
            let schema =
                |header: &'d Value, at: &str| header.get("schema").map(|schema| (schema, pointer::join(at, "schema")));
            self.compare_schemas(key, schema(header, at), schema(other, other_at), Direction::Response);
        }
        for (name, (_, at)) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
            let change = self.change(Class::NonBreaking, Kind::HeaderAdded, None, Some(at.clone()), name.as_str());
            self.changes.push(change);
        }
    }

    fn security_schemes(&mut self) {
        let schemes = |document: &'d Document| document.at("/components/securitySchemes").and_then(Value::as_object);
        let (Some(old), Some(new)) = (schemes(self.schemas.old), schemes(self.schemas.new)) else { return };
        for (name, scheme) in old {
            let Some(other) = new.get(name) else { continue };
            let telling = ["type", "scheme", "in", "name", "openIdConnectUrl", "flows"];
            if let Some(member) = telling.into_iter().find(|member| scheme.get(member) != other.get(member)) {
                let at = pointer::join("/components/securitySchemes", name);
                let class = if member == "flows" || member == "openIdConnectUrl" {
                    Class::Unclassified
                } else {
                    Class::Breaking
                };
                let change = self.change(
                    class,
                    Kind::SecuritySchemeChanged,
                    Some(at.clone()),
                    Some(at),
                    format!("{name}: {member}"),
                );
                self.changes.push(change);
            }
        }
    }

    /// Gives each schema's changes the operations that reach it, and adds them to the report.
    fn reach(&mut self) {
        let mut reached: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        let mut per_operation: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (key, id) in &self.roots {
            per_operation.entry(key).or_default().push(*id);
        }
        for (key, mut open) in per_operation {
            let mut seen: HashSet<usize> = open.iter().copied().collect();
            while let Some(id) = open.pop() {
                let Some(pair) = self.schemas.pairs.get(id) else { continue };
                if !pair.changes.is_empty() {
                    reached.entry(id).or_default().insert(key);
                }
                open.extend(pair.children.iter().copied().filter(|child| seen.insert(*child)));
            }
        }
        let mut changes = Vec::new();
        for (id, keys) in reached {
            for change in self.schemas.pairs.get(id).map(|pair| pair.changes.as_slice()).unwrap_or_default() {
                changes
                    .push(Change { operations: keys.iter().map(|key| (*key).to_owned()).collect(), ..change.clone() });
            }
        }
        self.changes.append(&mut changes);
    }
}

fn media_schema<'d>(media: &Media<'d>) -> Option<Place<'d>> {
    Some((media.schema?, pointer::join(&media.pointer, "schema")))
}

/// The same media type, whatever its blanks and letter case.
fn same_media(a: &str, b: &str) -> bool {
    let bare = |text: &str| text.to_ascii_lowercase().replace(' ', "");
    bare(a) == bare(b)
}

/// Is security (relaxed, tightened)?
fn security(old: &Operation<'_>, new: &Operation<'_>) -> (bool, bool) {
    let any = || vec![Vec::new()];
    let ways = |operation: &Operation<'_>| {
        operation
            .security()
            .filter(|list| !list.is_empty())
            .map_or_else(any, |list| list.iter().map(owned).collect::<Vec<_>>())
    };
    let (before, after) = (ways(old), ways(new));
    // What one holds suffices when some way asks for no more.
    let suffices = |held: &Vec<(String, Vec<String>)>, ways: &[Vec<(String, Vec<String>)>]| {
        ways.iter().any(|way| {
            way.iter().all(|(scheme, scopes)| {
                held.iter().any(|(own, held)| own == scheme && scopes.iter().all(|scope| held.contains(scope)))
            })
        })
    };
    let tightened = before.iter().any(|way| !suffices(way, &after));
    let relaxed = after.iter().any(|way| !suffices(way, &before));
    (relaxed, tightened)
}

fn owned(alternative: &SecurityAlternative<'_>) -> Vec<(String, Vec<String>)> {
    alternative
        .iter()
        .map(|(scheme, scopes)| ((*scheme).to_owned(), scopes.iter().map(|scope| (*scope).to_owned()).collect()))
        .collect()
}
