//! What this crate refuses, as people read it: their `Display` in English, and in Chinese.

use crate::credential;
use crate::name::NameError;
use crate::step::Refused;
use pano_types::Localized;

impl NameError {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::Slug => "短名为 2 至 63 个小写字母、数字或中间的单个连字符，以字母开头".to_owned(),
            Self::Text { max } => format!("须为 1 至 {max} 个字符，不含控制字符"),
        };
        (self.to_string(), chinese).into()
    }
}

impl Refused {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::WrongState { what, from, wanted, allowed } => {
                let possible = if allowed.is_empty() { "无".to_owned() } else { allowed.join("、") };
                format!("处于 {from} 的 {what} 不能 {wanted}；可行操作：{possible}")
            }
            Self::SamePerson(who) => format!("{who} 提出了该申请，不能再由其复核"),
            Self::ReasonMissing(wanted) => format!("执行 {wanted} 须说明原因"),
            Self::Gate(unmet) => format!("{} 项检查未满足", unmet.len()),
            Self::Uncertified(profile) => format!("应用需要有效的 {} 认证证书", profile.text()),
        };
        (self.to_string(), chinese).into()
    }
}

impl credential::Error {
    /// For people.
    pub fn told(&self) -> Localized {
        let chinese = match self {
            Self::Private(what) => format!("{what} 含有私钥"),
            Self::NotOne => "`jwk` 与 `certificate` 须且只能发送其一".to_owned(),
            Self::Jwk(cause) => format!("JWK 被拒绝：{cause}"),
            Self::Certificate(cause) => format!("证书被拒绝：{cause}"),
            Self::Validity => "凭据在生效前即已到期，或已经到期".to_owned(),
        };
        (self.to_string(), chinese).into()
    }
}
