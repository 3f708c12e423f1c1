//! BIAN's shape, and what the regulator wants to see on an operation.

use super::{OperationView, Rule};
use crate::bian::Action;
use crate::operation::Method;
use crate::report::Severity::{Error, Hint, Warning};
use serde_json::Value;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "bian-shape",
        severity: Warning,
        en: "In a BIAN document every path ends in an action term after its domain, record and qualifier",
        zh: "BIAN 文档的路径依次为服务域、记录、行为限定与动作词",
        remedy_en: "Write /Domain/{id}/Qualifier/{id}/Action.",
        remedy_zh: "采用 /服务域/{id}/行为限定/{id}/动作 形式。",
        check: |subject, sink| {
            let is_bian = subject.operations.iter().any(|view| view.bian.is_some());
            if is_bian {
                subject.each(sink, |view| view.bian.is_none().then(|| view.operation.path.to_owned()));
            }
        },
    },
    Rule {
        id: "bian-tag",
        severity: Hint,
        en: "A BIAN operation's tag names its control record or behaviour qualifier",
        zh: "BIAN 操作的标签标明控制记录或行为限定",
        remedy_en: "Tag it CR - Record or BQ - Qualifier, as its path says.",
        remedy_zh: "按路径标注 CR - 记录 或 BQ - 限定。",
        check: |subject, sink| subject.each(sink, tag),
    },
    Rule {
        id: "bian-method",
        severity: Hint,
        en: "A BIAN action uses its method: POST for new records, PUT for existing ones, GET for Retrieve",
        zh: "BIAN 动作与方法对应：新建用 POST，已有用 PUT，查询用 GET",
        remedy_en: "Use the method of the action.",
        remedy_zh: "使用与动作对应的方法。",
        check: |subject, sink| subject.each(sink, method),
    },
    Rule {
        id: "bian-one-domain",
        severity: Hint,
        en: "A BIAN document describes one service domain",
        zh: "一个 BIAN 文档描述一个服务域",
        remedy_en: "Move other domains to documents of their own.",
        remedy_zh: "将其他服务域拆分为独立文档。",
        check: |subject, sink| {
            let first =
                subject.operations.iter().find_map(|view| view.bian.as_ref()).map(|bian| bian.service_domain.clone());
            subject.each(sink, |view| {
                let domain = &view.bian.as_ref()?.service_domain;
                (Some(domain) != first.as_ref()).then(|| domain.clone())
            });
        },
    },
    Rule {
        id: "regulator-level",
        severity: Hint,
        en: "Operations carry their level in x-pano-level: A1 or A2",
        zh: "操作以 x-pano-level 标明级别：A1 或 A2",
        remedy_en: "Add x-pano-level to the operation, or set it in the capability library.",
        remedy_zh: "为操作添加 x-pano-level，或在能力库中设定。",
        check: |subject, sink| {
            subject.each(sink, |view| match extension(view, "x-pano-level") {
                Some("A1" | "A2") => None,
                Some(other) => Some(format!("{} is neither A1 nor A2", crate::report_text(other))),
                None => Some("no level".to_owned()),
            });
        },
    },
    Rule {
        id: "regulator-category",
        severity: Hint,
        en: "Operations carry their security category in x-pano-category",
        zh: "操作以 x-pano-category 标明安全类别",
        remedy_en: "Add x-pano-category to the operation, or set it in the capability library.",
        remedy_zh: "为操作添加 x-pano-category，或在能力库中设定。",
        check: |subject, sink| {
            subject.each(sink, |view| extension(view, "x-pano-category").is_none().then(|| "no category".to_owned()));
        },
    },
    Rule {
        id: "regulator-code",
        severity: Error,
        en: "An identification code in x-pano-code is OP and 22 more letters or digits",
        zh: "x-pano-code 的标识码为 OP 加 22 位字母或数字",
        remedy_en: "Let the capability library generate it.",
        remedy_zh: "由能力库生成。",
        check: |subject, sink| {
            subject.each(sink, |view| {
                let code = extension(view, "x-pano-code")?;
                let fits =
                    code.len() == 24 && code.starts_with("OP") && code.bytes().all(|b| b.is_ascii_alphanumeric());
                (!fits).then(|| crate::report_text(code))
            });
        },
    },
];

fn extension<'d>(view: &OperationView<'d>, name: &str) -> Option<&'d str> {
    let own = view.operation.node().get(name);
    own.or_else(|| view.operation.document().root().get("info")?.get(name)).and_then(Value::as_str)
}

fn tag(view: &OperationView<'_>) -> Option<String> {
    let bian = view.bian.as_ref()?;
    let expected = match &bian.behaviour_qualifier {
        Some(qualifier) => format!("BQ - {}", qualifier.rsplit('/').next().unwrap_or(qualifier)),
        None => format!("CR - {}", bian.control_record),
    };
    let tags = view.operation.tags();
    (!tags.contains(&expected.as_str())).then(|| format!("{expected} expected"))
}

fn method(view: &OperationView<'_>) -> Option<String> {
    let bian = view.bian.as_ref()?;
    // With an id just before the action the record exists already.
    let exists = view.operation.path.rsplit('/').nth(1).is_some_and(|segment| segment.starts_with('{'));
    let expected: &[Method] = match bian.action {
        Action::Retrieve | Action::Notify => &[Method::Get],
        Action::Initiate
        | Action::Create
        | Action::Activate
        | Action::Configure
        | Action::Register
        | Action::Provide
        | Action::Feedback => &[Method::Post],
        Action::Evaluate | Action::Execute | Action::Request | Action::Exchange | Action::Capture | Action::Grant
            if !exists =>
        {
            &[Method::Post]
        }
        Action::Update
        | Action::Control
        | Action::Exchange
        | Action::Capture
        | Action::Execute
        | Action::Request
        | Action::Grant
        | Action::Evaluate => &[Method::Put],
    };
    (!expected.contains(&view.operation.method)).then(|| format!("{} with {}", bian.action, view.operation.method))
}
