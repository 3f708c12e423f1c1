//! How much may come, and money.

use super::{OperationView, Rule, Sink, Subject};
use crate::operation::{Location, Method, is_json};
use crate::pointer;
use crate::report::Severity::{Hint, Warning};
use serde_json::Value;
use std::collections::HashSet;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "request-string-bounded",
        severity: Hint,
        en: "Text in requests is bounded: maxLength, pattern, format or enum",
        zh: "请求中的文本有界：maxLength、pattern、format 或 enum",
        remedy_en: "Add maxLength.",
        remedy_zh: "添加 maxLength。",
        check: |subject, sink| request_schemas(subject, sink, unbounded_text),
    },
    Rule {
        id: "request-array-bounded",
        severity: Hint,
        en: "Lists in requests are bounded: maxItems",
        zh: "请求中的列表有界：maxItems",
        remedy_en: "Add maxItems.",
        remedy_zh: "添加 maxItems。",
        check: |subject, sink| {
            request_schemas(subject, sink, |schema| {
                (has_type(schema, "array") && schema.get("maxItems").is_none()).then_some("no maxItems")
            });
        },
    },
    Rule {
        id: "request-object-shaped",
        severity: Hint,
        en: "Objects in requests name their members",
        zh: "请求中的对象列明成员",
        remedy_en: "Describe properties or additionalProperties.",
        remedy_zh: "描述 properties 或 additionalProperties。",
        check: |subject, sink| {
            let shapes = ["properties", "additionalProperties", "allOf", "oneOf", "anyOf", "patternProperties"];
            request_schemas(subject, sink, |schema| {
                (has_type(schema, "object") && !shapes.iter().any(|key| schema.get(key).is_some()))
                    .then_some("an object of anything")
            });
        },
    },
    Rule {
        id: "parameter-bounded",
        severity: Hint,
        en: "Text parameters are bounded",
        zh: "文本参数有界",
        remedy_en: "Add maxLength, pattern, format or enum.",
        remedy_zh: "添加 maxLength、pattern、format 或 enum。",
        check: |subject, sink| {
            for parameter in subject.operations.iter().flat_map(|view| &view.parameters) {
                let schema =
                    parameter.schema.and_then(|schema| subject.document.resolve(schema, "")).map(|(schema, _)| schema);
                if schema.is_some_and(|schema| unbounded_text(schema).is_some()) {
                    sink.add(parameter.pointer.clone(), parameter.name);
                }
            }
        },
    },
    Rule {
        id: "list-paged",
        severity: Warning,
        en: "Operations that return a list are paged",
        zh: "返回列表的操作支持分页",
        remedy_en: "Add a page, cursor, offset or limit parameter.",
        remedy_zh: "添加 page、cursor、offset 或 limit 参数。",
        check: |subject, sink| subject.each(sink, |view| unpaged(subject, view)),
    },
    Rule {
        id: "money-idempotent",
        severity: Warning,
        en: "A POST that moves money takes an idempotency key",
        zh: "移动资金的 POST 接受幂等键",
        remedy_en: "Add the header Idempotency-Key.",
        remedy_zh: "添加请求头 Idempotency-Key。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let keyed = view.parameters.iter().any(|parameter| {
                    let name = parameter.name.to_ascii_lowercase();
                    parameter.location == Location::Header && (name.contains("idempotency") || name == "x-request-id")
                });
                (moves_money(view) && !keyed).then(|| view.operation.key())
            });
        },
    },
    Rule {
        id: "money-not-float",
        severity: Hint,
        en: "Amounts are decimal text or integers, not floating point",
        zh: "金额采用十进制文本或整数，不用浮点数",
        remedy_en: "Use text with a pattern, or integer minor units.",
        remedy_zh: "采用带 pattern 的文本或最小货币单位整数。",
        check: amounts,
    },
];

fn has_type(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(own)) => own == name,
        Some(Value::Array(list)) => list.iter().any(|own| own == name),
        _ => false,
    }
}

