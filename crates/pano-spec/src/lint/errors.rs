//! What happens when something goes wrong.

use super::{OperationView, Rule};
use crate::operation::{Method, is_json};
use crate::report::Severity::{Hint, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "response-success",
        severity: Warning,
        en: "Every operation describes a success",
        zh: "每个操作都描述成功响应",
        remedy_en: "Describe a 2xx or 3xx response.",
        remedy_zh: "描述 2xx 或 3xx 响应。",
        check: |subject, sink| subject.each(sink, |view| lacks(view, &["2", "3", "d"])),
    },
    Rule {
        id: "response-client-error",
        severity: Warning,
        en: "Every operation describes the caller's errors",
        zh: "每个操作都描述客户端错误",
        remedy_en: "Describe 4xx responses or a default.",
        remedy_zh: "描述 4xx 或 default 响应。",
        check: |subject, sink| subject.each(sink, |view| lacks(view, &["4", "d"])),
    },
    Rule {
        id: "response-server-error",
        severity: Hint,
        en: "Every operation describes the bank's errors",
        zh: "每个操作都描述服务端错误",
        remedy_en: "Describe 5xx responses or a default.",
        remedy_zh: "描述 5xx 或 default 响应。",
        check: |subject, sink| subject.each(sink, |view| lacks(view, &["5", "d"])),
    },
    Rule {
        id: "response-unauthorized",
        severity: Hint,
        en: "Operations that need security describe 401",
        zh: "需要认证的操作描述 401",
        remedy_en: "Describe the 401 response.",
        remedy_zh: "描述 401 响应。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let secured = view
                    .operation
                    .security()
                    .is_some_and(|list| list.iter().any(|alternative| !alternative.is_empty()));
                if secured { lacks(view, &["401", "4XX", "d"]) } else { None }
            });
        },
    },
    Rule {
        id: "response-too-many",
        severity: Hint,
        en: "Operations describe 429: the gateway limits every caller",
        zh: "操作描述 429：网关对所有调用方限流",
        remedy_en: "Describe the 429 response.",
        remedy_zh: "描述 429 响应。",
        check: |subject, sink| subject.each(sink, |view| lacks(view, &["429", "4XX", "d"])),
    },
    Rule {
        id: "error-body",
        severity: Hint,
        en: "Error responses describe their body",
        zh: "错误响应描述其内容",
        remedy_en: "Give the response a schema.",
        remedy_zh: "为响应补充模式。",
        check: |subject, sink| {
            for response in subject.operations.iter().flat_map(|view| &view.responses) {
                if is_error(response.status) && !response.media.iter().any(|media| media.schema.is_some()) {
                    sink.add(response.pointer.clone(), response.status);
                }
            }
        },
    },
    Rule {
        id: "error-problem-json",
        severity: Hint,
        en: "Error bodies are application/problem+json (RFC 9457)",
        zh: "错误内容采用 application/problem+json（RFC 9457）",
        remedy_en: "Offer application/problem+json.",
        remedy_zh: "提供 application/problem+json。",
        check: |subject, sink| {
            for response in subject.operations.iter().flat_map(|view| &view.responses) {
                let json = response.media.iter().any(|media| is_json(media.media_type));
                let problem =
                    response.media.iter().any(|media| media.media_type.starts_with("application/problem+json"));
                if is_error(response.status) && json && !problem {
                    sink.add(response.pointer.clone(), response.status);
                }
            }
        },
    },
    Rule {
        id: "no-body-with-get",
        severity: Warning,
        en: "GET, HEAD and DELETE have no request body (RFC 9110 §9.3)",
        zh: "GET、HEAD、DELETE 不带请求体（RFC 9110 §9.3）",
        remedy_en: "Use parameters, or POST.",
        remedy_zh: "改用参数或 POST。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let bodiless = matches!(view.operation.method, Method::Get | Method::Head | Method::Delete);
                (bodiless && view.body.is_some()).then(|| view.operation.key())
            });
        },
    },
];

fn lacks(view: &OperationView<'_>, prefixes: &[&str]) -> Option<String> {
    let has = view.responses.iter().any(|response| prefixes.iter().any(|prefix| response.status.starts_with(prefix)));
    (!has).then(|| view.operation.key())
}

fn is_error(status: &str) -> bool {
    status.starts_with(['4', '5'])
}
