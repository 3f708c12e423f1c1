//! The command line. What each command does stands in `command/`; this file is only its shape and its help.

mod sandbox;

pub use sandbox::{Sandbox, SandboxAct, Switches};

use crate::output::Output;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Panorama, the open-banking platform: capability library, gateway, identity, sandbox bank, in one binary.
///
/// `panorama up` runs everything on this machine with nothing installed beside it; `panorama demo` shows the whole way of
/// a partner's call. All other commands speak to a running manager over its admin API.
#[derive(Debug, Parser)]
#[command(name = "panorama", version, arg_required_else_help = true, max_term_width = 110)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Configuration file; without it, every key has its default.
    #[arg(long, short = 'c', global = true, env = "PANORAMA_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address of the manager, for commands that speak to a running Panorama.
    #[arg(long, global = true, env = "PANORAMA_SERVER", value_name = "URL", default_value = "http://127.0.0.1:7000")]
    pub server: String,
    /// File that holds an operator's API token. `PANORAMA_TOKEN` may hold the token itself.
    #[arg(long, global = true, env = "PANORAMA_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Form of what is printed.
    #[arg(long, short = 'o', global = true, value_enum, default_value_t = Output::Table)]
    pub output: Output,
    /// Language of problems and names that the server sends.
    #[arg(long, global = true, env = "PANORAMA_LANG", value_enum, default_value_t = Language::En)]
    pub lang: Language,
}

/// A language of the server's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Everything one can ask for.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run every role in this process until Ctrl-C.
    Up,
    /// Run one role in this process until Ctrl-C.
    Serve {
        /// Which.
        #[arg(value_enum)]
        role: Role,
    },
    /// Show the whole way of a partner's call, on a fresh data folder, step by step; stays up until Ctrl-C.
    Demo(Demo),
    /// Check a deployment: configuration, folders, addresses, database, keys, running roles.
    Doctor,
    /// Show or check the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Import API descriptions (files or folders) into the capability library.
    Import(Import),
    /// Read API descriptions without importing: what would be taken, repaired or refused, and what lint finds.
    Validate(Validate),
    /// Compare two API descriptions: what a consumer of OLD would meet in NEW.
    Diff(Diff),
    /// Bring the server to what a folder describes; never deletes what the folder does not own.
    Sync(Sync),
    /// Write the server's state as a folder that `sync` reads.
    Dump {
        /// Folder to write into; made when absent, must be empty otherwise.
        folder: PathBuf,
    },
    /// APIs and their versions.
    #[command(subcommand)]
    Api(Api),
    /// Search the capability library, in Chinese or English.
    Search {
        /// Words that must all occur.
        #[arg(required = true)]
        query: Vec<String>,
    },
    /// Partners, from registration to exit.
    #[command(subcommand)]
    Partner(Partner),
    /// Apps, their keys and their subscriptions.
    #[command(subcommand)]
    App(App),
    /// Plans: limits and quotas that subscriptions are bound to.
    #[command(subcommand)]
    Plan(Plan),
    /// Subscriptions waiting, approved or ended.
    #[command(subcommand)]
    Subscription(Subscription),
    /// Operators, their roles and API tokens.
    #[command(subcommand)]
    Operator(Operator),
    /// Metered requests by partner, app, API, operation, hour and status.
    Usage(Usage),
    /// Access records, newest first.
    Records(Records),
    /// The audit trail.
    #[command(subcommand)]
    Audit(Audit),
    /// Gateways and the snapshot that each runs.
    Gateways,
    /// Signing keys of the authorization server, with an operator's token.
    #[command(subcommand)]
    Keys(Keys),
    /// Partners' sandboxes at the bank, with an operator's token.
    Sandbox(Sandbox),
    /// Print the admin API's OpenAPI document.
    Openapi,
    /// Print a completion script: `panorama completions bash > /etc/bash_completion.d/panorama`.
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Run a bare gateway from one file, for benchmarks.
    GatewayBench {
        /// Listeners, upstream, issuer, routes; see docs/BENCHMARKS.md.
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
}

/// A role that can run alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// The data plane; opens no database.
    Gateway,
    /// The control plane.
    Manager,
    /// The authorization server.
    Identity,
    /// The sandbox bank and the mock.
    Bank,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Do the same, exit with a code, leave nothing running.
    #[arg(long)]
    pub check: bool,
    /// Data folder to use; by default a temporary one that is removed at the end.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Folder of real API descriptions to import as well.
    #[arg(long, env = "PANORAMA_SPECS", value_name = "FOLDER")]
    pub specs: Option<PathBuf>,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of the configuration file.
    Schema,
    /// Report every mistake of the configuration file.
    Check,
    /// Print the configuration in force, defaults included; secrets stay references.
    Show,
}

