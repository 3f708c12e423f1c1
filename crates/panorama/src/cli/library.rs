//! Commands on the capability library and on API descriptions.

use super::{Id, Move, Names};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to import, and how.
#[derive(Debug, Args)]
pub struct Import {
    /// Files or folders.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Provider that owns the backend, by its short name (`panorama provider list`).
    #[arg(long)]
    pub provider: Option<String>,
    /// Place in the directory, by its path (`panorama directory list`).
    #[arg(long)]
    pub directory: Option<String>,
    /// Short name of the API; only for a single document.
    #[arg(long)]
    pub slug: Option<String>,
    /// Who answers for the API.
    #[arg(long)]
    pub owner: Option<String>,
    /// Address of the backend; without it the API is mocked.
    #[arg(long, value_name = "URL")]
    pub backend: Option<String>,
    /// Name of the gateway's credential for the backend.
    #[arg(long)]
    pub credential: Option<String>,
    /// How partners leave this version one day.
    #[arg(long)]
    pub exit_plan: Option<String>,
    /// Accept every lint error of these documents, with this reason.
    #[arg(long, value_name = "REASON")]
    pub waive_lint: Option<String>,
    /// Confirm the categories of operations about which the documents tell nothing; the gate wants each confirmed by somebody.
    #[arg(long)]
    pub confirm_grades: bool,
}

/// What to read.
#[derive(Debug, Args)]
pub struct Validate {
    /// Files or folders.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Also run lint.
    #[arg(long)]
    pub lint: bool,
}

/// What to compare.
#[derive(Debug, Args)]
pub struct Diff {
    /// The description that consumers use now. With one argument: a sync folder, compared with the server.
    pub old: PathBuf,
    /// The one that would replace it.
    pub new: Option<PathBuf>,
    /// Print Markdown.
    #[arg(long)]
    pub markdown: bool,
}

/// How to sync.
#[derive(Debug, Args)]
pub struct Sync {
    /// Folder that describes the wanted state.
    pub folder: PathBuf,
    /// Only show what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Also end what the folder owned before and no longer describes.
    #[arg(long)]
    pub prune: bool,
    /// Take over what is there without an owner.
    #[arg(long)]
    pub adopt: bool,
}

/// What to do with APIs.
#[derive(Debug, Subcommand)]
pub enum Api {
    /// List APIs.
    List,
    /// Show an API and its versions.
    Show(Id),
    /// Show a version: settings, state, possible moves.
    Version(Version),
    /// Operations of a version, with category, data class, scopes and BIAN mapping.
    Operations(Version),
    /// The document of a version exactly as it came in.
    Document(Version),
    /// What lint finds in a version.
    Lint(Version),
    /// What breaks for those who use the version before.
    Diff {
        /// Version to come.
        version: String,
        /// Version in use; the newest served one when absent.
        #[arg(long)]
        base: Option<String>,
    },
    /// What stands between a version and a move.
    Gate {
        /// Identifier of the version, or `API@VERSION`; the API alone where it has one version.
        version: String,
        /// The move: submit, approve, publish, deprecate, retire.
        #[arg(id = "move")]
        step: String,
    },
    /// Give a version a fresh identification code by the table (JR/T 0185).
    Code(Version),
    /// Say who answers for an API, who runs it and where it stands; what is not named stays.
    Set {
        /// Identifier or short name of the API.
        id: String,
        /// Who answers for it: a team or a person.
        #[arg(long)]
        owner: Option<String>,
        /// Short name of the provider that runs it.
        #[arg(long)]
        provider: Option<String>,
        /// Its leaf of the directory.
        #[arg(long)]
        directory: Option<String>,
    },
    /// Replace a draft's settings from a JSON file: member `settings` of `panorama -o json api version`, edited.
    Settings {
        /// Identifier of the version, or `API@VERSION`; the API alone where it has one version.
        version: String,
        /// JSON file; `-` for standard input.
        file: PathBuf,
    },
    /// Send a draft to review.
    Submit(Move),
    /// Take a version back from review.
    Withdraw(Move),
    /// Approve a version in review. The checker is never the maker.
    Approve(Move),
    /// Send a version in review back to its maker.
    Reject(Move),
    /// Publish an approved version: live at every gateway within a second.
    Publish {
        /// Identifier of the version, or `API@VERSION`; the API alone where it has one version.
        id: String,
        /// Why; kept in the audit trail.
        #[arg(long, default_value = "")]
        reason: String,
        /// Retire the version of the same API that answers at the same place.
        #[arg(long)]
        replace: bool,
    },
    /// Announce the end of a published version.
    Deprecate {
        /// Identifier of the version, or `API@VERSION`; the API alone where it has one version.
        version: String,
        /// When it will stop (RFC 3339).
        #[arg(long)]
        sunset: Option<String>,
        /// Address of what to use instead.
        #[arg(long)]
        link: Option<String>,
        /// Why; kept in the audit trail.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Retire a version: its addresses answer 410.
    Retire {
        /// Identifier of the version, or `API@VERSION`; the API alone where it has one version.
        id: String,
        /// Why; kept in the audit trail.
        #[arg(long, default_value = "")]
        reason: String,
        /// Although apps still call.
        #[arg(long)]
        emergency: bool,
    },
}

/// What to do with providers.
#[derive(Debug, Subcommand)]
pub enum Provider {
    /// List providers.
    List,
    /// Add a provider.
    Create {
        /// Unique short name: lower-case letters, digits, hyphens.
        slug: String,
        /// Names on screens.
        #[command(flatten)]
        names: Names,
        /// Who answers for it.
        #[arg(long, default_value = "")]
        contact: String,
        /// It is a department of the bank.
        #[arg(long)]
        internal: bool,
    },
}

/// What to do with the directory.
#[derive(Debug, Subcommand)]
pub enum Directory {
    /// List every place, in the order of the directory.
    List,
    /// Add a place below one that is there.
    Add {
        /// Path of codes: `api.bank.account`.
        path: String,
        /// Names on screens.
        #[command(flatten)]
        names: Names,
    },
}

/// A version.
#[derive(Debug, Args)]
pub struct Version {
    /// Identifier of the version, or `API@VERSION`; the API alone where it has one version.
    pub version: String,
}
