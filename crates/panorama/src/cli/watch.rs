//! Commands that show what happened.

use clap::{Args, Subcommand};

/// Which usage.
#[derive(Debug, Args)]
pub struct Usage {
    /// Only of this partner: identifier or short name.
    #[arg(long)]
    pub partner: Option<String>,
    /// Only of this app: identifier or short name.
    #[arg(long)]
    pub app: Option<String>,
    /// Only of this API: identifier or short name.
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
    /// Only of this app: identifier or short name.
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
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=40_000))]
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
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=40_000))]
        limit: u32,
    },
    /// Walk the hash chain and hold it against the ends noted outside of the database; exit code 1 names the first broken link.
    Verify,
}
