//! The walk over the objects of a document by the table of [`super::shape`].

use super::fix::Fix;
use super::shape::{Kind, Shape};
use crate::code::SpecCode;
use crate::limits::Limits;
use crate::operation::Method;
use crate::pointer;
use crate::read::Version;
use crate::refs;
use crate::report::{Effect, Finding, Severity};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

pub(super) enum Step<'v> {
    Key(&'v str),
    Item(usize),
}

pub(super) struct Walker<'v> {
    pub(super) root: &'v Value,
    pub(super) version: Version,
    pub(super) limits: &'v Limits,
    pub(super) findings: Vec<Finding>,
    pub(super) fixes: Vec<Fix>,
    /// Findings beyond the limit.
    pub(super) unkept: usize,
    /// Where the walk is: a pointer to begin with, and the steps from there.
    pub(super) base: String,
    pub(super) path: Vec<Step<'v>>,
    /// The path template whose operations are being walked.
    pub(super) template: Option<&'v str>,
    refs: usize,
    operations: usize,
    operation_ids: HashMap<&'v str, String>,
    /// Targets outside their section of `components`, still to be walked.
    queue: Vec<(String, Kind)>,
    queued: HashSet<(String, Kind)>,
    restored: HashSet<String>,
    seen: HashSet<(String, SpecCode)>,
    /// Schema cycles: the schema whose in-place parts are being walked, and where its parts lead.
    pub(super) owner: Option<String>,
    pub(super) edges: HashMap<String, Vec<String>>,
    pub(super) patterns: HashMap<&'v str, bool>,
}

impl<'v> Walker<'v> {
    pub(super) fn new(root: &'v Value, version: Version, limits: &'v Limits) -> Self {
        Self {
            root,
            version,
            limits,
            findings: Vec::new(),
            fixes: Vec::new(),
            unkept: 0,
            base: String::new(),
            path: Vec::new(),
            template: None,
            refs: 0,
            operations: 0,
            operation_ids: HashMap::new(),
            queue: Vec::new(),
            queued: HashSet::new(),
            restored: HashSet::new(),
            seen: HashSet::new(),
            owner: None,
            edges: HashMap::new(),
            patterns: HashMap::new(),
        }
    }

    /// Walks everything; afterwards findings, fixes and edges are complete.
    pub(super) fn walk(&mut self) {
        self.node(Kind::Root, self.root);
        while let Some((target, kind)) = self.queue.pop() {
            if let Some(value) = pointer::follow(self.root, &target) {
                self.base = target;
                self.shape(Shape::Ref(kind), value, true);
            }
        }
        self.base.clear();
    }

    pub(super) fn pointer(&self) -> String {
        let mut out = self.base.clone();
        for step in &self.path {
            match step {
                Step::Key(key) => pointer::push(&mut out, key),
                Step::Item(index) => pointer::push(&mut out, &index.to_string()),
            }
        }
        out
    }

    /// Keeps a finding, once per pointer and code. A refusal is kept even beyond the limit when it is the first.
    pub(super) fn report(&mut self, finding: Finding) {
        if !self.seen.insert((finding.pointer.clone(), finding.code)) {
            return;
        }
        let full = self.findings.len() >= self.limits.findings;
        let first_refusal =
            finding.effect == Effect::Refused && !self.findings.iter().any(|f| f.effect == Effect::Refused);
        if full && !first_refusal {
            self.unkept += 1;
            return;
        }
        self.findings.push(finding);
    }

    pub(super) fn refuse(&mut self, code: SpecCode, detail: &str) {
        self.report(Finding::refused(code, self.pointer(), detail));
    }

    pub(super) fn repair(&mut self, code: SpecCode, detail: &str, fix: Fix) {
        self.report(Finding::repaired(code, self.pointer(), detail));
        self.fixes.push(fix);
    }

    pub(super) fn note(&mut self, code: SpecCode, severity: Severity, detail: &str) {
        self.report(Finding::noted(code, severity, self.pointer(), detail));
    }

