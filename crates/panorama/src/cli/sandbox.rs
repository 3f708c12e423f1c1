//! `panorama sandbox …`.

use clap::{Args, Subcommand};

/// Partners' sandboxes at the bank, with an operator's token.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Address of the bank.
    #[arg(long, value_name = "URL", global = true, default_value = "http://127.0.0.1:7003")]
    pub bank: String,
    /// What to do.
    #[command(subcommand)]
    pub act: SandboxAct,
}

/// What to do with sandboxes.
#[derive(Debug, Subcommand)]
pub enum SandboxAct {
    /// List sandboxes and whose they are.
    List,
    /// Show how a sandbox stands.
    Show {
        /// Sandbox identifier.
        id: String,
    },
    /// Sum its books anew: debits equal credits in every currency.
    Trial {
        /// Sandbox identifier.
        id: String,
    },
    /// Make it anew from a scenario; what was in it is gone, its snapshots stay.
    Reset {
        /// Sandbox identifier.
        id: String,
        /// everyone, private-person, family, sole-trader, sme-supply-chain or exporter.
        #[arg(long, default_value = "everyone")]
        scenario: String,
    },
    /// Move its clock on; the days on the way are closed.
    Clock {
        /// Sandbox identifier.
        id: String,
        /// The new time, such as 2026-04-01T01:00:00Z.
        time: String,
    },
    /// List its snapshots.
    Snapshots {
        /// Sandbox identifier.
        id: String,
    },
    /// Keep its present state under a name.
    Snapshot {
        /// Sandbox identifier.
        id: String,
        /// Name of the snapshot.
        name: String,
    },
    /// Take a state back that was kept.
    Restore {
        /// Sandbox identifier.
        id: String,
        /// Name of the snapshot.
        name: String,
    },
    /// Forget a state that was kept.
    Forget {
        /// Sandbox identifier.
        id: String,
        /// Name of the snapshot.
        name: String,
    },
    /// List the faults that are switched on.
    Faults {
        /// Sandbox identifier.
        id: String,
    },
    /// Switch faults of an operation on or off.
    Fault {
        /// Sandbox identifier.
        id: String,
        /// operationId of a document of the bank, such as initiateInternalTransfer.
        operation: String,
        /// Switch all of them off.
        #[arg(long)]
        off: bool,
        /// Which faults.
        #[command(flatten)]
        switches: Switches,
    },
}

/// Faults of an operation; rates are millionths.
#[derive(Debug, Args)]
pub struct Switches {
    /// Half of the answers wait less than this, milliseconds.
    #[arg(long, value_name = "MS")]
    pub p50_ms: Option<u32>,
    /// One answer in a hundred waits longer than this, milliseconds; as long as the others when absent.
    #[arg(long, value_name = "MS", requires = "p50_ms")]
    pub p99_ms: Option<u32>,
    /// How often it fails without being carried out.
    #[arg(long, value_name = "PPM", default_value_t = 0)]
    pub error_ppm: u32,
    /// The problem code it fails with.
    #[arg(long, value_name = "CODE")]
    pub error_code: Option<String>,
    /// How often no answer comes in time.
    #[arg(long, value_name = "PPM", default_value_t = 0)]
    pub timeout_ppm: u32,
    /// It is carried out all the same when no answer comes.
    #[arg(long)]
    pub timeout_after_execution: bool,
    /// How often an answer carries the digest of another one.
    #[arg(long, value_name = "PPM", default_value_t = 0)]
    pub wrong_digest_ppm: u32,
}
