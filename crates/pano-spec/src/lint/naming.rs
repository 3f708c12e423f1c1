//! Names and paths.

use super::{OperationView, Rule, Sink, Subject};
use crate::pointer;
use crate::report::Severity::{Error, Hint, Warning};
use std::collections::HashMap;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "operation-id-present",
        severity: Warning,
        en: "Every operation has an operationId",
        zh: "每个操作都有 operationId",
        remedy_en: "Give it one; clients and permissions are named after it.",
        remedy_zh: "补充 operationId；客户端与权限以其命名。",
        check: |subject, sink| {
            subject.each(sink, |view| view.operation.operation_id().is_none().then(|| view.operation.key()))
        },
    },
    Rule {
        id: "operation-id-unique",
        severity: Error,
        en: "operationIds are unique",
        zh: "operationId 不重复",
        remedy_en: "Rename one of them.",
        remedy_zh: "修改其中之一。",
        check: id_unique,
    },
    Rule {
        id: "operation-id-form",
        severity: Hint,
        en: "operationIds hold letters, digits, - and _ only",
        zh: "operationId 仅含字母、数字、- 与 _",
        remedy_en: "Leave other characters out.",
        remedy_zh: "去除其他字符。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let id = view.operation.operation_id()?;
                let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                (!id.chars().all(fits)).then(|| crate::report_text(id))
            });
        },
    },
    Rule {
        id: "path-case",
        severity: Hint,
        en: "Path segments are kebab-case, camelCase or PascalCase, one of them throughout",
        zh: "路径段统一采用 kebab-case、camelCase 或 PascalCase",
        remedy_en: "Write all segments the same way.",
        remedy_zh: "统一各路径段的写法。",
        check: path_case,
    },
    Rule {
        id: "path-no-verb",
        severity: Warning,
        en: "Paths name things, methods say what is done (BIAN's action terms aside)",
        zh: "路径表示资源，动作由方法表达（BIAN 动作词除外）",
        remedy_en: "Drop the verb from the path.",
        remedy_zh: "去除路径中的动词。",
        check: |subject, sink| subject.each(sink, verb),
    },
    Rule {
        id: "path-no-trailing-slash",
        severity: Warning,
        en: "Paths do not end with a slash",
        zh: "路径不以斜杠结尾",
        remedy_en: "Drop the slash.",
        remedy_zh: "去除结尾斜杠。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                (view.operation.path.len() > 1 && view.operation.path.ends_with('/'))
                    .then(|| view.operation.path.to_owned())
            });
        },
    },
    Rule {
        id: "path-no-query",
        severity: Error,
        en: "Paths hold no query and no fragment",
        zh: "路径不含查询串与片段",
        remedy_en: "Describe query parameters as parameters.",
        remedy_zh: "以 parameters 描述查询参数。",
        check: |subject, sink| {
            subject.each(sink, |view| view.operation.path.contains(['?', '#']).then(|| view.operation.path.to_owned()))
        },
    },
    Rule {
        id: "path-no-empty-segment",
        severity: Error,
        en: "Paths hold no empty or dotted segment",
        zh: "路径不含空段或点段",
        remedy_en: "Such paths are changed on the way; write them without.",
        remedy_zh: "此类路径在传输中会被改写，请去除。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let path = view.operation.path;
                (path.contains("//") || path.split('/').any(|segment| segment == "." || segment == ".."))
                    .then(|| path.to_owned())
            });
        },
    },
    Rule {
        id: "parameter-name-form",
        severity: Hint,
        en: "Parameter names hold letters, digits and - _ . [ ] only",
        zh: "参数名仅含字母、数字及 - _ . [ ]",
        remedy_en: "Leave other characters out.",
        remedy_zh: "去除其他字符。",
        check: |subject, sink| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.[]".contains(c);
            for parameter in subject.operations.iter().flat_map(|view| &view.parameters) {
                if !parameter.name.chars().all(fits) {
                    sink.add(parameter.pointer.clone(), crate::report_text(parameter.name));
                }
            }
        },
    },
];

fn id_unique(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    let mut first: HashMap<&str, String> = HashMap::new();
    for view in &subject.operations {
        let Some(id) = view.operation.operation_id() else { continue };
        match first.get(id) {
            Some(other) => {
                sink.add(pointer::join(&view.operation.pointer, "operationId"), format!("{id} is also {other}"))
            }
            None => drop(first.insert(id, view.operation.key())),
        }
    }
}

#[derive(PartialEq, Eq, Clone, Copy, Debug)]
enum Case {
    Kebab,
    Camel,
    Pascal,
    Other,
}

fn case(segment: &str) -> Option<Case> {
    let lower = !segment.chars().any(|c| c.is_ascii_uppercase());
    let word = segment.chars().all(|c| c.is_ascii_alphanumeric());
    let first_upper = segment.starts_with(|c: char| c.is_ascii_uppercase());
    match (lower, word) {
        // One lower-case word fits kebab and camel alike.
        (true, true) => None,
        (true, false) if segment.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') => {
            Some(Case::Kebab)
        }
        (false, true) if first_upper => Some(Case::Pascal),
        (false, true) => Some(Case::Camel),
        _ => Some(Case::Other),
    }
}

fn path_case(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    let mut counts: HashMap<&'static str, usize> = HashMap::new();
    let name = |case: Case| match case {
        Case::Kebab => "kebab-case",
        Case::Camel => "camelCase",
        Case::Pascal => "PascalCase",
        Case::Other => "mixed",
    };
    let plain = |path: &str| {
        path.split('/').filter(|s| !s.is_empty() && !s.contains('{')).map(str::to_owned).collect::<Vec<_>>()
    };
    for view in &subject.operations {
        for case in
            plain(view.operation.path).iter().filter_map(|segment| case(segment)).filter(|case| *case != Case::Other)
        {
            *counts.entry(name(case)).or_default() += 1;
        }
    }
    let usual = counts.into_iter().max_by_key(|(name, count)| (*count, *name)).map(|(name, _)| name);
    for view in &subject.operations {
        for segment in plain(view.operation.path) {
            if let Some(case) = case(&segment).filter(|case| Some(name(*case)) != usual) {
                sink.add(pointer::join("/paths", view.operation.path), format!("{segment} is {}", name(case)));
            }
        }
    }
}

const VERBS: [&str; 14] = [
    "get", "create", "update", "delete", "remove", "list", "fetch", "retrieve", "post", "put", "add", "set", "query",
    "modify",
];

fn verb(view: &OperationView<'_>) -> Option<String> {
    if view.bian.is_some() {
        return None;
    }
    let begins = |segment: &str, verb: &str| {
        let head = segment.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb));
        head && segment.get(verb.len()..).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['-', '_']) || rest.starts_with(|c: char| c.is_ascii_uppercase())
        })
    };
    let segment = view.operation.path.split('/').find(|segment| VERBS.iter().any(|verb| begins(segment, verb)))?;
    Some(segment.to_owned())
}
