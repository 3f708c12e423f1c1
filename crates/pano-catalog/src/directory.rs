//! The three-level directory (目录): level 1 the form of what is offered, level 2 bank / technology / ecosystem, level 3 the
//! subject; freely extended below. A node is known by its path of stable codes, `api.bank.account`; names may change, codes do not.

use crate::name::NameError;
use pano_types::id::DirectoryId;
use pano_types::{Instant, Localized};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A node of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Identifier.
    pub id: DirectoryId,
    /// Path of codes from level 1 down; unique and never changed.
    pub path: NodePath,
    /// Name on screens.
    pub name: Localized,
    /// Place among its siblings.
    pub position: i32,
    /// When it was made.
    pub created_at: Instant,
    /// Grows with every change.
    pub generation: u64,
}

/// Path of codes: `api.bank.account`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NodePath(String);

/// Why a path was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a directory path is 1 to 8 dotted codes of 1 to 32 lower-case letters, digits and '_', got {0:?}")]
pub struct PathError(String);

impl NodePath {
    /// Deepest level.
    pub const DEPTH: usize = 8;

    /// Checks and takes a path.
    ///
    /// # Errors
    /// When it is not 1 to 8 dotted codes.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let code_ok = |code: &str| {
            (1..=32).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        let ok = text.split('.').count() <= Self::DEPTH && text.split('.').all(code_ok);
        if ok { Ok(Self(text.to_owned())) } else { Err(PathError(text.chars().take(80).collect())) }
    }
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Level: 1 for a form.
    pub fn level(&self) -> usize {
        self.0.split('.').count()
    }
    /// The path above, `None` at level 1.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('.').map(|(parent, _)| Self(parent.to_owned()))
    }
    /// Whether `self` is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl fmt::Display for NodePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl TryFrom<String> for NodePath {
    type Error = PathError;
    fn try_from(text: String) -> Result<Self, PathError> {
        Self::parse(&text)
    }
}
impl From<NodePath> for String {
    fn from(path: NodePath) -> Self {
        path.0
    }
}
impl utoipa::PartialSchema for NodePath {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).into()
    }
}
impl utoipa::ToSchema for NodePath {}

/// A declared node, before it has an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Path.
    pub path: NodePath,
    /// Name.
    pub name: Localized,
    /// Place among its siblings.
    pub position: i32,
    /// Six characters for identification codes.
    pub service_category: Option<String>,
}

/// Level 1: code, zh, en, two digits of the service category.
const FORMS: &[(&str, &str, &str, &str)] = &[
    ("api", "API 接口", "API", "01"),
    ("sdk", "SDK 组件", "SDK", "02"),
    ("h5", "H5 页面", "H5", "03"),
    ("mini_program", "小程序", "Mini-program", "04"),
    ("iot", "物联网", "IoT", "05"),
];

/// Level 2 with its level 3: code, zh, en, two digits.
type Area = (
    (&'static str, &'static str, &'static str, &'static str),
    &'static [(&'static str, &'static str, &'static str, &'static str)],
);

const AREAS: &[Area] = &[
    (
        ("bank", "银行能力", "Bank", "01"),
        &[
            ("account", "账户", "Accounts", "01"),
            ("payment", "支付结算", "Payments", "02"),
            ("deposit", "存款", "Deposits", "03"),
            ("wealth", "财富理财", "Wealth", "04"),
            ("loan", "贷款融资", "Loans", "05"),
            ("card", "银行卡", "Cards", "06"),
            ("customer", "客户", "Customers", "07"),
            ("trade", "贸易金融", "Trade finance", "08"),
            ("markets", "金融市场", "Markets", "09"),
            ("corporate", "公司金融", "Corporate banking", "10"),
            ("channel", "渠道网点", "Channels and branches", "11"),
            ("product", "产品信息", "Product information", "12"),
            ("risk", "风险合规", "Risk and compliance", "13"),
            ("operations", "运营支持", "Operations", "14"),
            ("general", "综合", "General", "99"),
        ],
    ),
    (
        ("technology", "科技能力", "Technology", "02"),
        &[
            ("security", "安全", "Security", "01"),
            ("data", "数据", "Data", "02"),
            ("ocr", "文字识别", "OCR", "03"),
            ("ai", "人工智能", "AI", "04"),
            ("identity", "身份核验", "Identity", "05"),
            ("message", "消息通知", "Messaging", "06"),
            ("general", "综合", "General", "99"),
        ],
    ),
    (
        ("ecosystem", "生态能力", "Ecosystem", "03"),
        &[
            ("benefits", "权益", "Benefits", "01"),
            ("travel", "出行", "Travel", "02"),
            ("commerce", "电商", "Commerce", "03"),
            ("insurance", "保险", "Insurance", "04"),
            ("property", "房产物业", "Property", "05"),
            ("health", "医疗健康", "Health", "06"),
            ("government", "政务", "Government", "07"),
            ("general", "综合", "General", "99"),
        ],
    ),
];

