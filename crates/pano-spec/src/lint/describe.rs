//! Words for the reader.

use super::Rule;
use crate::operation::Location;
use crate::pointer;
use crate::report::Severity::{Hint, Warning};
use serde_json::Value;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "info-description",
        severity: Warning,
        en: "The document says what the API is for",
        zh: "文档说明 API 的用途",
        remedy_en: "Write info.description.",
        remedy_zh: "填写 info.description。",
        check: |subject, sink| {
            if subject.document.description().trim().is_empty() {
                sink.add("/info", "no description");
            }
        },
    },
    Rule {
        id: "info-contact",
        severity: Hint,
        en: "The document says whom to ask",
        zh: "文档说明联系方式",
        remedy_en: "Write info.contact.",
        remedy_zh: "填写 info.contact。",
        check: |subject, sink| {
            if subject.document.at("/info/contact").is_none() {
                sink.add("/info", "no contact");
            }
        },
    },
    Rule {
        id: "info-version-form",
        severity: Hint,
        en: "The API's version is a semantic version",
        zh: "API 版本采用语义化版本号",
        remedy_en: "Write major.minor.patch.",
        remedy_zh: "采用 主.次.修订 形式。",
        check: |subject, sink| {
            let version = subject.document.api_version();
            let core = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
            let parts: Vec<&str> = core.split('.').collect();
            let numbers = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
            if parts.len() != 3 || !numbers {
                sink.add("/info/version", crate::report_text(version));
            }
        },
    },
    Rule {
        id: "server-present",
        severity: Hint,
        en: "The document names its servers",
        zh: "文档列出服务器地址",
        remedy_en: "Add servers.",
        remedy_zh: "补充 servers。",
        check: |subject, sink| {
            if subject.document.servers().is_empty() {
                sink.add("", "no servers");
            }
        },
    },
    Rule {
        id: "operation-described",
        severity: Warning,
        en: "Every operation has a summary or description",
        zh: "每个操作有摘要或说明",
        remedy_en: "Say what it does.",
        remedy_zh: "说明其作用。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                (view.operation.summary().is_empty() && view.operation.description().is_empty())
                    .then(|| view.operation.key())
            });
        },
    },
    Rule {
        id: "operation-tagged",
        severity: Hint,
        en: "Every operation has a tag",
        zh: "每个操作有标签",
        remedy_en: "Tag it with its subject.",
        remedy_zh: "以主题为其加标签。",
        check: |subject, sink| {
            subject.each(sink, |view| view.operation.tags().is_empty().then(|| view.operation.key()))
        },
    },
    Rule {
        id: "parameter-described",
        severity: Hint,
        en: "Query and header parameters are described",
        zh: "查询与请求头参数有说明",
        remedy_en: "Say what the parameter does.",
        remedy_zh: "说明参数作用。",
        check: |subject, sink| {
            for parameter in subject.operations.iter().flat_map(|view| &view.parameters) {
                let described = parameter
                    .node
                    .get("description")
                    .and_then(Value::as_str)
                    .is_some_and(|text| !text.trim().is_empty());
                if parameter.location != Location::Path && !described {
                    sink.add(parameter.pointer.clone(), parameter.name);
                }
            }
        },
    },
    Rule {
        id: "response-described",
        severity: Hint,
        en: "Every response is described",
        zh: "每个响应有说明",
        remedy_en: "Say what the response means.",
        remedy_zh: "说明响应含义。",
        check: |subject, sink| {
            for response in subject.operations.iter().flat_map(|view| &view.responses) {
                if response.description.trim().is_empty() {
                    sink.add(response.pointer.clone(), response.status);
                }
            }
        },
    },
    Rule {
        id: "deprecated-sunset",
        severity: Hint,
        en: "A deprecated operation says when it ends (x-sunset, RFC 8594)",
        zh: "弃用的操作说明停用时间（x-sunset，RFC 8594）",
        remedy_en: "Add x-sunset with a date.",
        remedy_zh: "添加带日期的 x-sunset。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let says = view.operation.extensions().any(|(key, _)| key == "x-sunset");
                (view.operation.deprecated() && !says).then(|| view.operation.key())
            });
        },
    },
    Rule {
        id: "component-used",
        severity: Hint,
        en: "Every component schema is referred to",
        zh: "每个组件模式都被引用",
        remedy_en: "Remove what nothing refers to.",
        remedy_zh: "删除未被引用的内容。",
        check: |subject, sink| {
            let mut named = std::collections::HashSet::new();
            references(subject.document.root(), &mut named);
            let schemas = subject.document.at("/components/schemas").and_then(Value::as_object);
            // A document without operations is a library: its schemas are for others.
            for (name, _) in schemas.into_iter().flatten().filter(|_| !subject.operations.is_empty()) {
                let at = pointer::join("/components/schemas", name);
                if !named.contains(&at) {
                    sink.add(at, name);
                }
            }
        },
    },
];

fn references(value: &Value, named: &mut std::collections::HashSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, named)),
        Value::Object(map) => {
            named.extend(map.get("$ref").and_then(Value::as_str).and_then(crate::refs::local));
            map.values().for_each(|value| references(value, named));
        }
        _ => {}
    }
}