    pub(super) fn within<T>(&mut self, step: Step<'v>, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(step);
        let out = walk(self);
        self.path.pop();
        out
    }

    pub(super) fn shape(&mut self, shape: Shape, value: &'v Value, required: bool) {
        if value.is_null() && !required && !matches!(shape, Shape::Any) {
            let at = self.pointer();
            return self.repair(SpecCode::ShapeType, "null is read as absent", Fix::Remove(at));
        }
        match shape {
            Shape::Any => {}
            Shape::Text => self.text(value),
            Shape::Bool if value.is_boolean() => {}
            Shape::Bool => self.boolean(value),
            Shape::Word(words) => match value.as_str() {
                Some(word) if words.contains(&word) => {}
                Some(word) => self.refuse(
                    SpecCode::ShapeValue,
                    &format!("{} is none of {}", crate::report_text(word), words.join(", ")),
                ),
                None => self.wrong("text", value),
            },
            Shape::List(item) => match value {
                Value::Array(items) => {
                    for (i, value) in items.iter().enumerate() {
                        self.within(Step::Item(i), |walker| walker.shape(*item, value, true));
                    }
                }
                other => self.wrong("a list", other),
            },
            Shape::Map(item) => match value {
                Value::Object(map) => {
                    for (key, value) in map {
                        if !key.starts_with("x-") || value.is_object() && matches!(item, Shape::Ref(_)) {
                            self.within(Step::Key(key), |walker| walker.shape(*item, value, true));
                        }
                    }
                }
                other => self.wrong("an object", other),
            },
            Shape::Node(kind) => self.node(kind, value),
            Shape::Ref(Kind::Schema) => self.schema_root(value),
            Shape::Ref(kind) => match value.get("$ref") {
                // A path item may carry a reference beside its own members.
                Some(_) => self.reference(kind, value),
                None => self.node(kind, value),
            },
        }
    }

    fn wrong(&mut self, expected: &str, value: &Value) {
        let seen = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.refuse(SpecCode::ShapeType, &format!("{expected} belongs here, not {seen}"));
    }

    fn text(&mut self, value: &Value) {
        match value {
            Value::String(_) => {}
            Value::Number(_) | Value::Bool(_) => {
                let at = self.pointer();
                self.repair(SpecCode::TextFromScalar, &crate::report_text(&value.to_string()), Fix::Text(at));
            }
            other => self.wrong("text", other),
        }
    }

    fn boolean(&mut self, value: &Value) {
        let at = self.pointer();
        match value.as_str() {
            Some("true") => self.repair(
                SpecCode::ShapeType,
                "the text true is read as the boolean",
                Fix::Set(at, Value::Bool(true)),
            ),
            Some("false") => self.repair(
                SpecCode::ShapeType,
                "the text false is read as the boolean",
                Fix::Set(at, Value::Bool(false)),
            ),
            _ => self.wrong("a boolean", value),
        }
    }

    fn node(&mut self, kind: Kind, value: &'v Value) {
        let Value::Object(map) = value else { return self.wrong("an object", value) };
        match kind {
            Kind::Paths => return self.paths(map),
            Kind::Responses => return self.responses(map),
            Kind::Callback => return self.shape(Shape::Map(&Shape::Ref(Kind::PathItem)), value, true),
            Kind::Schema => return self.schema_root(value),
            Kind::Response if !map.contains_key("description") => {
                let fix = Fix::Insert { at: self.pointer(), key: "description".to_owned(), value: json!("") };
                self.repair(SpecCode::DescriptionMissing, "", fix);
            }
            Kind::Parameter => self.parameter(map),
            Kind::Operation => self.operation(map),
            _ => {}
        }
        for (key, value) in map {
            if key.starts_with("x-") {
                continue;
            }
            match kind.fields().iter().find(|field| field.name == key) {
                Some(field) if field.name == "security" => {
                    self.within(Step::Key(key), |walker| walker.security(field.shape, value))
                }
                Some(field) => self.within(Step::Key(key), |walker| walker.shape(field.shape, value, field.required)),
                None => {
                    self.within(Step::Key(key), |walker| walker.note(SpecCode::UnknownField, Severity::Warning, key))
                }
            }
        }
        for field in kind.fields().iter().filter(|field| field.required && !map.contains_key(field.name)) {
            self.refuse(SpecCode::ShapeRequired, field.name);
        }
        if kind == Kind::Root && self.version == Version::V3_0 && !map.contains_key("paths") {
            self.note(SpecCode::ShapeRequired, Severity::Warning, "paths");
        }
    }

