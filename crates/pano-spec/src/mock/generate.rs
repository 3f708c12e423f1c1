//! A value from a schema. What cannot be made is left out where it is optional; the caller validates what comes out.

use super::merge::{self, Flat};
use super::pattern;
use serde_json::{Map, Number, Value, json};

/// A small deterministic generator (SplitMix64): the seed comes from the request, never from the machine.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Below `bound`; 0 when that is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = (bound as u64).max(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }
}

/// Values after which only required members are made, so that a web of types stays an answer of readable size.
const BUDGET: usize = 300;
/// The same, for nesting.
const DEPTH: usize = 8;
/// Nesting beyond which nothing is made: a cycle through required members.
const DEPTH_MAX: usize = 40;

pub(super) struct Generator<'s> {
    root: &'s Value,
    dice: Dice,
    examples: bool,
    optional: bool,
    made: usize,
    depth: usize,
    /// Definitions being made, outermost first.
    active: Vec<String>,
}

impl<'s> Generator<'s> {
    pub(super) fn new(root: &'s Value, seed: u64, examples: bool, optional: bool) -> Self {
        Self { root, dice: Dice(seed), examples, optional, made: 0, depth: 0, active: Vec::new() }
    }

    /// A value for the whole schema.
    pub(super) fn value(&mut self) -> Option<Value> {
        self.make(self.root)
    }

    fn make(&mut self, schema: &Value) -> Option<Value> {
        if self.depth >= DEPTH_MAX || self.made > 20 * BUDGET {
            return None;
        }
        let mut flat = merge::flatten(self.root, schema)?;
        if !self.enters(&flat.entered) {
            return None;
        }
        self.made += 1;
        self.depth += 1;
        let mark = self.active.len();
        self.active.append(&mut flat.entered);
        let value = self.chosen(flat);
        self.active.truncate(mark);
        self.depth -= 1;
        value
    }

    /// A definition within itself is made once more at most, and only near the surface.
    fn enters(&self, entered: &[String]) -> bool {
        let again = |name: &String| self.active.iter().any(|active| active == name);
        !entered.iter().any(again)
            || (self.depth <= 2 && !self.active.is_empty() && entered.len() == 1 && self.made < 8)
    }

    /// Chooses one of each list of alternatives; tries the others when the first cannot be made.
    fn chosen(&mut self, mut flat: Flat) -> Option<Value> {
        let Some(choices) = flat.choices.pop() else { return self.plain(&flat) };
        let start = self.dice.below(choices.len());
        let mut fallback = None;
        for offset in 0..choices.len() {
            let Some(choice) = choices.get((start + offset) % choices.len()) else { continue };
            let mut with = flat.clone();
            let mark = self.active.len();
            if merge::fold(self.root, choice, &mut with, 0).is_none() || !self.enters(&with.entered) {
                continue;
            }
            self.active.append(&mut with.entered);
            let value = self.chosen(with);
            self.active.truncate(mark);
            match value {
                // Null is an answer, but a poor one.
                Some(Value::Null) => fallback = Some(Value::Null),
                Some(value) => return Some(value),
                None => {}
            }
        }
        fallback
    }

    fn plain(&mut self, flat: &Flat) -> Option<Value> {
        let keywords = &flat.keywords;
        if let Some(value) = keywords.get("const") {
            return Some(value.clone());
        }
        if let Some(values) = keywords.get("enum").and_then(Value::as_array) {
            let types = keywords.get("type").map(merge::names);
            let fits = |value: &&Value| types.as_ref().is_none_or(|types| types.iter().any(|name| is_of(value, name)));
            let mut fitting: Vec<&Value> = values.iter().filter(fits).collect();
            if fitting.len() > 1 {
                fitting.retain(|value| !value.is_null());
            }
            return fitting.get(self.dice.below(fitting.len())).map(|value| (*value).clone());
        }
        let name = kind(keywords);
        if self.examples && !matches!(name, "object" | "array") {
            let example = keywords.get("examples").and_then(Value::as_array).and_then(|list| list.first());
            if let Some(example) = example.or_else(|| keywords.get("default")).filter(|example| is_of(example, name)) {
                return Some(example.clone());
            }
        }
        match name {
            "null" => Some(Value::Null),
            "boolean" => Some(Value::Bool(self.dice.below(2) == 0)),
            "integer" => self.number(keywords, true),
            "number" => self.number(keywords, false),
            "array" => self.array(keywords),
            "object" => self.object(flat),
            _ => self.text(keywords),
        }
    }

