//! BIAN's reading of a path: service domain, control record, behaviour qualifier, action term.
//!
//! The shapes are `/Domain/Action`, `/Domain/{id}/Action`, `/Domain/{id}/Qualifier/Action` and `/Domain/{id}/Qualifier/{id}/Action`
//! (qualifiers may nest). Tags say `CR - Record` or `BQ - Qualifier` (BIAN Semantic API Practitioner Guide 8.1 §4).

use crate::operation::Operation;
use crate::read::Document;
use pano_types::Localized;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! actions {
    ($($variant:ident = $text:literal, $code:literal, $zh:literal;)*) => {
        /// What an operation does to its record (BIAN action terms).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "a variant is explained by its texts")]
        pub enum Action { $($variant),* }

        impl Action {
            /// All, in BIAN's order.
            pub const ALL: &'static [Action] = &[$(Action::$variant),*];
            /// The term as it ends a path.
            pub const fn text(self) -> &'static str {
                match self { $(Action::$variant => $text),* }
            }
            /// The two letters that begin BIAN's summaries (`InCR`, `ReBQ`).
            pub const fn code(self) -> &'static str {
                match self { $(Action::$variant => $code),* }
            }
            /// For screens.
            pub fn title(self) -> Localized {
                match self { $(Action::$variant => Localized::new($zh, $text)),* }
            }
        }
    };
}

actions! {
    Initiate = "Initiate", "In", "发起";
    Create = "Create", "Cr", "创建";
    Activate = "Activate", "Ac", "启用";
    Configure = "Configure", "Cf", "配置";
    Register = "Register", "Rg", "登记";
    Evaluate = "Evaluate", "Ev", "评估";
    Provide = "Provide", "Pr", "提供";
    Feedback = "Feedback", "Fe", "反馈";
    Update = "Update", "Up", "更新";
    Control = "Control", "Co", "控制";
    Exchange = "Exchange", "Ec", "交互";
    Capture = "Capture", "Ca", "采集";
    Execute = "Execute", "Ex", "执行";
    Request = "Request", "Rq", "请求";
    Grant = "Grant", "Gr", "授予";
    Retrieve = "Retrieve", "Re", "查询";
    Notify = "Notify", "No", "通知";
}

impl Action {
    /// The action of a path's last segment.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.text() == text)
    }
    /// Does it only read?
    pub const fn reads(self) -> bool {
        matches!(self, Self::Retrieve | Self::Notify)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// An operation in BIAN's terms.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BianOperation {
    /// `CurrentAccount`.
    pub service_domain: String,
    /// `CurrentAccountFacility`: from the tag, else the document's only one, else the domain's name.
    pub control_record: String,
    /// `Interest`, or `Interest/Accrual` where qualifiers nest; none when the operation is on the control record itself.
    pub behaviour_qualifier: Option<String>,
    /// What it does.
    pub action: Action,
}

/// One operation in BIAN's terms; `None` when its path has not their shape.
///
/// For all operations of a document [`recognise_all`] is cheaper.
pub fn recognise(operation: &Operation<'_>) -> Option<BianOperation> {
    from_path(operation, control_record(operation.document()).as_deref())
}

/// Every operation of the document in BIAN's terms, in the order of [`Document::operations`].
pub fn recognise_all(document: &Document) -> Vec<Option<BianOperation>> {
    let record = control_record(document);
    document.operations().iter().map(|operation| from_path(operation, record.as_deref())).collect()
}

/// The control record of the document's tags, when they agree on one.
fn control_record(document: &Document) -> Option<String> {
    let mut found: Option<String> = None;
    for operation in document.operations() {
        for tag in operation.tags() {
            if let Some(record) = tagged(tag, "CR") {
                match &found {
                    Some(earlier) if earlier != record => return None,
                    _ => found = Some(record.to_owned()),
                }
            }
        }
    }
    found
}

fn tagged<'t>(tag: &'t str, kind: &str) -> Option<&'t str> {
    let rest = tag.trim().strip_prefix(kind)?.trim_start().strip_prefix('-')?.trim();
    (!rest.is_empty()).then_some(rest)
}

fn from_path(operation: &Operation<'_>, record: Option<&str>) -> Option<BianOperation> {
    let mut segments: Vec<&str> = operation.path.trim_matches('/').split('/').collect();
    let action = Action::from_text(segments.pop()?)?;
    let mut segments = segments.into_iter();
    let domain = segments.next().filter(|s| is_name(s))?;
    let mut qualifiers: Vec<&str> = Vec::new();
    let mut after_name = true;
    for segment in segments {
        match (is_variable(segment), after_name) {
            (true, true) => after_name = false,
            (false, false) if is_name(segment) => {
                qualifiers.push(segment);
                after_name = true;
            }
            _ => return None,
        }
    }
    let tags = operation.tags();
    let own_record = tags.iter().find_map(|tag| tagged(tag, "CR"));
    Some(BianOperation {
        service_domain: domain.to_owned(),
        control_record: own_record.or(record).unwrap_or(domain).to_owned(),
        behaviour_qualifier: (!qualifiers.is_empty()).then(|| qualifiers.join("/")),
        action,
    })
}

fn is_variable(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// BIAN names hold a capital (`CurrentAccount`, `eBranchManagement`); this keeps `/accounts/Retrieve` of others out.
fn is_name(segment: &str) -> bool {
    let mut chars = segment.chars();
    let capital_early = chars.by_ref().take(2).any(|c| c.is_ascii_uppercase());
    capital_early && segment.starts_with(|c: char| c.is_ascii_alphabetic()) && !segment.contains(['{', '}'])
}
