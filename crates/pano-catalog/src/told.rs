//! What this crate refuses, as people read it: their `Display` in English, and in Chinese.

use crate::directory::PathError;
use crate::identification::CodeError;
use crate::lifecycle::{Move, Refused};
use crate::name::NameError;
use crate::search::QueryError;
use pano_types::Localized;

impl NameError {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::Slug(got) => format!("短名为 2 至 63 个小写字母、数字或单个连字符，以字母开头；收到 {got:?}"),
            Self::BasePath(got) => {
                format!("基础路径为空，或为由字母、数字、-、_、.、~ 组成的 /段，末尾无斜杠；收到 {got:?}")
            }
            Self::Host(got) => format!("主机为不含端口的小写 DNS 名；收到 {got:?}"),
        };
        (self.to_string(), chinese).into()
    }
}

impl PathError {
    /// For people.
    pub fn told(&self) -> Localized {
        (self.to_string(), "目录路径为 1 至 8 个以点分隔的代码，每个为 1 至 32 个小写字母、数字或下划线").into()
    }
}

impl QueryError {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::Empty => "查询中没有可检索的词",
            Self::TooLong => "查询超过 200 个字符",
        };
        (self.to_string(), chinese).into()
    }
}

impl CodeError {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::Form(got) => format!("标识码为 24 位 ASCII 字母与数字，收到 {got:?}"),
            Self::Prefix => "标识码须以 OP 开头".to_owned(),
            Self::Level(got) => format!("第 9、10 位须为级别 A1 或 A2，收到 {got:?}"),
            Self::OtherLevel { code, version } => {
                format!("标识码级别为 {}，版本级别为 {}", code.code(), version.code())
            }
            Self::OtherBank { got, ours } => format!("银行代码为 {got}，本行为 {ours}"),
            Self::OtherCategory { got, leaf, want } => format!("服务类别为 {got}，目录叶节点 {leaf} 应为 {want}"),
            Self::NoCategory(leaf) => format!("类别表中没有目录叶节点 {leaf} 的服务类别"),
            Self::Part { what, length, got } => format!("{what} 须为 {length} 位 ASCII 字母与数字，收到 {got:?}"),
            Self::Exhausted(serial) => format!("序号 {serial} 超过 8 位"),
        };
        (self.to_string(), chinese).into()
    }
}

impl Refused {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::WrongState { from, wanted, allowed } => {
                let possible = allowed.iter().map(Move::to_string).collect::<Vec<_>>().join("、");
                let possible = if possible.is_empty() { "无".to_owned() } else { possible };
                format!("处于 {from} 的版本不能 {wanted}；可行操作：{possible}")
            }
            Self::SamePerson(who) => format!("{who} 提交了该版本，不能再由其复核"),
            Self::ReasonMissing(wanted) => format!("对版本执行 {wanted} 须说明原因"),
            Self::SunsetInPast => "下线日期须晚于通知日".to_owned(),
        };
        (self.to_string(), chinese).into()
    }
}