    fn object(&mut self, flat: &Flat) -> Option<Value> {
        let keywords = &flat.keywords;
        let required: Vec<&str> = keywords
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let allows = |name: &str| flat.allowed.as_ref().is_none_or(|allowed| allowed.contains(name));
        let empty = Map::new();
        let properties = keywords.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let additional = keywords.get("additionalProperties").unwrap_or(&Value::Bool(true));
        let most = size(keywords, "maxProperties", usize::MAX);
        let mut out = Map::new();
        for (name, schema) in properties {
            let needed = required.contains(&name.as_str());
            let wanted =
                self.optional && self.made < BUDGET && self.depth <= DEPTH && out.len() + required.len() < most;
            let secret = schema.get("writeOnly") == Some(&Value::Bool(true));
            if !needed && (!wanted || secret || !allows(name)) {
                continue;
            }
            match self.make(schema) {
                Some(value) => drop(out.insert(name.clone(), value)),
                None if needed => return None,
                None => {}
            }
        }
        for name in required {
            if !out.contains_key(name) {
                let value = self.make(additional)?;
                out.insert(name.to_owned(), value);
            }
        }
        let least = size(keywords, "minProperties", 0);
        let mut number = 0;
        while out.len() < least && number < 1000 {
            number += 1;
            let value = self.make(additional)?;
            out.insert(format!("member{number}"), value);
        }
        Some(Value::Object(out))
    }

    fn array(&mut self, keywords: &Map<String, Value>) -> Option<Value> {
        let least = size(keywords, "minItems", 0);
        let most = size(keywords, "maxItems", usize::MAX);
        if least > 1000 {
            return None;
        }
        let wanted =
            if self.made < BUDGET && self.depth <= DEPTH && self.optional { 1 + self.dice.below(2) } else { 0 };
        let wanted = wanted.max(least).min(most);
        let distinct = keywords.get("uniqueItems") == Some(&Value::Bool(true));
        let prefix = keywords.get("prefixItems").and_then(Value::as_array);
        let any = Value::Bool(true);
        let mut items: Vec<Value> = Vec::new();
        let mut tries = 0;
        while items.len() < wanted && tries < wanted * 8 {
            tries += 1;
            let schema =
                prefix.and_then(|prefix| prefix.get(items.len())).or_else(|| keywords.get("items")).unwrap_or(&any);
            let examples = self.examples;
            self.examples = examples && (!distinct || items.is_empty());
            let item = self.make(schema);
            self.examples = examples;
            match item {
                Some(item) if distinct && items.contains(&item) => {}
                Some(item) => items.push(item),
                None => break,
            }
        }
        (items.len() >= least).then_some(Value::Array(items))
    }

    fn number(&mut self, keywords: &Map<String, Value>, whole: bool) -> Option<Value> {
        let bound = |key: &str| keywords.get(key).and_then(Value::as_f64);
        let step = bound("multipleOf").unwrap_or(if whole { 1.0 } else { 0.01 });
        let step = if whole && step.fract() != 0.0 { 1.0 } else { step };
        let low = bound("minimum").or_else(|| bound("exclusiveMinimum"));
        let high = bound("maximum").or_else(|| bound("exclusiveMaximum"));
        let (low, high) = match (low, high) {
            (Some(low), Some(high)) => (low, high),
            (Some(low), None) => (low, low + 1000.0 * step.max(1.0)),
            (None, Some(high)) => {
                ((high - 1000.0 * step.max(1.0)).max(if high > 0.0 { 0.0 } else { f64::NEG_INFINITY }), high)
            }
            (None, None) => (1.0, 1000.0),
        };
        let mut first = (low / step).ceil();
        let mut last = (high / step).floor();
        if bound("exclusiveMinimum").is_some_and(|bound| first * step <= bound) {
            first += 1.0;
        }
        if bound("exclusiveMaximum").is_some_and(|bound| last * step >= bound) {
            last -= 1.0;
        }
        if last < first {
            return (!whole && low <= high).then(|| Number::from_f64((low + high) / 2.0).map(Value::Number)).flatten();
        }
        let span = (last - first).min(100_000.0) as usize;
        let steps = first + self.dice.below(span + 1) as f64;
        let value = steps * step;
        if whole || value.fract() == 0.0 {
            return Some(json!(value as i64));
        }
        // Written with the digits of the step: 0.07, not 0.07000000000000001.
        format!("{value:.8}").parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
    }

    fn text(&mut self, keywords: &Map<String, Value>) -> Option<Value> {
        let least = size(keywords, "minLength", 0);
        let most = size(keywords, "maxLength", usize::MAX);
        if least > 100_000 {
            return None;
        }
        let fits = |text: &str| (least..=most).contains(&text.chars().count());
        let formatted = keywords.get("format").and_then(Value::as_str).and_then(|format| self.format(format));
        let wanted = keywords.get("pattern").and_then(Value::as_str);
        if let Some(pattern) = wanted {
            let matches = |text: &String| regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
            if let Some(text) = formatted.as_ref().filter(|text| matches(text) && fits(text)) {
                return Some(Value::String(text.clone()));
            }
            for stretch in [2, 0, 1, 4, 8, 16, 32, 64, 128, 256] {
                let made = pattern::text(pattern, &mut self.dice, stretch);
                if let Some(text) = made.filter(|text| fits(text) && matches(text)) {
                    return Some(Value::String(text));
                }
            }
        }
        if let Some(text) = formatted.filter(|text| fits(text)) {
            return Some(Value::String(text));
        }
        let mut text = format!("text {}", 1000 + self.dice.below(9000));
        while text.len() < least {
            text.push('x');
        }
        Some(Value::String(text.chars().take(most).collect()))
    }