    fn responses(&mut self, map: &'v Map<String, Value>) {
        for (status, value) in map.iter().filter(|(status, _)| !status.starts_with("x-")) {
            let class = status.starts_with(|c: char| ('1'..='5').contains(&c));
            let rest = status.get(1..).unwrap_or_default();
            let code = status.len() == 3 && class && (rest == "XX" || rest.bytes().all(|b| b.is_ascii_digit()));
            self.within(Step::Key(status), |walker| {
                if !code && status != "default" {
                    walker.note(
                        SpecCode::ShapeValue,
                        Severity::Warning,
                        &format!("{} is no status", crate::report_text(status)),
                    );
                }
                walker.shape(Shape::Ref(Kind::Response), value, true);
            });
        }
    }

    fn parameter(&mut self, map: &'v Map<String, Value>) {
        if map.get("in").and_then(Value::as_str) == Some("path") && map.get("required") != Some(&Value::Bool(true)) {
            let at = self.pointer();
            let fix = if map.contains_key("required") {
                Fix::Set(pointer::join(&at, "required"), Value::Bool(true))
            } else {
                Fix::Insert { at, key: "required".to_owned(), value: Value::Bool(true) }
            };
            let name = map.get("name").and_then(Value::as_str).unwrap_or_default();
            self.repair(SpecCode::PathParameterRequired, &crate::report_text(name), fix);
        }
    }

    fn operation(&mut self, map: &'v Map<String, Value>) {
        self.operations += 1;
        if self.operations == self.limits.operations + 1 {
            self.refuse(SpecCode::TooManyOperations, &format!("more than {}", self.limits.operations));
        }
        if self.version == Version::V3_0 && !map.contains_key("responses") {
            self.note(SpecCode::ShapeRequired, Severity::Warning, "responses");
        }
        if let Some(id) = map.get("operationId").and_then(Value::as_str) {
            let at = self.pointer();
            if let Some(first) = self.operation_ids.get(id).filter(|first| **first != at).cloned() {
                self.note(
                    SpecCode::OperationIdDuplicate,
                    Severity::Warning,
                    &format!("{} is also at {first}", crate::report_text(id)),
                );
            } else {
                self.operation_ids.insert(id, at);
            }
        }
    }

    fn security(&mut self, shape: Shape, value: &'v Value) {
        self.shape(shape, value, false);
        let defined = self.root.pointer("/components/securitySchemes").and_then(Value::as_object);
        for (i, alternative) in value.as_array().into_iter().flatten().enumerate() {
            for name in alternative.as_object().into_iter().flatten().map(|(name, _)| name) {
                if !defined.is_some_and(|defined| defined.contains_key(name)) {
                    self.within(Step::Item(i), |walker| {
                        walker.note(SpecCode::SecurityUndefined, Severity::Warning, &crate::report_text(name))
                    });
                }
            }
        }
    }

