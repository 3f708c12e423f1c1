//! Parameters: found by name and place, undone by style, typed by schema.

use super::{Broken, check_value, reason, validator_of};
use crate::path::decode_value;
use http::HeaderMap;
use jsonschema::Validator;
use pano_snapshot::contract::ParameterContract;
use pano_types::{Code, Localized, Problem};
use serde_json::Value;

/// The parts of a request that parameters come from.
#[derive(Debug)]
pub struct Request<'r> {
    /// Path parameters by name, still encoded.
    pub path: Vec<(&'r str, &'r str)>,
    /// Query without the question mark.
    pub query: &'r str,
    /// Headers.
    pub headers: &'r HeaderMap,
}

#[derive(Debug)]
pub(super) struct Parameter {
    name: Box<str>,
    place: Place,
    required: bool,
    style: Style,
    kinds: Kinds,
    schema: Validator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// How a list is written (OpenAPI 3.1 §4.8.12.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `a,b`
    Comma,
    /// `a b`
    Space,
    /// `a|b`
    Pipe,
    /// `.a.b` or `.a,b`
    Label,
    /// `;name=a;name=b` or `;name=a,b`
    Matrix,
    /// `name=a&name=b`
    Repeated,
    /// Objects: only their presence is checked.
    Object,
    /// A JSON text (a parameter with `content`).
    Json,
}

/// JSON types that a schema allows, with those of its items when it is a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Types {
    string: bool,
    integer: bool,
    number: bool,
    boolean: bool,
    pub(super) array: bool,
    object: bool,
}

/// The types of a value, and of its items when it is a list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kinds {
    pub(super) value: Types,
    pub(super) item: Types,
}

impl Parameter {
    pub(super) fn new(
        unit: &ParameterContract,
        schema_at: &impl Fn(u32) -> Result<Value, Broken>,
    ) -> Result<Self, Broken> {
        let schema = schema_at(unit.schema)?;
        let mut kinds = Kinds::default();
        collect(&schema, &schema, 0, &mut kinds.value, Some(&mut kinds.item));
        let place = match unit.location.as_str() {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            other => return Err(Broken(format!("{other} is no place for a parameter"))),
        };
        let style = match (unit.style.as_str(), unit.explode) {
            (pano_snapshot::contract::JSON_STYLE, _) => Style::Json,
            ("deepObject", _) => Style::Object,
            _ if kinds.value.object && !kinds.value.array => Style::Object,
            ("spaceDelimited", false) => Style::Space,
            ("pipeDelimited", false) => Style::Pipe,
            ("label", _) => Style::Label,
            ("matrix", _) => Style::Matrix,
            ("form" | "spaceDelimited" | "pipeDelimited", true) => Style::Repeated,
            _ => Style::Comma,
        };
        Ok(Self {
            name: unit.name.as_str().into(),
            place,
            required: unit.required,
            style,
            kinds,
            schema: validator_of(&schema)?,
        })
    }

    /// Adds this parameter's mistakes to `problem`.
    pub(super) fn check(&self, request: &Request<'_>, problem: &mut Problem) {
        let found = match self.find(request) {
            Some(found) => found,
            None => {
                let reason = ("is not text in UTF-8 with correct percent-encoding", "不是百分号编码正确的 UTF-8 文本");
                problem.errors.extend(Problem::new(Code::BodyInvalid).error(&*self.name, reason).errors);
                return;
            }
        };
        if found.is_empty() {
            if self.required && !(self.style == Style::Object && self.place == Place::Query) {
                problem
                    .errors
                    .extend(Problem::new(Code::BodyInvalid).error(&*self.name, ("is required", "缺少该参数")).errors);
            }
            return;
        }
        if self.style == Style::Object {
            return;
        }
        let value = match self.style {
            Style::Json => match json(&found) {
                Ok(value) => value,
                Err(reason) => {
                    problem.errors.extend(Problem::new(Code::BodyInvalid).error(&*self.name, reason).errors);
                    return;
                }
            },
            _ => self.typed(&found),
        };
        if let Err(wrong) = check_value(&self.schema, &value, &self.name) {
            problem.errors.extend(wrong.errors);
        }
    }

