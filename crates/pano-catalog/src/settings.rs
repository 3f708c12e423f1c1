//! What people set for a version, beside what its document says. Stored as JSON: members are only ever added.

use crate::category::{CategoryCode, CategoryTable};
use crate::identification::IdentificationCode;
use crate::name::{self, BasePath};
use crate::scope;
use pano_types::{ApiLevel, DataClass, Localized};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Settings of a version. Every member has a default, so that a fresh draft has settings too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Level, when it is to be higher than the operations ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<ApiLevel>,
    /// The regulator's identification code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identification_code: Option<IdentificationCode>,
    /// Path before every template; `/{slug}/v{major}` when not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_path: Option<BasePath>,
    /// Hosts it answers to; empty: any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Where calls go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<Backend>,
    /// How partners leave this version: what replaces it, how long notice is, what happens to their data.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub exit_plan: String,
    /// Lint rules whose errors were looked at and accepted, each with a reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lint_waivers: Vec<Waiver>,
    /// Whether requests are checked against the contract.
    pub validate: bool,
    /// Largest request body, bytes; 1 MiB when not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u64>,
    /// Rate of each operation over all callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// What differs per operation, by operation name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub operations: BTreeMap<String, OperationSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            level: None,
            identification_code: None,
            base_path: None,
            hosts: Vec::new(),
            backend: None,
            exit_plan: String::new(),
            lint_waivers: Vec::new(),
            validate: true,
            max_body_bytes: None,
            rate: None,
            operations: BTreeMap::new(),
        }
    }
}

/// Where calls go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Backend {
    /// Answers made from the contract.
    Mock,
    /// The provider's own system.
    Upstream(Upstream),
}

/// The provider's own system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// `http://host:port/prefix` or `https://…` addresses, used in turn.
    pub targets: Vec<String>,
    /// Time to connect, milliseconds.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u32,
    /// Time for the whole answer, milliseconds.
    #[serde(default = "deadline_ms")]
    pub deadline_ms: u32,
    /// Most requests at once.
    #[serde(default = "max_in_flight")]
    pub max_in_flight: u32,
    /// Name of a credential that the gateway holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// Whether the partner's `Authorization` goes on.
    #[serde(default)]
    pub pass_authorization: bool,
}

const fn connect_timeout_ms() -> u32 {
    2_000
}
const fn deadline_ms() -> u32 {
    30_000
}
const fn max_in_flight() -> u32 {
    1_024
}

/// A lint rule whose errors were accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule's stable id.
    pub rule: String,
    /// Why.
    pub why: String,
}

/// `requests` per `per_seconds`, `burst` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// Requests in the window.
    pub requests: u32,
    /// Window, seconds.
    pub per_seconds: u32,
    /// How many may come at once.
    pub burst: u32,
}

/// What differs for one operation. Absent members leave what was proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperationSettings {
    /// Security category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<CategoryCode>,
    /// Highest data class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_class: Option<DataClass>,
    /// Scopes, all needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Callable by anyone, without a token. Only for operations that move no funds and handle C1 only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
    /// Whether requests are checked against the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validate: Option<bool>,
    /// Rate over all callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// Own deadline, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u32>,
    /// Largest request body, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_body_bytes: Option<u64>,
}

/// One thing wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// JSON pointer into the settings.
    pub at: String,
    /// The rule that refused it.
    pub reason: Localized,
}

/// Largest request body that may be set, bytes.
const BODY_MAX: u64 = 64 * 1024 * 1024;

impl Settings {
    /// Every mistake in them; `operations` are the names that the document has.
    pub fn mistakes(&self, operations: &BTreeSet<&str>, table: &CategoryTable) -> Vec<Mistake> {
        let mut found = Vec::new();
        let mut add = |at: String, reason: Localized| found.push(Mistake { at, reason });
        for (i, host) in self.hosts.iter().enumerate() {
            if let Err(error) = name::host(host) {
                add(format!("/hosts/{i}"), error.told());
            }
        }
        if let Some(Backend::Upstream(upstream)) = &self.backend {
            upstream.mistakes(&mut add);
        }
        for (i, waiver) in self.lint_waivers.iter().enumerate() {
            if waiver.why.trim().is_empty() {
                add(
                    format!("/lint_waivers/{i}/why"),
                    ("say why the rule's errors are accepted", "请说明接受该规则错误的理由").into(),
                );
            }
        }
        limits("", self.rate, self.max_body_bytes, None, &mut add);
        for (operation, settings) in &self.operations {
            let at = format!("/operations/{}", operation.replace('~', "~0").replace('/', "~1"));
            if operations.contains(operation.as_str()) {
                settings.mistakes(&at, table, &mut add);
            } else {
                add(at, ("the document has no operation of this name", "文档中没有该名称的操作").into());
            }
        }
        found
    }
}

impl Upstream {
    fn mistakes(&self, add: &mut impl FnMut(String, Localized)) {
        if self.targets.is_empty() || self.targets.len() > 32 {
            add("/backend/targets".into(), ("give 1 to 32 addresses", "须提供 1 至 32 个地址").into());
        }
        for (i, target) in self.targets.iter().enumerate() {
            if !is_target(target) {
                add(
                    format!("/backend/targets/{i}"),
                    (
                        "must be http(s)://host[:port][/prefix] without query, user or trailing slash",
                        "须为 http(s)://主机[:端口][/前缀]，不含查询、用户与末尾斜杠",
                    )
                        .into(),
                );
            }
        }
        for (name, value, max) in [
            ("connect_timeout_ms", self.connect_timeout_ms, 60_000),
            ("deadline_ms", self.deadline_ms, 600_000),
            ("max_in_flight", self.max_in_flight, 1_000_000),
        ] {
            if value == 0 || value > max {
                add(format!("/backend/{name}"), Localized::between(1, max));
            }
        }
        if self.credential.as_ref().is_some_and(|name| !is_label(name)) {
            add(
                "/backend/credential".into(),
                (
                    "names a credential: 1 to 64 letters, digits, '-', '_' or '.'",
                    "为凭据名称：1 至 64 个字母、数字或 - _ .",
                )
                    .into(),
            );
        }
    }
}

