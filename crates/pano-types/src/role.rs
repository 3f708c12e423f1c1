//! What operators and service accounts may do, by name. Which call needs which role is decided by `pano-manager`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A role of the admin API. An operator can hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Names operators and their roles, changes settings. Not a way around maker and checker.
    Admin,
    /// Scenario designer (场景设计): models journeys.
    Designer,
    /// API provider (能力提供方): registers systems, imports API descriptions.
    Provider,
    /// Platform operator (平台运营): admits partners, publishes and retires, watches traffic.
    Operator,
    /// Checks what others made.
    Reviewer,
    /// Security and risk officer (安全/风控): categories, controls, blocks.
    Security,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] =
        &[Self::Admin, Self::Designer, Self::Provider, Self::Operator, Self::Reviewer, Self::Security, Self::Auditor];

    /// The word for it on the wire, in the store and on the command line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Designer => "designer",
            Self::Provider => "provider",
            Self::Operator => "operator",
            Self::Reviewer => "reviewer",
            Self::Security => "security",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this word.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.text() == text)
    }
}

/// A text that is no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown role, expected one of admin, designer, provider, operator, reviewer, security, auditor")]
pub struct UnknownRole;

impl std::str::FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::from_text(text).ok_or(UnknownRole)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_wire_form_and_the_error_names_them_all() {
        for &role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.text());
            assert_eq!(role.text().parse(), Ok(role));
            assert!(UnknownRole.to_string().contains(role.text()));
        }
        assert_eq!("root".parse::<Role>(), Err(UnknownRole));
    }
}
