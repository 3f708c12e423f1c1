//! Gates: what must be so before a version may take a move. A gate answers with everything that is missing, at once.
//!
//! That maker and checker are two people is not a check here: it is in [`crate::lifecycle`], where it cannot be left out.

use crate::category::CategoryTable;
use crate::identification::CodeTable;
use crate::lifecycle::{Move, Stage};
use crate::model::{Api, Operation, Version};
use crate::settings::Backend;
use pano_types::{Localized, id::ApiVersionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckId {
    /// No lint errors but waived ones.
    Lint,
    /// At least one operation.
    Operations,
    /// A breaking-change report when a version came before.
    ChangeReport,
    /// A category for every operation, known to the table; public operations harmless.
    Category,
    /// No category that is only a guess: what no rule recognises is confirmed in the settings.
    Grading,
    /// The level is not lower than the operations ask for.
    Level,
    /// A leaf of the directory.
    Directory,
    /// An identification code that fits.
    IdentificationCode,
    /// Somebody who answers for it.
    Owner,
    /// Somebody who runs it.
    Provider,
    /// An upstream, or the mock.
    Backend,
    /// A plan how partners leave it.
    ExitPlan,
    /// The contract compiles for the gateway.
    Contract,
    /// No path that somebody else already answers.
    Routes,
    /// Notice was given, or nobody calls any more.
    Notice,
}

/// Which checks each move needs. Moves that are not named need none.
pub const GATES: &[(Move, &[CheckId])] = &[
    (
        Move::Submit,
        &[
            CheckId::Operations,
            CheckId::Lint,
            CheckId::ChangeReport,
            CheckId::Category,
            CheckId::Grading,
            CheckId::Level,
            CheckId::Directory,
            CheckId::IdentificationCode,
            CheckId::Owner,
            CheckId::Provider,
            CheckId::Backend,
            CheckId::ExitPlan,
        ],
    ),
    // What the maker was asked is asked again of the checker: settings of the API may have changed between.
    (
        Move::Approve,
        &[
            CheckId::Operations,
            CheckId::Lint,
            CheckId::ChangeReport,
            CheckId::Category,
            CheckId::Grading,
            CheckId::Level,
            CheckId::Directory,
            CheckId::IdentificationCode,
            CheckId::Owner,
            CheckId::Provider,
            CheckId::Backend,
            CheckId::ExitPlan,
        ],
    ),
    (
        Move::Publish,
        &[CheckId::Directory, CheckId::IdentificationCode, CheckId::Backend, CheckId::Contract, CheckId::Routes],
    ),
    (Move::Retire, &[CheckId::Notice]),
];

/// The checks of a move.
pub fn checks(wanted: Move) -> &'static [CheckId] {
    GATES.iter().find(|(m, _)| *m == wanted).map_or(&[], |(_, checks)| checks)
}

/// A check's outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub check: CheckId,
    /// Whether it is met.
    pub met: bool,
    /// What is missing; empty when met.
    pub missing: Vec<Localized>,
}

/// What a gate looks at. The caller gathers it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The API.
    pub api: &'a Api,
    /// The version.
    pub version: &'a Version,
    /// Its operations.
    pub operations: &'a [Operation],
    /// Versions of the API that are or were served, this one left out.
    pub predecessors: &'a [ApiVersionId],
    /// Categories.
    pub categories: &'a CategoryTable,
    /// Identification codes.
    pub codes: &'a CodeTable,
    /// Why the contract does not compile; only looked at for publishing.
    pub contract_faults: &'a [String],
    /// Paths that others answer; only looked at for publishing.
    pub route_conflicts: &'a [Localized],
    /// Apps that called lately; only looked at for retiring.
    pub callers: &'a [String],
    /// Whether to retire in spite of callers (a security incident, say).
    pub emergency: bool,
}

impl CheckId {
    /// Text on screens.
    pub fn title(self) -> Localized {
        let (zh, en) = match self {
            Self::Lint => ("规范检查无错误", "No lint errors"),
            Self::Operations => ("至少一个操作", "At least one operation"),
            Self::ChangeReport => ("与前一版本的变更报告", "Change report against the version before"),
            Self::Category => ("每个操作有安全类别", "A security category for every operation"),
            Self::Grading => ("安全类别均经确认", "No category that is only a guess"),
            Self::Level => ("安全级别不低于操作所需", "A level no lower than its operations ask for"),
            Self::Directory => ("能力目录归属", "A leaf of the directory"),
            Self::IdentificationCode => ("接口标识码", "An identification code"),
            Self::Owner => ("责任人", "An owner"),
            Self::Provider => ("能力提供方", "A provider"),
            Self::Backend => ("后端或模拟", "An upstream or the mock"),
            Self::ExitPlan => ("退出方案", "An exit plan"),
            Self::Contract => ("契约可编译", "A contract that compiles"),
            Self::Routes => ("路径无冲突", "Paths of its own"),
            Self::Notice => ("已通知或无调用方", "Notice given, or no callers"),
        };
        Localized::new(zh, en)
    }