/// What to import, and how.
#[derive(Debug, Args)]
pub struct Import {
    /// Files or folders.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Provider that owns the backend.
    #[arg(long)]
    pub provider: Option<String>,
    /// Place in the directory, by its code.
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
        /// Version identifier.
        version: String,
        /// The move: submit, approve, publish, deprecate, retire.
        #[arg(id = "move")]
        step: String,
    },
    /// Give a version its identification code by the table (JR/T 0185).
    Code(Version),
    /// Replace a version's settings from a JSON file (see the admin API's document).
    Settings {
        /// Version identifier.
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
        /// Version identifier.
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
        /// Version identifier.
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
        /// Version identifier.
        id: String,
        /// Why; kept in the audit trail.
        #[arg(long, default_value = "")]
        reason: String,
        /// Although apps still call.
        #[arg(long)]
        emergency: bool,
    },
}

/// A version.
#[derive(Debug, Args)]
pub struct Version {
    /// Version identifier.
    pub version: String,
}

/// A move of a lifecycle.
#[derive(Debug, Args)]
pub struct Move {
    /// What is moved.
    pub id: String,
    /// Why; kept in the audit trail.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// A resource.
#[derive(Debug, Args)]
pub struct Id {
    /// Identifier.
    pub id: String,
}

/// What to do with partners.
#[derive(Debug, Subcommand)]
pub enum Partner {
    /// List partners.
    List,
    /// Show a partner.
    Show(Id),
    /// Register a partner.
    Create {
        /// Unique short name: lower-case letters, digits, hyphens.
        slug: String,
        /// Name on screens, in English; at least one of the two names.
        #[arg(long, default_value = "")]
        name: String,
        /// Name on screens, in Chinese.
        #[arg(long, default_value = "")]
        name_zh: String,
        /// Number in the register of companies (unified social credit code).
        #[arg(long)]
        registration: String,
        /// Who answers for it: a mailbox, a team.
        #[arg(long)]
        contact: String,
        /// Its scenario handles C2 or C3 data.
        #[arg(long)]
        sensitive_data: bool,
        /// Its scenario moves funds.
        #[arg(long)]
        moves_funds: bool,
    },
    /// Send to review.
    Submit(Id),
    /// Admit into a tier.
    Admit {
        /// Partner identifier.
        id: String,
        /// 1: no sensitive data, no funds; 2: one of them; 3: both.
        #[arg(long, value_parser = clap::value_parser!(u8).range(1..=3))]
        tier: u8,
        /// Why; kept in the audit trail.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Send back from review.
    Reject(Move),
    /// Stop all its apps for a time.
    Suspend(Move),
    /// End a suspension.
    Resume(Move),
    /// Begin the exit: no new apps, subscriptions run out.
    Exit(Move),
    /// Finish the exit: everything is revoked.
    Close(Move),
}

/// What to do with apps.
#[derive(Debug, Subcommand)]
pub enum App {
    /// List apps.
    List {
        /// Only of this partner.
        #[arg(long)]
        partner: Option<String>,
    },
    /// Show an app.
    Show(Id),
    /// Register an app.
    Create {
        /// Short name, unique among the partner's apps.
        slug: String,
        /// Its partner.
        #[arg(long)]
        partner: String,
        /// Name on screens, in English; at least one of the two names.
        #[arg(long, default_value = "")]
        name: String,
        /// Name on screens, in Chinese.
        #[arg(long, default_value = "")]
        name_zh: String,
        /// What it does.
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Let it get tokens: its partner is admitted and it has a key.
    Activate(Move),
    /// Make a key pair on this machine: the private key into a file (mode 0600), the public key (JWK) on screen.
    Keygen {
        /// File for the private key; must not exist.
        private_key: PathBuf,
        /// Algorithm.
        #[arg(long, default_value = "ES256", value_parser = ["ES256", "EdDSA"])]
        alg: String,
    },
    /// Register a public key (JWK) or certificate (PEM).
    AddKey {
        /// App identifier.
        id: String,
        /// File with the JWK or certificate; `-` for standard input.
        file: PathBuf,
        /// What it is for.
        #[arg(long, default_value = "")]
        label: String,
    },
    /// Keys of an app.
    Keys(Id),
    /// Take a key back.
    RevokeKey {
        /// App identifier.
        id: String,
        /// Credential identifier.
        credential: String,
        /// Why; kept in the audit trail.
        #[arg(long)]
        reason: String,
    },
    /// Ask for a subscription to an API under a plan.
    Subscribe {
        /// App identifier.
        id: String,
        /// API identifier.
        #[arg(long)]
        api: String,
        /// Plan identifier.
        #[arg(long)]
        plan: String,
    },
    /// Stop the app for a time.
    Suspend(Move),
    /// End a suspension.
    Resume(Move),
    /// End the app for good.
    End(Move),
    /// Take back every token that the app holds.
    RevokeTokens(Move),
    /// Get an access token as the app would (client_credentials with private_key_jwt).
    Token {
        /// App identifier, the OAuth client_id.
        id: String,
        /// File with the private key (PKCS#8 PEM).
        #[arg(long, value_name = "FILE")]
        private_key: PathBuf,
        /// Key id (kid) of the registered key; by default the key's thumbprint.
        #[arg(long)]
        kid: Option<String>,
        /// Scopes, blank-separated; by default all that the app may have.
        #[arg(long)]
        scope: Option<String>,
        /// Address of the authorization server.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7002")]
        issuer: String,
    },
}

/// What to do with plans.
#[derive(Debug, Subcommand)]
pub enum Plan {
    /// List plans.
    List,
    /// Create a plan.
    Create {
        /// Unique short name: lower-case letters, digits, hyphens.
        slug: String,
        /// Name on screens, in English; at least one of the two names.
        #[arg(long, default_value = "")]
        name: String,
        /// Name on screens, in Chinese.
        #[arg(long, default_value = "")]
        name_zh: String,
        /// Requests per second of each operation.
        #[arg(long)]
        rate: Option<u32>,
        /// How many may come at once.
        #[arg(long)]
        burst: Option<u32>,
        /// Requests per UTC day.
        #[arg(long)]
        quota_per_day: Option<u64>,
    },
}

/// What to do with subscriptions.
#[derive(Debug, Subcommand)]
pub enum Subscription {
    /// List subscriptions.
    List {
        /// Only of this app.
        #[arg(long)]
        app: Option<String>,
    },
    /// Approve. The checker is never the one who asked.
    Approve(Move),
    /// Reject.
    Reject(Move),
    /// Stop for a time.
    Suspend(Move),
    /// End a suspension.
    Resume(Move),
    /// End.
    End(Move),
}

/// What to do with operators.
#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Use the one-time bootstrap secret: makes the first operator and prints its API token once.
    Bootstrap {
        /// The file that the first start named.
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
        /// Name of the first operator.
        #[arg(long)]
        name: String,
    },
    /// List operators.
    List,
    /// Create an operator and print its API token once.
    Create {
        /// Name.
        #[arg(long)]
        name: String,
        /// Roles, comma-separated: admin, designer, provider, operator, reviewer, security, auditor.
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<String>,
    },
    /// Disable an operator; its tokens stop at once.
    Disable(Id),
    /// Make another API token and print it once.
    Token {
        /// Operator identifier.
        id: String,
        /// What it is for.
        #[arg(long)]
        label: String,
    },
    /// The table of roles and what they may do.
    Roles,
}

/// Which usage.
#[derive(Debug, Args)]
pub struct Usage {
    /// Only of this partner.
    #[arg(long)]
    pub partner: Option<String>,
    /// Only of this app.
    #[arg(long)]
    pub app: Option<String>,
    /// Only of this API.
    #[arg(long)]
    pub api: Option<String>,
    /// From this instant (RFC 3339).
    #[arg(long)]
    pub from: Option<String>,
    /// Up to, without, the hour of this instant (RFC 3339).
    #[arg(long)]
    pub until: Option<String>,
    /// Broken down by these: hour, day, partner, app, api, version, operation, status.
    #[arg(long, default_value = "app,api,operation")]
    pub by: String,
}

/// Which records.
#[derive(Debug, Args)]
pub struct Records {
    /// Only of this app.
    #[arg(long)]
    pub app: Option<String>,
    /// Only with this status.
    #[arg(long)]
    pub status: Option<u16>,
    /// Only with this problem code.
    #[arg(long)]
    pub code: Option<String>,
    /// Only of this trace.
    #[arg(long)]
    pub trace: Option<String>,
    /// How many.
    #[arg(long, default_value_t = 50)]
    pub limit: u32,
}

/// What to do with the trail.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Who did what, newest first.
    List {
        /// Only about this resource.
        #[arg(long)]
        subject: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Walk the hash chain; exit code 1 names the first broken link.
    Verify,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List signing keys and their states.
    List {
        /// Address of the authorization server.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7002")]
        identity: String,
    },
    /// Make the next signing key; it takes over once every gateway knows it.
    Rotate {
        /// Address of the authorization server.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7002")]
        identity: String,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_has_help() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            for arg in command.get_arguments().filter(|a| !a.is_global_set()) {
                assert!(arg.get_help().is_some(), "{} {} has no help", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&super::Cli::command());
    }
}