    /// Its values, decoded; `None` when they cannot be.
    fn find(&self, request: &Request<'_>) -> Option<Vec<String>> {
        let name = &*self.name;
        match self.place {
            Place::Path => {
                let values = request.path.iter().filter(|(n, _)| *n == name);
                values.map(|(_, v)| decode_value(v, false)).collect()
            }
            Place::Query => {
                let mut values = Vec::new();
                for pair in request.query.split('&').filter(|p| !p.is_empty()) {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    if key == name || decode_value(key, true).as_deref() == Some(name) {
                        values.push(decode_value(value, true)?);
                    }
                }
                Some(values)
            }
            Place::Header => request.headers.get_all(name).iter().map(|v| v.to_str().ok().map(str::to_owned)).collect(),
            Place::Cookie => {
                let mut values = Vec::new();
                for header in request.headers.get_all(http::header::COOKIE) {
                    for pair in header.to_str().ok()?.split(';') {
                        if let Some((key, value)) = pair.trim().split_once('=')
                            && key == name
                        {
                            // JSON has characters that no cookie may hold as they are.
                            values.push(match self.style {
                                Style::Json => decode_value(value, false)?,
                                _ => value.to_owned(),
                            });
                        }
                    }
                }
                Some(values)
            }
        }
    }

    fn typed(&self, found: &[String]) -> Value {
        let first = found.first().map(String::as_str).unwrap_or_default();
        if !self.kinds.value.array {
            // A value sent twice is no single value; as a list it fails every schema that does not allow one.
            return match found {
                [_] => self.kinds.value.read(self.bare(first)),
                _ => Value::Array(found.iter().map(|v| self.kinds.value.read(v)).collect()),
            };
        }
        let item = |text: &str| self.kinds.item.read(text);
        let items = match self.style {
            Style::Repeated => found.iter().map(|v| item(v)).collect(),
            Style::Space => first.split(' ').map(item).collect(),
            Style::Pipe => first.split('|').map(item).collect(),
            Style::Label => self.bare(first).split(['.', ',']).map(item).collect(),
            Style::Matrix => {
                let prefix = format!("{}=", self.name);
                let parts = first.split([';', ',']).filter(|p| !p.is_empty());
                parts.map(|p| item(p.strip_prefix(&prefix).unwrap_or(p))).collect()
            }
            Style::Comma | Style::Object | Style::Json => {
                found.iter().flat_map(|v| v.split(',')).map(|v| item(v.trim())).collect()
            }
        };
        Value::Array(items)
    }

    /// The value without what its style puts before it.
    fn bare<'v>(&self, text: &'v str) -> &'v str {
        match self.style {
            Style::Label => text.strip_prefix('.').unwrap_or(text),
            Style::Matrix => text
                .strip_prefix(';')
                .and_then(|t| t.strip_prefix(&*self.name))
                .and_then(|t| t.strip_prefix('='))
                .unwrap_or(text),
            Style::Comma | Style::Space | Style::Pipe | Style::Repeated | Style::Object | Style::Json => text,
        }
    }
}

/// The one JSON text that was sent.
fn json(found: &[String]) -> Result<Value, Localized> {
    match found {
        [text] => serde_json::from_str(text).map_err(|error| reason::not_json(&error)),
        _ => Err(("is sent more than once", "发送了多次").into()),
    }
}

impl Types {
    /// `text` as the narrowest of these types that it can be.
    pub(super) fn read(self, text: &str) -> Value {
        if self.boolean && (text == "true" || text == "false") {
            return Value::Bool(text == "true");
        }
        if (self.integer || self.number)
            && let Ok(number @ Value::Number(_)) = serde_json::from_str::<Value>(text)
        {
            return number;
        }
        if self.object
            && let Ok(object @ Value::Object(_)) = serde_json::from_str::<Value>(text)
        {
            return object;
        }
        Value::String(text.to_owned())
    }

    fn add(&mut self, name: &str) {
        match name {
            "string" => self.string = true,
            "integer" => self.integer = true,
            "number" => self.number = true,
            "boolean" => self.boolean = true,
            "array" => self.array = true,
            "object" => self.object = true,
            _ => {}
        }
    }
}

/// Collects the types that `schema` speaks of, through references inside of `root` and combinations.
pub(super) fn collect(root: &Value, schema: &Value, depth: usize, types: &mut Types, mut items: Option<&mut Types>) {
    if depth > 8 {
        return;
    }
    match schema.get("type") {
        Some(Value::String(name)) => types.add(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).for_each(|n| types.add(n)),
        _ => {}
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        for value in values {
            match value {
                Value::Bool(_) => types.boolean = true,
                Value::Number(_) => types.number = true,
                _ => {}
            }
        }
    }
    if let (Some(item), Some(items)) = (schema.get("items"), items.as_deref_mut()) {
        collect(root, item, depth + 1, items, None);
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str)
        && let Some(pointer) = target.strip_prefix('#')
        && let Some(found) = root.pointer(pointer)
    {
        collect(root, found, depth + 1, types, items.as_deref_mut());
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        for part in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            collect(root, part, depth + 1, types, items.as_deref_mut());
        }
    }
}