impl OperationSettings {
    fn mistakes(&self, at: &str, table: &CategoryTable, add: &mut impl FnMut(String, Localized)) {
        if self.category.as_ref().is_some_and(|code| table.category(code).is_none()) {
            add(format!("{at}/category"), ("is not in the table of categories", "不在安全类别表中").into());
        }
        if let Some(scopes) = &self.scopes {
            if scopes.is_empty() {
                add(
                    format!("{at}/scopes"),
                    ("name at least one scope, or leave the member out", "至少写一个权限范围，或省略该成员").into(),
                );
            }
            if scopes.iter().any(|s| !scope::is_token(s)) {
                add(
                    format!("{at}/scopes"),
                    ("holds a text that is no scope (RFC 6749 §3.3)", "含有不是权限范围的文本（RFC 6749 §3.3）").into(),
                );
            }
        }
        limits(at, self.rate, self.max_body_bytes, self.deadline_ms, add);
    }
}

fn limits(
    at: &str,
    rate: Option<Rate>,
    body: Option<u64>,
    deadline: Option<u32>,
    add: &mut impl FnMut(String, Localized),
) {
    if rate.is_some_and(|r| r.requests == 0 || r.per_seconds == 0 || r.burst == 0 || r.per_seconds > 86_400) {
        add(
            format!("{at}/rate"),
            (
                "requests, per_seconds and burst must be positive, per_seconds at most 86400",
                "requests、per_seconds、burst 须为正数，per_seconds 至多 86400",
            )
                .into(),
        );
    }
    if body.is_some_and(|bytes| bytes > BODY_MAX) {
        add(
            format!("{at}/max_body_bytes"),
            (format!("must be at most {BODY_MAX}"), format!("不得超过 {BODY_MAX}")).into(),
        );
    }
    if deadline.is_some_and(|ms| ms == 0 || ms > 600_000) {
        add(format!("{at}/deadline_ms"), Localized::between(1, 600_000));
    }
}

fn is_label(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// `http://host[:port][/prefix]` or the same with `https`, where the gateway's configuration says whom to trust.
fn is_target(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    let (authority, prefix) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let v6 = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host_ok = match v6 {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name::host(&host.to_ascii_lowercase()).is_ok(),
    };
    host_ok && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) && BasePath::parse(prefix).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(json: &str) -> Vec<String> {
        let settings: Settings = serde_json::from_str(json).unwrap();
        let operations = BTreeSet::from(["pay", "a/b"]);
        settings.mistakes(&operations, &CategoryTable::default()).into_iter().map(|m| m.at).collect()
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let none: [&str; 0] = [];
        for (json, want) in [
            ("{}", &none[..]),
            (r#"{"backend":{"kind":"mock"}}"#, &none),
            (r#"{"backend":{"kind":"upstream","targets":["http://127.0.0.1:7003","https://core.example/x"]}}"#, &none),
            (r#"{"backend":{"kind":"upstream","targets":[]}}"#, &["/backend/targets"]),
            (r#"{"backend":{"kind":"upstream","targets":["ftp://x"]}}"#, &["/backend/targets/0"]),
            (
                r#"{"backend":{"kind":"upstream","targets":["http://u@x","http://x:0","http://x/?q","http://x/"]}}"#,
                &["/backend/targets/0", "/backend/targets/1", "/backend/targets/2", "/backend/targets/3"],
            ),
            (
                r#"{"backend":{"kind":"upstream","targets":["http://x"],"deadline_ms":0,"credential":"a b"}}"#,
                &["/backend/deadline_ms", "/backend/credential"],
            ),
            (r#"{"hosts":["api.bank.example","API"]}"#, &["/hosts/1"]),
            (r#"{"lint_waivers":[{"rule":"x","why":" "}]}"#, &["/lint_waivers/0/why"]),
            (r#"{"rate":{"requests":0,"per_seconds":1,"burst":1}}"#, &["/rate"]),
            (r#"{"max_body_bytes":999999999999}"#, &["/max_body_bytes"]),
            (r#"{"operations":{"none":{}}}"#, &["/operations/none"]),
            (
                r#"{"operations":{"a/b":{"category":"x","scopes":["ok","not ok"],"deadline_ms":0}}}"#,
                &["/operations/a~1b/category", "/operations/a~1b/scopes", "/operations/a~1b/deadline_ms"],
            ),
            (r#"{"operations":{"pay":{"scopes":[]}}}"#, &["/operations/pay/scopes"]),
        ] {
            assert_eq!(mistakes(json), want, "{json}");
        }
    }

    #[test]
    fn unknown_members_are_refused_and_defaults_stay_short() {
        for bad in
            [r#"{"sped":1}"#, r#"{"backend":{"kind":"teapot"}}"#, r#"{"base_path":"no-slash"}"#, r#"{"level":"A3"}"#]
        {
            assert!(serde_json::from_str::<Settings>(bad).is_err(), "{bad}");
        }
        assert_eq!(serde_json::to_string(&Settings::default()).unwrap(), r#"{"validate":true}"#);
        assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
    }
}
