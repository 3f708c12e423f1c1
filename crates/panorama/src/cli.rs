//! The command line. What each command does stands in `command/`; this file is only its shape and its help.

mod library;
mod people;
mod sandbox;
mod watch;

pub use library::{Api, Diff, Directory, Import, Provider, Sync, Validate, Version};
pub use people::{App, Certification, Consent, Id, Move, Names, Operator, Partner, Plan, SaveToken, Subscription};
pub use sandbox::{Sandbox, SandboxAct, Switches};
pub use watch::{Audit, Records, Usage};

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
    #[command(flatten, next_help_heading = "Options of every command")]
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
    /// Certificates (PEM) of the authorities to trust for https addresses; on Debian the public ones are in
    /// /etc/ssl/certs/ca-certificates.crt.
    #[arg(long, global = true, env = "PANORAMA_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
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
    /// Providers: who runs the backends of APIs.
    #[command(subcommand)]
    Provider(Provider),
    /// The capability library's directory.
    #[command(subcommand)]
    Directory(Directory),
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
    /// Consents that customers gave to apps.
    #[command(subcommand)]
    Consent(Consent),
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

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List signing keys and their states.
    List {
        /// Address of the authorization server.
        #[arg(long, env = "PANORAMA_IDENTITY", value_name = "URL", default_value = "http://127.0.0.1:7002")]
        identity: String,
    },
    /// Make the next signing key; it takes over once every gateway knows it.
    Rotate {
        /// The current key is disclosed: the new one signs at once, and tokens signed with the old one are void.
        #[arg(long)]
        urgent: bool,
        /// Address of the authorization server.
        #[arg(long, env = "PANORAMA_IDENTITY", value_name = "URL", default_value = "http://127.0.0.1:7002")]
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
