//! Requests that an operation must refuse, made from a good one and what the document forbids.

use super::documents::{Operation, refusals};
use super::stage::Request;
use serde_json::{Value, json};

/// What nothing is called: a path that names it leads nowhere, also where its form is free.
const NOBODY: &str = "nobody%20here";

/// Each with what is wrong about it. Never none: without a token nobody is served.
pub(crate) fn requests(operation: &Operation, good: &Request) -> Vec<(String, Request)> {
    let mut wrong = vec![("no token".to_owned(), Request { token: None, ..good.clone() })];
    for variable in &operation.variables {
        let path = operation.path.replace(&format!("{{{variable}}}"), NOBODY);
        wrong.push((format!("no such {variable}"), Request { path: good.fill(&path), ..good.clone() }));
    }
    for (name, schema) in &operation.query {
        if refusals(schema, &json!("~")).next().is_some() {
            wrong.push((format!("{name} is odd"), Request { query: format!("{name}=~"), ..good.clone() }));
        }
    }
    if operation.keyed {
        wrong.push(("no key".to_owned(), Request { key: None, ..good.clone() }));
    }
    let Some(body) = &operation.body else { return wrong };
    let media = Some("application/x-unheard-of".to_owned());
    wrong.push(("an unknown media type".to_owned(), Request { media, ..good.clone() }));
    let of = |bytes: String| Request { body: Some(bytes), ..good.clone() };
    wrong.push(("no body".to_owned(), Request { body: None, ..good.clone() }));
    wrong.push(("a body cut off".to_owned(), of("{\"<".to_owned())));
    let before = wrong.len();
    let sent: Value = serde_json::from_str(good.body.as_deref().unwrap_or_default()).unwrap_or(Value::Null);
    for (why, bent) in bodies(&sent) {
        if refusals(&body.schema, &bent).next().is_some() {
            wrong.push((why, of(bent.to_string())));
        }
    }
    assert!(!sent.is_object() || wrong.len() > before, "{}: its schema takes anything", operation.path);
    wrong
}

/// The body without a member, with one of another type, with one too many, and none at all.
fn bodies(sent: &Value) -> Vec<(String, Value)> {
    let Some(members) = sent.as_object() else { return Vec::new() };
    let mut bent = vec![("a list".to_owned(), json!([sent]))];
    for (name, value) in members {
        let mut without = sent.clone();
        without.as_object_mut().unwrap().remove(name);
        bent.push((format!("without {name}"), without));
        let other = if value.is_string() { json!(7) } else { json!("seven") };
        for (what, other) in [("another type", other), ("null", Value::Null), ("a list", json!([[]]))] {
            let mut with = sent.clone();
            with[name] = other;
            bent.push((format!("{name} is {what}"), with));
        }
    }
    let mut more = sent.clone();
    more["unheardOf"] = json!(1);
    bent.push(("an unknown member".to_owned(), more));
    bent
}
