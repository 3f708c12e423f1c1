//! Trying out, or going live.

use serde::{Deserialize, Serialize};

/// What a subscription is for, and what a backend serves. Calls under a sandbox subscription reach no production backend.
/// Stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// For trying out.
    #[default]
    Sandbox,
    /// For customers; a subscription to it needs a certificate.
    Production,
}

impl Environment {
    /// As it is written.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }
    /// Whether a right in this environment reaches a backend of that one.
    pub const fn reaches(self, backend: Self) -> bool {
        matches!((self, backend), (Self::Production, _) | (Self::Sandbox, Self::Sandbox))
    }
}

impl std::str::FromStr for Environment {
    type Err = UnknownEnvironment;
    fn from_str(text: &str) -> Result<Self, UnknownEnvironment> {
        [Self::Sandbox, Self::Production].into_iter().find(|known| known.text() == text).ok_or(UnknownEnvironment)
    }
}

/// The text names no environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be sandbox or production")]
pub struct UnknownEnvironment;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_only_production_reaches_production() {
        for environment in [Environment::Sandbox, Environment::Production] {
            assert_eq!(environment.text().parse(), Ok(environment));
            assert!(environment.reaches(Environment::Sandbox));
            assert_eq!(environment.reaches(Environment::Production), environment == Environment::Production);
        }
        assert_eq!("live".parse::<Environment>(), Err(UnknownEnvironment));
    }
}
