//! Who may call, and over what.

use super::{Rule, Sink, Subject};
use crate::pointer;
use crate::report::Severity::{Error, Warning};
use serde_json::{Map, Value};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "security-defined",
        severity: Warning,
        en: "The document defines security schemes",
        zh: "文档定义了安全方案",
        remedy_en: "Define the schemes under components.securitySchemes.",
        remedy_zh: "在 components.securitySchemes 中定义安全方案。",
        check: |subject, sink| {
            if !subject.operations.is_empty() && schemes(subject).is_none_or(Map::is_empty) {
                sink.add("", "no security scheme");
            }
        },
    },
    Rule {
        id: "security-required",
        severity: Warning,
        en: "Every operation says which security it needs",
        zh: "每个操作都声明所需的安全方案",
        remedy_en: "Add security to the operation or the document.",
        remedy_zh: "为操作或文档添加 security。",
        check: |subject, sink| {
            subject.each(sink, |view| view.operation.security().is_none().then(|| view.operation.key()));
        },
    },
    Rule {
        id: "security-not-empty",
        severity: Warning,
        en: "No operation declares that it needs no security: nothing is open, so it asks for a scope all the same",
        zh: "操作不声明无需安全方案：平台不开放匿名访问，仍会要求权限范围",
        remedy_en: "Name a scheme in the document. To open an operation of level A1 on purpose, set `public` in the version's settings.",
        remedy_zh: "在文档中声明安全方案。确需开放 A1 级操作时，在版本设置中将其设为 public。",
        check: |subject, sink| {
            subject.each(sink, |view| view.operation.declares_no_security().then(|| view.operation.key()));
        },
    },
    Rule {
        id: "security-scheme-known",
        severity: Error,
        en: "Security requirements name defined schemes",
        zh: "安全要求引用已定义的方案",
        remedy_en: "Correct the name or define the scheme.",
        remedy_zh: "更正名称或补充定义。",
        check: scheme_known,
    },
    Rule {
        id: "security-scheme-used",
        severity: Warning,
        en: "Every defined security scheme is used",
        zh: "定义的安全方案均被使用",
        remedy_en: "Require the scheme somewhere or remove it.",
        remedy_zh: "使用该方案或将其删除。",
        check: scheme_used,
    },
    Rule {
        id: "security-no-basic",
        severity: Error,
        en: "No HTTP basic authentication",
        zh: "不使用 HTTP Basic 认证",
        remedy_en: "Use OAuth 2 with private_key_jwt or mutual TLS.",
        remedy_zh: "改用 OAuth 2（private_key_jwt 或双向 TLS）。",
        check: |subject, sink| {
            each_scheme(subject, sink, |scheme| {
                let basic = text(scheme, "type") == "http" && text(scheme, "scheme").eq_ignore_ascii_case("basic");
                basic.then(|| "http basic".to_owned())
            });
        },
    },
    Rule {
        id: "security-no-key-in-query",
        severity: Error,
        en: "No API key in the query",
        zh: "不在查询参数中传递 API 密钥",
        remedy_en: "Send the key in a header: addresses end up in logs.",
        remedy_zh: "将密钥放入请求头：地址会被记入日志。",
        check: |subject, sink| {
            each_scheme(subject, sink, |scheme| {
                (text(scheme, "type") == "apiKey" && text(scheme, "in") == "query")
                    .then(|| text(scheme, "name").to_owned())
            });
        },
    },
    Rule {
        id: "security-no-implicit",
        severity: Error,
        en: "No implicit or password flow of OAuth 2 (RFC 9700 §2)",
        zh: "不使用 OAuth 2 隐式或密码模式（RFC 9700 §2）",
        remedy_en: "Use authorization code with PKCE, or client credentials.",
        remedy_zh: "改用授权码（PKCE）或客户端凭证模式。",
        check: |subject, sink| {
            each_scheme(subject, sink, |scheme| {
                let flows = scheme.get("flows")?.as_object()?;
                ["implicit", "password"].into_iter().find(|flow| flows.contains_key(*flow)).map(str::to_owned)
            });
        },
    },
    Rule {
        id: "security-https-endpoints",
        severity: Error,
        en: "OAuth and OpenID addresses use https",
        zh: "OAuth 与 OpenID 地址使用 https",
        remedy_en: "Write the address with https.",
        remedy_zh: "使用 https 地址。",
        check: |subject, sink| {
            each_scheme(subject, sink, |scheme| {
                let flows = scheme.get("flows").and_then(Value::as_object).into_iter().flatten().map(|(_, flow)| flow);
                let members = ["authorizationUrl", "tokenUrl", "refreshUrl", "openIdConnectUrl"];
                let urls = flows
                    .chain([scheme])
                    .flat_map(|holder| members.iter().filter_map(|member| holder.get(member)?.as_str()));
                urls.into_iter().find(|url| url.starts_with("http://")).map(str::to_owned)
            });
        },
    },
    Rule {
        id: "server-https",
        severity: Error,
        en: "Servers use https",
        zh: "服务器地址使用 https",
        remedy_en: "Write the address with https; plain http is for loopback only.",
        remedy_zh: "使用 https 地址；http 仅限本机。",
        check: |subject, sink| {
            for (i, url) in subject.document.servers().into_iter().enumerate() {
                let loopback = ["http://localhost", "http://127.0.0.1", "http://[::1]"]
                    .iter()
                    .any(|prefix| url.starts_with(prefix));
                if url.starts_with("http://") && !loopback {
                    sink.add(format!("/servers/{i}/url"), url);
                }
            }
        },
    },
];

fn schemes<'d>(subject: &Subject<'d>) -> Option<&'d Map<String, Value>> {
    subject.document.at("/components/securitySchemes")?.as_object()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn each_scheme(subject: &Subject<'_>, sink: &mut Sink<'_>, breach: impl Fn(&Value) -> Option<String>) {
    for (name, scheme) in schemes(subject).into_iter().flatten() {
        let at = pointer::join("/components/securitySchemes", name);
        if let Some(detail) = subject.document.resolve(scheme, &at).and_then(|(scheme, _)| breach(scheme)) {
            sink.add(at, detail);
        }
    }
}

fn scheme_known(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    let defined = schemes(subject);
    subject.each(sink, |view| {
        let required = view.operation.security()?;
        let mut names = required.iter().flatten().map(|(name, _)| *name);
        names.find(|name| !defined.is_some_and(|defined| defined.contains_key(*name))).map(str::to_owned)
    });
}

fn scheme_used(subject: &Subject<'_>, sink: &mut Sink<'_>) {
    for (name, _) in schemes(subject).into_iter().flatten() {
        let used = subject.operations.iter().any(|view| {
            view.operation.security().is_some_and(|required| required.iter().flatten().any(|(used, _)| used == name))
        });
        if !used && !subject.operations.is_empty() {
            sink.add(pointer::join("/components/securitySchemes", name), name);
        }
    }
}
