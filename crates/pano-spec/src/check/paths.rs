//! Path templates against their parameters.

use super::fix::Fix;
use super::walk::{Step, Walker};
use crate::code::SpecCode;
use crate::operation::variables;
use crate::pointer;
use crate::refs;
use crate::report::{Finding, Severity};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// A template with its variables nameless: two with the same form match the same requests.
pub(super) fn form(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

fn is_balanced(template: &str) -> bool {
    let mut inside = false;
    let mut empty = false;
    for c in template.chars() {
        match (c, inside) {
            ('{', false) => (inside, empty) = (true, true),
            ('}', true) if !empty => inside = false,
            ('{' | '}', _) | ('/', true) => return false,
            _ => empty = false,
        }
    }
    !inside
}

/// The names of a template, later repetitions numbered: `{id}/{id}` gives `id`, `id_2`.
fn renamed(template: &str) -> Option<(String, Vec<(String, String)>)> {
    let names = variables(template);
    let mut taken: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    let mut out = String::new();
    let mut renames = Vec::new();
    let mut rest = template;
    for name in names {
        let (before, after) = rest.split_once('{')?;
        let (_, after) = after.split_once('}')?;
        let mut new = name.to_owned();
        if !seen.insert(name) {
            let mut number = 2;
            while !taken.insert(format!("{name}_{number}")) {
                number += 1;
            }
            new = format!("{name}_{number}");
            renames.push((name.to_owned(), new.clone()));
        }
        out.push_str(before);
        out.push('{');
        out.push_str(&new);
        out.push('}');
        rest = after;
    }
    out.push_str(rest);
    (!renames.is_empty()).then_some((out, renames))
}

struct Listed<'v> {
    name: &'v str,
    location: &'v str,
    node: &'v Value,
}

impl<'v> Walker<'v> {
    /// The rules between a template and the parameters below it. The walk stands at the path item.
    pub(super) fn path_rules(&mut self, template: &'v str, item: &'v Value) {
        if !template.starts_with('/') {
            return self.refuse(SpecCode::PathSlash, &crate::report_text(template));
        }
        if !is_balanced(template) {
            return self.refuse(SpecCode::PathTemplate, &crate::report_text(template));
        }
        let at = self.pointer();
        let resolved = refs::resolve(self.root, item, &at);
        let shared = resolved.as_ref().and_then(|(item, at)| Some((item.as_object()?, at.clone())));
        let shared = shared.map(|(item, at)| self.listed(item, &at, &[])).unwrap_or_default();
        let twice = renamed(template);
        let renames = twice.as_ref().map(|(_, renames)| renames.as_slice()).unwrap_or_default();
        for (at, operation) in self.operations_of(item, &at) {
            let own = self.listed(operation, &at, renames);
            self.variables_defined(template, &at, operation, &shared, &own);
            for (old, new) in renames {
                let model = own.iter().chain(&shared).find(|p| p.location == "path" && p.name == old);
                let mut parameter = model.map_or_else(|| required_text(old), |model| model.node.clone());
                if let Some(map) = parameter.as_object_mut() {
                    map.insert("name".to_owned(), Value::String(new.clone()));
                }
                self.fixes.push(Fix::Append { at: at.clone(), key: "parameters", value: parameter });
            }
        }
        if let Some((new, _)) = twice {
            let fix = Fix::Rename { at: "/paths".to_owned(), old: template.to_owned(), new: new.clone() };
            self.repair(SpecCode::PathVariableTwice, &new, fix);
        }
    }

    /// The parameters of one list; a repetition is dropped (and named, unless the template's own repetition explains it).
    fn listed(&mut self, holder: &'v Map<String, Value>, at: &str, renames: &[(String, String)]) -> Vec<Listed<'v>> {
        let mut found: Vec<Listed<'v>> = Vec::new();
        let Some(list) = holder.get("parameters").and_then(Value::as_array) else { return found };
        for (i, value) in list.iter().enumerate() {
            let place = pointer::join_all(at, &["parameters", &i.to_string()]);
            let Some((node, _)) = refs::resolve(self.root, value, &place) else { continue };
            let member = |member: &str| node.get(member).and_then(Value::as_str);
            let (Some(name), Some(location)) = (member("name"), member("in")) else { continue };
            if found.iter().any(|p| p.name == name && p.location == location) {
                let explained = renames.iter().any(|(old, _)| old == name);
                let detail = if explained { format!("{name}, renamed with its path") } else { name.to_owned() };
                self.report(Finding::repaired(
                    SpecCode::ParameterDuplicate,
                    place.clone(),
                    &crate::report_text(&detail),
                ));
                self.fixes.push(Fix::Remove(place));
                continue;
            }
            found.push(Listed { name, location, node });
        }
        found
    }

    fn variables_defined(
        &mut self,
        template: &str,
        at: &str,
        operation: &'v Map<String, Value>,
        shared: &[Listed<'v>],
        own: &[Listed<'v>],
    ) {
        let names = variables(template);
        let in_path = |p: &&Listed<'v>| p.location == "path";
        for name in names.iter().copied().collect::<HashSet<_>>() {
            let defined = shared.iter().chain(own).filter(in_path).any(|p| p.name == name);
            if !defined && !self.will_be_restored(operation, name) {
                self.report(Finding::repaired(SpecCode::PathVariableUndefined, at, &crate::report_text(name)));
                self.fixes.push(Fix::Append { at: at.to_owned(), key: "parameters", value: required_text(name) });
            }
        }
        for parameter in own.iter().filter(in_path).filter(|p| !names.contains(&p.name)) {
            let finding = Finding::noted(
                SpecCode::PathVariableUnused,
                Severity::Warning,
                at,
                &crate::report_text(parameter.name),
            );
            self.report(finding);
        }
    }

    /// Is there a reference to an undefined parameter of this name? It is restored where it is referenced.
    fn will_be_restored(&self, operation: &'v Map<String, Value>, name: &str) -> bool {
        let on_item = self.path.last().and_then(|step| match step {
            Step::Key(template) => self.root.get("paths")?.get(*template)?.get("parameters")?.as_array(),
            Step::Item(_) => None,
        });
        let own = operation.get("parameters").and_then(Value::as_array);
        own.into_iter().chain(on_item).flatten().filter_map(refs::reference).any(|reference| {
            refs::local(reference).is_some_and(|target| {
                target.starts_with("/components/parameters/") && pointer::last(&target).eq_ignore_ascii_case(name)
            })
        })
    }
}

fn required_text(name: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
}
