//! Examples are there, and are true.

use super::{Rule, Sink, Subject};
use crate::contract::{Contracts, Direction, compile};
use crate::operation::{Media, is_json};
use crate::pointer;
use crate::report::Severity::{Hint, Warning};
use serde_json::Value;
use std::collections::HashSet;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "example-present",
        severity: Hint,
        en: "Request bodies and successes have an example",
        zh: "请求体与成功响应有示例",
        remedy_en: "Add an example of real shape to the media type or its schema.",
        remedy_zh: "为媒体类型或其模式添加真实示例。",
        check: |subject, sink| {
            for (_, media) in bodies(subject) {
                let schema =
                    media.schema.and_then(|schema| subject.document.resolve(schema, "")).map(|(schema, _)| schema);
                let in_schema =
                    schema.is_some_and(|schema| schema.get("example").is_some() || schema.get("examples").is_some());
                if media.node.get("example").is_none() && media.node.get("examples").is_none() && !in_schema {
                    sink.add(media.pointer.clone(), media.media_type);
                }
            }
        },
    },
    Rule {
        id: "example-valid",
        severity: Warning,
        en: "Examples satisfy their schema",
        zh: "示例符合其模式",
        remedy_en: "Correct the example or the schema.",
        remedy_zh: "更正示例或模式。",
        check: valid,
    },
    Rule {
        id: "parameter-example-valid",
        severity: Warning,
        en: "Examples of parameters satisfy their schema",
        zh: "参数示例符合其模式",
        remedy_en: "Correct the example or the schema.",
        remedy_zh: "更正示例或模式。",
        check: parameters,
    },
];

/// Media types of request bodies and successes.
fn bodies<'s, 'd>(subject: &'s Subject<'d>) -> impl Iterator<Item = (Direction, &'s Media<'d>)> {
    subject.operations.iter().flat_map(|view| {
        let sent = view.body.iter().flat_map(|body| &body.media).map(|media| (Direction::Request, media));
        let successes = view.responses.iter().filter(|response| response.status.starts_with('2'));
        sent.chain(successes.flat_map(|response| &response.media).map(|media| (Direction::Response, media)))
    })
}

fn valid(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    let mut contracts = Contracts::new(subject.document);
    let mut seen = HashSet::new();
    for (direction, media) in bodies(subject) {
        let Some(schema) = media.schema.filter(|_| is_json(media.media_type)) else { continue };
        if !seen.insert((direction, media.pointer.clone())) {
            continue;
        }
        let mut examples: Vec<(String, &Value)> = Vec::new();
        if let Some(example) = media.node.get("example") {
            examples.push((pointer::join(&media.pointer, "example"), example));
        }
        for (name, example) in media.node.get("examples").and_then(Value::as_object).into_iter().flatten() {
            let at = pointer::join_all(&media.pointer, &["examples", name]);
            if let Some((example, at)) = subject.document.resolve(example, &at) {
                examples.extend(example.get("value").map(|value| (pointer::join(&at, "value"), value)));
            }
        }
        if !examples.is_empty() {
            let text = contracts.schema(direction, schema, &pointer::join(&media.pointer, "schema"));
            tell(&text, examples, sink);
        }
    }
}

fn parameters(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    let mut contracts = Contracts::new(subject.document);
    let mut seen = HashSet::new();
    for parameter in subject.operations.iter().flat_map(|view| &view.parameters) {
        let (Some(schema), Some(example)) = (parameter.schema, parameter.node.get("example")) else { continue };
        if seen.insert(parameter.pointer.as_str()) {
            let text = contracts.schema(Direction::Request, schema, &pointer::join(&parameter.pointer, "schema"));
            tell(&text, vec![(pointer::join(&parameter.pointer, "example"), example)], sink);
        }
    }
}

fn tell(schema: &str, examples: Vec<(String, &Value)>, sink: &mut Sink<'_>) {
    let Ok(validator) = compile(schema) else { return };
    for (at, example) in examples {
        if let Err(error) = validator.validate(example) {
            // The masked form names the keyword and not the value.
            sink.add(at, crate::report_text(&format!("{}: {}", error.instance_path(), error.masked())));
        }
    }
}