    fn format(&mut self, format: &str) -> Option<String> {
        let day = 1 + self.dice.below(28);
        let month = 1 + self.dice.below(12);
        let number = 1 + self.dice.below(250);
        Some(match format {
            "date" => format!("2026-{month:02}-{day:02}"),
            "date-time" => {
                format!("2026-{month:02}-{day:02}T{:02}:{:02}:00Z", self.dice.below(24), self.dice.below(60))
            }
            "time" => format!("{:02}:{:02}:00Z", self.dice.below(24), self.dice.below(60)),
            "duration" => format!("P{day}D"),
            "email" | "idn-email" => format!("customer{number}@example.com"),
            "hostname" | "idn-hostname" => format!("host{number}.example.com"),
            "ipv4" => format!("192.0.2.{number}"),
            "ipv6" => format!("2001:db8::{number:x}"),
            "uri" | "iri" | "uri-reference" | "iri-reference" | "uri-template" => {
                format!("https://example.com/{number}")
            }
            "uuid" => self.uuid(),
            "json-pointer" => format!("/member/{number}"),
            "relative-json-pointer" => format!("{day}"),
            "regex" => "^[a-z]+$".to_owned(),
            _ => return None,
        })
    }

    /// Version 4 in form (RFC 9562 §5.4).
    fn uuid(&mut self) -> String {
        let (high, low) = (self.dice.next(), self.dice.next());
        let (third, fourth) = (high & 0x0fff | 0x4000, low >> 48 & 0x3fff | 0x8000);
        format!(
            "{:08x}-{:04x}-{third:04x}-{fourth:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            low & 0xffff_ffff_ffff
        )
    }
}

fn size(keywords: &Map<String, Value>, key: &str, otherwise: usize) -> usize {
    keywords.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(otherwise)
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => value.is_string(),
    }
}

/// The type to make: the first that is not null, or what the other keywords speak of.
fn kind(keywords: &Map<String, Value>) -> &str {
    if let Some(types) = keywords.get("type") {
        let names = merge::names(types);
        return names.iter().find(|name| **name != "null").or(names.first()).copied().unwrap_or("string");
    }
    let has = |keys: &[&str]| keys.iter().any(|key| keywords.contains_key(*key));
    if has(&["properties", "required", "additionalProperties", "minProperties"]) {
        "object"
    } else if has(&["items", "prefixItems", "minItems"]) {
        "array"
    } else if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"]) {
        "number"
    } else {
        "string"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::compile_value;
    use proptest::prelude::*;

    fn schemas() -> Vec<Value> {
        vec![
            json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
            json!({"type": "string", "pattern": "^(Mon|Tue), \\d{2} [A-Z][a-z]+$", "minLength": 8}),
            json!({"type": "string", "pattern": "^\\w{0,4}$"}),
            json!({"type": "string", "pattern": "[\\w\\W\\s]*", "minLength": 7, "maxLength": 9}),
            json!({"type": "string", "format": "date-time", "pattern": "^(\\d{4})-(1[0-2]|0?[1-9])-(3[01]|[12][0-9]|0?[1-9])T(?:[01]\\d|2[0123]):(?:[012345]\\d):(?:[012345]\\d)Z$"}),
            json!({"type": "string", "format": "uuid"}),
            json!({"type": "string", "minLength": 40, "maxLength": 40}),
            json!({"type": "integer", "minimum": 5, "exclusiveMaximum": 7}),
            json!({"type": "number", "multipleOf": 0.01, "minimum": 0.07, "maximum": 0.07}),
            json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.001}),
            json!({"type": "integer", "multipleOf": 7, "minimum": 100}),
            json!({"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 3, "uniqueItems": true}),
            json!({"type": ["null", "boolean"]}),
            json!({"oneOf": [{"$ref": "#/$defs/N"}, {"type": "integer"}], "$defs": {"N": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/N"}}}}}),
            json!({"$ref": "#/$defs/T", "$defs": {"T": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/T"}}, "up": {"$ref": "#/$defs/T"}}}}}),
            json!({"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}, {"properties": {"b": {"type": "string"}, "a": {"maxLength": 2}}}]}),
            json!({"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}}),
            json!({"anyOf": [false, {"type": "string", "maxLength": 0}]}),
        ]
    }

    proptest! {
        #[test]
        fn what_is_made_is_valid(seed in any::<u64>()) {
            for schema in schemas() {
                let value = Generator::new(&schema, seed, true, true).value();
                let value = value.ok_or_else(|| TestCaseError::fail(format!("nothing for {schema}")))?;
                prop_assert!(compile_value(&schema).unwrap().is_valid(&value), "{value} for {schema}");
                prop_assert_eq!(Generator::new(&schema, seed, true, true).value(), Some(value));
            }
        }
    }

    #[test]
    fn the_impossible_is_not_made() {
        for schema in [
            json!(false),
            json!({"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/N"}}}}}),
            json!({"allOf": [{"type": "string"}, {"type": "integer"}]}),
        ] {
            assert_eq!(Generator::new(&schema, 1, true, true).value(), None, "{schema}");
        }
    }
}