    /// Follows a reference; `Some` is its target's pointer when all is well.
    pub(super) fn target(&mut self, kind: Kind, value: &'v Value) -> Option<String> {
        self.refs += 1;
        if self.refs > self.limits.refs {
            if self.refs == self.limits.refs + 1 {
                self.refuse(SpecCode::RefTooMany, &format!("more than {}", self.limits.refs));
            }
            return None;
        }
        let Some(Value::String(reference)) = value.get("$ref") else {
            self.refuse(SpecCode::RefMalformed, "$ref is not text");
            return None;
        };
        if !reference.starts_with('#') {
            self.refuse(SpecCode::RefExternal, &crate::report_text(reference));
            return None;
        }
        let Some(target) = refs::local(reference) else {
            self.refuse(SpecCode::RefMalformed, &crate::report_text(reference));
            return None;
        };
        if pointer::follow(self.root, &target).is_none() {
            if !self.restores(kind, &target) {
                self.refuse(SpecCode::RefUnresolved, &crate::report_text(reference));
            }
            return None;
        }
        if refs::resolve(self.root, value, "").is_none() {
            let leads = refs_end(self.root, value);
            self.refuse(
                if leads { SpecCode::RefCycle } else { SpecCode::RefUnresolved },
                &crate::report_text(reference),
            );
            return None;
        }
        let section = target.strip_prefix("/components/").and_then(|rest| rest.split_once('/'));
        let at_home = section.is_some_and(|(section, name)| section == kind.section() && !name.contains('/'));
        if !at_home && self.queued.insert((target.clone(), kind)) {
            self.queue.push((target.clone(), kind));
        }
        Some(target)
    }

    fn reference(&mut self, kind: Kind, value: &'v Value) {
        self.target(kind, value);
    }

    /// A path parameter that is referenced but not defined can be told from the template that it stands in.
    fn restores(&mut self, kind: Kind, target: &str) -> bool {
        let Some(name) = target.strip_prefix("/components/parameters/").filter(|_| kind == Kind::Parameter) else {
            return false;
        };
        let variables = self.template.map(crate::operation::variables).unwrap_or_default();
        let Some(variable) = variables.into_iter().find(|variable| variable.eq_ignore_ascii_case(name)) else {
            return false;
        };
        if self.restored.insert(target.to_owned()) {
            let value = json!({ "name": variable, "in": "path", "required": true, "schema": { "type": "string" } });
            self.fixes.push(Fix::Insert { at: "/components/parameters".to_owned(), key: pointer::last(target), value });
            let template = self.template.unwrap_or_default().to_owned();
            self.report(Finding::repaired(
                SpecCode::ParameterRestored,
                self.pointer(),
                &format!("{variable} of {template}"),
            ));
        }
        true
    }

    fn paths(&mut self, map: &'v Map<String, Value>) {
        let mut forms: HashMap<String, &'v str> = HashMap::new();
        for (template, item) in map.iter().filter(|(template, _)| !template.starts_with("x-")) {
            self.within(Step::Key(template), |walker| {
                walker.template = Some(template);
                walker.shape(Shape::Ref(Kind::PathItem), item, true);
                walker.path_rules(template, item);
                if let Some(other) = forms.insert(super::paths::form(template), template) {
                    walker.note(SpecCode::PathConflict, Severity::Warning, &crate::report_text(other));
                }
                walker.template = None;
            });
        }
    }

    /// Operations of a path item, after references, with their pointers.
    pub(super) fn operations_of(&self, item: &'v Value, at: &str) -> Vec<(String, &'v Map<String, Value>)> {
        let Some((Value::Object(item), at)) = refs::resolve(self.root, item, at) else { return Vec::new() };
        let operation = |(member, node): (&'v String, &'v Value)| {
            Method::from_member(member)?;
            Some((pointer::join(&at, member), node.as_object()?))
        };
        item.iter().filter_map(operation).collect()
    }
}

/// Does the chain come back to itself, rather than to nowhere?
fn refs_end(root: &Value, value: &Value) -> bool {
    let mut current = value;
    for _ in 0..128 {
        let Some(next) = refs::reference(current) else { return false };
        match refs::local(next).and_then(|target| pointer::follow(root, &target)) {
            Some(target) => current = target,
            None => return false,
        }
    }
    true
}
