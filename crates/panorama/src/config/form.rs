//! The form of a configuration: TOML, the schema, the types. Whatever has no form is told and taken out, so that the rest can
//! be looked at, too.

use super::{Config, Mistake};
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// Stands in for an address that has no form.
const NOWHERE: &str = "127.0.0.1:0";

/// What could be read, what could not, and the JSON pointers of the latter; those keys have their defaults.
///
/// # Errors
/// When nothing can be read.
pub(super) fn read(text: &str) -> Result<(Config, Vec<Mistake>, Vec<String>), Vec<Mistake>> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or_else(|| "file".to_owned(), |span| position(text, span.start));
        vec![Mistake { at, reason: error.message().to_owned() }]
    })?;
    let single = |reason: String| vec![Mistake { at: "file".to_owned(), reason }];
    let mut json = serde_json::to_value(table).map_err(|error| single(error.to_string()))?;
    let validator = jsonschema::validator_for(&Config::schema()).map_err(|error| single(error.to_string()))?;
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for error in validator.iter_errors(&json) {
        let at = error.instance_path().to_string();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                broken.extend(unexpected.iter().map(|key| format!("{at}/{}", escaped(key))));
            }
            _ => broken.push(at),
        }
        found.push(mistake(&error));
    }
    found.dedup();
    broken.iter().for_each(|pointer| take_out(&mut json, pointer));
    loop {
        // Some things no pattern shows, and types tell them one at a time.
        let error = match serde_path_to_error::deserialize::<_, Config>(json.clone()) {
            Ok(config) => return Ok((config, found, broken)),
            Err(error) => error,
        };
        let pointer: String = error.path().iter().map(|step| format!("/{}", escaped(&step.to_string()))).collect();
        // A table that lacks what was just taken out of it has been told.
        if !broken.iter().any(|told| told.starts_with(&pointer)) {
            found.push(Mistake { at: dotted(&pointer), reason: error.inner().to_string() });
        }
        if json.pointer(&pointer).is_none() || pointer.is_empty() {
            return Err(found);
        }
        take_out(&mut json, &pointer);
        broken.push(pointer);
    }
}

/// TOML has no null, so a key that may be absent needs no second form; without it, mistakes are told where they are.
pub(super) fn without_null(schema: &mut Value) {
    let null = |form: &Value| form == "null" || form.get("type").is_some_and(|kind| kind == "null");
    match schema {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            for forms in ["anyOf", "type"] {
                let Some(Value::Array(all)) = members.get_mut(forms) else { continue };
                all.retain(|form| !null(form));
                if all.len() == 1
                    && let Some(only) = all.pop()
                {
                    members.remove(forms);
                    match only {
                        Value::Object(form) => members.extend(form),
                        kind => drop(members.insert(forms.to_owned(), kind)),
                    }
                }
            }
            members.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

fn mistake(error: &jsonschema::ValidationError<'_>) -> Mistake {
    // Where a choice of forms is wanted, as for every secret, the value itself may be a secret written in the wrong place.
    let choice = matches!(error.kind(), ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. });
    let reason = if choice { error.masked().to_string() } else { error.to_string() };
    Mistake { at: dotted(&error.instance_path().to_string()), reason }
}

/// A JSON pointer as people write a key of TOML.
fn dotted(pointer: &str) -> String {
    let keys: Vec<String> = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~")).collect();
    if keys.is_empty() { "(top level)".to_owned() } else { keys.join(".") }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn take_out(json: &mut Value, pointer: &str) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    match json.pointer_mut(parent) {
        // Nothing collides with a free port, and a table that must have an address keeps its form.
        Some(Value::Object(members)) if key == "listen" => drop(members.insert(key.to_owned(), NOWHERE.into())),
        Some(Value::Object(members)) => drop(members.remove(&key.replace("~1", "/").replace("~0", "~"))),
        // An item that is wrong spoils the list that it is in.
        Some(Value::Array(items)) => items.clear(),
        _ => {}
    }
}

fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{line}:{column}")
}