fn unbounded_text(schema: &Value) -> Option<&'static str> {
    // A format bounds only where it is checked: BIAN's `Text` and the like say nothing.
    let checked = schema.get("format").and_then(Value::as_str).is_some_and(|format| {
        matches!(
            format,
            "date" | "date-time" | "time" | "uuid" | "email" | "ipv4" | "ipv6" | "uri" | "hostname" | "duration"
        )
    });
    let bounded = checked || ["maxLength", "pattern", "enum", "const"].iter().any(|key| schema.get(key).is_some());
    (has_type(schema, "string") && !bounded).then_some("unbounded text")
}

/// Every schema that a request body reaches, each once.
fn request_schemas(subject: &Subject<'_>, sink: &mut Sink<'_>, breach: impl Fn(&Value) -> Option<&'static str>) {
    let mut seen: HashSet<String> = HashSet::new();
    let mut queue: Vec<(String, &Value)> = Vec::new();
    for media in subject.operations.iter().flat_map(|view| &view.body).flat_map(|body| &body.media) {
        if let Some(schema) = media.schema.filter(|_| is_json(media.media_type)) {
            queue.push((pointer::join(&media.pointer, "schema"), schema));
        }
    }
    while let Some((at, schema)) = queue.pop() {
        let Some((schema, at)) = subject.document.resolve(schema, &at) else { continue };
        if !seen.insert(at.clone()) {
            continue;
        }
        if let Some(detail) = breach(schema) {
            sink.add(at.clone(), detail);
        }
        for key in ["items", "additionalProperties", "not"] {
            queue.extend(
                schema.get(key).filter(|child| child.is_object()).map(|child| (pointer::join(&at, key), child)),
            );
        }
        for key in ["allOf", "oneOf", "anyOf"] {
            let list = schema.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
            queue.extend(list.map(|(i, child)| (pointer::join_all(&at, &[key, &i.to_string()]), child)));
        }
        let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        queue.extend(members.map(|(name, child)| (pointer::join_all(&at, &["properties", name]), child)));
    }
}

fn unpaged(subject: &Subject<'_>, view: &OperationView<'_>) -> Option<String> {
    let operation = &view.operation;
    if operation.method != Method::Get || operation.path.ends_with('}') || view.bian.is_some() {
        return None;
    }
    let success = view.responses.iter().find(|response| response.status.starts_with('2'))?;
    let schema = success.media.iter().find(|media| is_json(media.media_type))?.schema?;
    if !is_list(subject, schema, 0) {
        return None;
    }
    let words = ["page", "cursor", "offset", "limit", "size", "after", "next"];
    let paged = view.parameters.iter().any(|parameter| {
        let name = parameter.name.to_ascii_lowercase();
        words.iter().any(|word| name.contains(word))
    });
    (!paged).then(|| operation.key())
}

/// A list, or an object around one under a usual name.
fn is_list(subject: &Subject<'_>, schema: &Value, depth: usize) -> bool {
    let Some((schema, _)) = subject.document.resolve(schema, "") else { return false };
    if has_type(schema, "array") {
        return true;
    }
    let wraps =
        |name: &str| ["data", "items", "results", "content", "list"].iter().any(|word| name.eq_ignore_ascii_case(word));
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    depth < 2 && members.filter(|(name, _)| wraps(name)).any(|(_, child)| is_list(subject, child, depth + 1))
}

fn moves_money(view: &OperationView<'_>) -> bool {
    let operation = &view.operation;
    if operation.method != Method::Post {
        return false;
    }
    let path = operation.path.to_ascii_lowercase();
    let words = ["payment", "transfer", "payout", "disbursement", "withdrawal", "refund", "remittance"];
    let about_money = words.iter().any(|word| path.contains(word));
    let only_asks = ["consent", "confirmation", "evaluate", "validate", "quote"].iter().any(|word| path.contains(word));
    about_money && !only_asks && view.bian.as_ref().is_none_or(|bian| !bian.action.reads())
}

fn amounts(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    let schemas = subject.document.at("/components/schemas").and_then(Value::as_object);
    for (name, schema) in schemas.into_iter().flatten() {
        for (member, child) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if member.to_ascii_lowercase().ends_with("amount") && has_type(child, "number") {
                sink.add(pointer::join_all("/components/schemas", &[name, "properties", member]), member);
            }
        }
    }
}