/// The default tree, parents before children.
pub fn default_tree() -> Vec<Seed> {
    let mut tree = Vec::new();
    let mut push = |path: String, zh: &str, en: &str, position: usize, category: Option<String>| {
        let position = i32::try_from(position).unwrap_or(i32::MAX);
        tree.push(Seed { path: NodePath(path), name: Localized::new(zh, en), position, service_category: category });
    };
    for (i, (form, form_zh, form_en, form_no)) in FORMS.iter().enumerate() {
        push((*form).to_owned(), form_zh, form_en, i, None);
        for (j, ((area, area_zh, area_en, area_no), subjects)) in AREAS.iter().enumerate() {
            push(format!("{form}.{area}"), area_zh, area_en, j, None);
            for (k, (subject, zh, en, no)) in subjects.iter().enumerate() {
                let category = Some(format!("{form_no}{area_no}{no}"));
                push(format!("{form}.{area}.{subject}"), zh, en, k, category);
            }
        }
    }
    tree
}

/// Words in a title or path and the bank subject that they suggest, first match wins.
const SUBJECT_WORDS: &[(&str, &[&str])] = &[
    ("card", &["card", "cards", "pos", "cartao"]),
    (
        "loan",
        &[
            "loan",
            "loans",
            "mortgage",
            "lending",
            "leasing",
            "credit",
            "underwriting",
            "collateral",
            "guarantee",
            "borrowing",
        ],
    ),
    (
        "wealth",
        &[
            "wealth",
            "investment",
            "investments",
            "portfolio",
            "fund",
            "funds",
            "trust",
            "pension",
            "securities",
            "fiduciary",
        ],
    ),
    ("trade", &["trade", "letterofcredit", "factoring", "documentary"]),
    (
        "payment",
        &[
            "payment",
            "payments",
            "pagamento",
            "pagamentos",
            "transfer",
            "remittance",
            "clearing",
            "settlement",
            "cheque",
            "ach",
            "direct",
        ],
    ),
    ("deposit", &["deposit", "deposits", "savings"]),
    ("account", &["account", "accounts", "balance", "balances", "statement", "position", "contas"]),
    (
        "markets",
        &["market", "trading", "quote", "treasury", "securitization", "dealing", "equity", "currency", "exchange"],
    ),
    ("corporate", &["corporate", "cash", "syndicate", "merger", "advisory"]),
    ("customer", &["customer", "customers", "party", "prospect", "consent", "relationship", "customers-info"]),
    ("channel", &["branch", "channel", "atm", "contact", "ebranch", "location", "terminal", "servicing"]),
    ("product", &["product", "products", "campaign", "promotion", "sales", "marketing", "brand"]),
    ("risk", &["risk", "compliance", "fraud", "regulatory", "audit", "legal"]),
    (
        "operations",
        &[
            "operations",
            "document",
            "archive",
            "system",
            "it",
            "procurement",
            "human",
            "employee",
            "asset",
            "procedures",
        ],
    ),
];

/// The leaf that a title suggests; `api.bank.general` when nothing is recognised.
pub fn propose(title: &str) -> NodePath {
    let words = crate::search::words(title);
    let subject = SUBJECT_WORDS
        .iter()
        .find(|(_, known)| words.iter().any(|word| known.contains(&word.as_str())))
        .map_or("general", |(subject, _)| subject);
    NodePath(format!("api.bank.{subject}"))
}

impl From<PathError> for NameError {
    fn from(error: PathError) -> Self {
        Self::BasePath(error.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_default_tree_is_well_formed() {
        let tree = default_tree();
        let mut seen = HashSet::new();
        let mut categories = HashSet::new();
        for seed in &tree {
            assert!(NodePath::parse(seed.path.as_str()).is_ok(), "{}", seed.path);
            assert!(seed.path.parent().is_none_or(|parent| seen.contains(&parent)), "{} before its parent", seed.path);
            assert!(seen.insert(seed.path.clone()), "{} twice", seed.path);
            assert!(!seed.name.zh.is_empty() && !seed.name.en.is_empty());
            assert_eq!(seed.service_category.is_some(), seed.path.level() == 3);
            if let Some(category) = &seed.service_category {
                assert!(category.len() == 6 && categories.insert(category.clone()), "{category}");
            }
        }
        assert_eq!(seen.iter().filter(|p| p.level() == 1).count(), 5);
        for want in ["api.bank.wealth", "sdk.technology.ocr", "h5.ecosystem.benefits", "iot.ecosystem.property"] {
            assert!(seen.contains(&NodePath::parse(want).unwrap()), "{want}");
        }
    }

    #[test]
    fn paths_know_their_place() {
        let leaf = NodePath::parse("api.bank.account.retail").unwrap();
        assert_eq!(leaf.level(), 4);
        assert_eq!(leaf.parent().unwrap().as_str(), "api.bank.account");
        assert!(leaf.is_within(&NodePath::parse("api.bank").unwrap()));
        assert!(!leaf.is_within(&NodePath::parse("api.ban").unwrap()));
        for bad in ["", ".", "api.", "Api", "a.b.c.d.e.f.g.h.i", "api bank", "api.银行"] {
            assert!(NodePath::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn titles_suggest_a_leaf_of_the_default_tree() {
        let known: HashSet<String> = default_tree().into_iter().map(|s| s.path.as_str().to_owned()).collect();
        for (subject, _) in SUBJECT_WORDS {
            assert!(known.contains(&format!("api.bank.{subject}")), "{subject}");
        }
        for (title, leaf) in [
            ("Current Account", "api.bank.account"),
            ("PaymentOrder", "api.bank.payment"),
            ("ConsumerLoan", "api.bank.loan"),
            ("Something Else", "api.bank.general"),
            ("", "api.bank.general"),
        ] {
            assert_eq!(propose(title).as_str(), leaf, "{title}");
        }
    }
}