    /// What is missing for this check; empty when it is met.
    pub fn missing(self, facts: &Facts<'_>) -> Vec<Localized> {
        let say = |wrong: bool, text: (&str, &str)| if wrong { vec![text.into()] } else { Vec::new() };
        let Facts { api, version, .. } = facts;
        match self {
            Self::Lint => lint(version),
            Self::Operations => say(facts.operations.is_empty(), ("the document has no operation", "文档中没有操作")),
            Self::ChangeReport => say(
                !facts.predecessors.is_empty() && version.document.changes.is_none(),
                (
                    "compare it with the version before: a version was served already",
                    "已有版本对外服务过，请先与前一版本比较",
                ),
            ),
            Self::Category => categories(facts),
            Self::Grading => grading(facts),
            Self::Level => say(
                version.settings.level.is_some_and(|set| set < version.proposed_level),
                (
                    "the level set is lower than its operations ask for; it can only be raised",
                    "所设级别低于操作所需，只能调高",
                ),
            ),
            Self::Directory => say(
                api.directory.as_ref().is_none_or(|leaf| leaf.level() < 3),
                ("give the API a leaf of the directory, level 3 or below", "请将接口归入能力目录第三级或以下的叶节点"),
            ),
            Self::IdentificationCode => identification(facts),
            Self::Owner => say(api.owner.trim().is_empty(), ("name who answers for the API", "请指定接口责任人")),
            Self::Provider => say(api.provider.is_none(), ("name the provider that runs it", "请指定能力提供方")),
            Self::Backend => {
                say(version.settings.backend.is_none(), ("set an upstream, or the mock", "请设置后端或模拟"))
            }
            Self::ExitPlan => say(
                version.settings.exit_plan.trim().is_empty(),
                (
                    "write down how partners leave this version: replacement, notice, data",
                    "请写明合作方如何退出该版本：替代、通知与数据",
                ),
            ),
            Self::Contract => facts.contract_faults.iter().map(|fault| fault.as_str().into()).collect(),
            Self::Routes => facts.route_conflicts.to_vec(),
            Self::Notice => notice(facts),
        }
    }
}

/// Every check of a move with its outcome.
pub fn evaluate(wanted: Move, facts: &Facts<'_>) -> Vec<Check> {
    let outcome = |check: &CheckId| {
        let missing = check.missing(facts);
        Check { check: *check, met: missing.is_empty(), missing }
    };
    checks(wanted).iter().map(outcome).collect()
}

fn lint(version: &Version) -> Vec<Localized> {
    let waived: BTreeSet<&str> = version.settings.lint_waivers.iter().map(|w| w.rule.as_str()).collect();
    let open = version.document.lint_errors.iter().filter(|rule| !waived.contains(rule.as_str()));
    let told = |rule: &String| {
        let en = format!("lint errors of rule {rule}: mend the document, or waive the rule with a reason");
        (en, format!("违反规则 {rule}：请修正文档，或说明理由后豁免")).into()
    };
    open.map(told).collect()
}

fn categories(facts: &Facts<'_>) -> Vec<Localized> {
    let mut missing = Vec::new();
    for operation in facts.operations {
        let (name, settings) = (&operation.name, facts.version.settings.operations.get(&operation.name));
        let grade = operation.grade(settings);
        if facts.categories.category(&grade.category).is_none() {
            let en = format!("{name}: the category {} is not in the table", grade.category);
            missing.push((en, format!("{name}：安全类别 {} 不在类别表中", grade.category)).into());
        }
        let public = settings.is_some_and(|s| s.public);
        if public && facts.categories.level_of(&grade) > pano_types::ApiLevel::A1 {
            let en = format!("{name}: only an operation of level A1 can be public");
            missing.push((en, format!("{name}：只有 A1 级操作可以公开")).into());
        }
    }
    missing
}

fn grading(facts: &Facts<'_>) -> Vec<Localized> {
    let settings = |name: &str| facts.version.settings.operations.get(name);
    let ungraded = |operation: &&Operation| {
        facts.version.document.ungraded.contains(&operation.name)
            && settings(&operation.name).is_none_or(|own| own.category.is_none())
    };
    let told = |operation: &Operation| {
        let (name, category) = (&operation.name, &operation.proposed.category);
        let en = format!(
            "{name}: nothing in the document tells its category and {category} is a guess: confirm or correct it in the \
             settings, as the operation's category"
        );
        (en, format!("{name}：文档未说明其安全类别，{category} 仅为推测，请在设置中确认或更正该操作的类别")).into()
    };
    facts.operations.iter().filter(ungraded).map(told).collect()
}

fn identification(facts: &Facts<'_>) -> Vec<Localized> {
    let Some(code) = &facts.version.settings.identification_code else {
        return vec![("assign an identification code", "请分配接口标识码").into()];
    };
    let Some(leaf) = &facts.api.directory else { return Vec::new() };
    match facts.codes.check(code, facts.version.level(), leaf) {
        Ok(()) => Vec::new(),
        Err(error) => vec![error.told()],
    }
}

fn notice(facts: &Facts<'_>) -> Vec<Localized> {
    let stage = facts.version.state.stage();
    if facts.callers.is_empty() || facts.emergency || !stage.served() {
        return Vec::new();
    }
    let open = match &facts.version.state {
        crate::State::Deprecated { sunset, .. } => sunset.is_none(),
        _ => true,
    };
    if stage == Stage::Deprecated && !open {
        return Vec::new();
    }
    let callers = facts.callers.join(", ");
    let en = format!("still called by {callers}: deprecate it with a sunset first, or retire it as an emergency");
    vec![(en, format!("{callers} 仍在调用：请先弃用并设定下线日期，或按紧急情况下线")).into()]
}

/// Whether calls go to the mock.
pub fn is_mock(version: &Version) -> bool {
    matches!(version.settings.backend, Some(Backend::Mock))
}

#[cfg(test)]
mod tests;
