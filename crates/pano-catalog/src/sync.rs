//! A declared folder compared with what is there: the plan of changes, and the folder that a server would declare. Pure; the
//! command line reads files and talks to the admin API.
//!
//! ```text
//! sync.yaml                 folder: retail-open-banking      # the label under which it owns what it made
//! providers/*.yaml          slug, name, internal, contact
//! plans/*.yaml              slug, name, limits
//! apis/*.yaml               slug, name, summary, owner, provider, directory, versions: [{ document, settings }]
//! partners/*.yaml           slug, name, …, apps: [{ slug, name, …, keys: [{ label, jwk }], subscriptions: [{ api, plan }] }]
//! documents/…               what apis/*.yaml point to
//! ```
//!
//! Invariants:
//! * What the folder did not make it does not touch: every resource carries the label of its folder (`managed_by`), and another
//!   label, or none, blocks the change unless the caller says `adopt`.
//! * Nothing ends unless the caller says `prune`, and then only what the folder owns.
//! * A plan that was carried out leads to an empty plan.
//! * A folder declares drafts; review and publishing are for two people and happen elsewhere.
//!
//! Start reading at [`Desired::read`] and [`plan`].

mod dump;
mod folder;
mod live;
mod plan;

pub use dump::{Dump, dump};
pub use folder::{Desired, FileMistake, Wanted};
pub use live::Live;
pub use plan::{Action, Change, Difference, Ids, Options, Plan, Request, Unresolved, plan};

use serde::{Deserialize, Serialize};
use std::fmt;

/// Kinds of resources, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the library's words")]
pub enum Kind {
    Provider,
    Plan,
    Api,
    Version,
    Partner,
    App,
    Credential,
    Subscription,
}

impl Kind {
    /// The word for people.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Plan => "plan",
            Self::Api => "api",
            Self::Version => "version",
            Self::Partner => "partner",
            Self::App => "app",
            Self::Credential => "credential",
            Self::Subscription => "subscription",
        }
    }

    /// Members that a folder declares and that are compared.
    pub(crate) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["name", "internal", "contact"],
            Self::Plan => &["name", "limits"],
            Self::Api => &["name", "summary", "owner", "provider", "directory"],
            Self::Version => &["settings"],
            Self::Partner => &["name", "registration", "contact", "scenario", "evidence", "rate"],
            Self::App => &["name", "description", "redirect_uris"],
            // Identity is all there is to them.
            Self::Credential | Self::Subscription => &[],
        }
    }

    /// Whether it has a label of its own; the others belong to whom the thing above them belongs.
    pub(crate) const fn labelled(self) -> bool {
        !matches!(self, Self::Version | Self::Credential)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What names a resource across servers: slugs joined with `/`, for a version `slug@SHA-256`, for a credential the app and the
/// fingerprint of its public key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub String);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Key {
    /// The key of a version.
    pub fn version(api: &str, sha256: &str) -> Self {
        Self(format!("{api}@{sha256}"))
    }
    /// The key of an app.
    pub fn app(partner: &str, app: &str) -> Self {
        Self(format!("{partner}/{app}"))
    }
    /// The key of a credential: the app's key and a fingerprint over the public members of its JWK, in order.
    pub fn credential(app: &Self, jwk: &serde_json::Value) -> Self {
        let mut text = String::new();
        for member in ["crv", "e", "kty", "n", "x", "y"] {
            if let Some(value) = jwk.get(member).and_then(serde_json::Value::as_str) {
                text.push_str(&format!("{member}={value};"));
            }
        }
        let digest = pano_crypto::digest::sha256_hex(text.as_bytes());
        Self(format!("{app}/{}", digest.get(..16).unwrap_or_default()))
    }
    /// The key of a subscription.
    pub fn subscription(app: &Self, api: &str) -> Self {
        Self(format!("{app}/{api}"))
    }
    /// What stands before the last `/` or `@`: the thing above.
    pub fn above(&self) -> Option<Self> {
        self.0.rsplit_once(['/', '@']).map(|(above, _)| Self(above.to_owned()))
    }
}

#[cfg(test)]
mod tests;
