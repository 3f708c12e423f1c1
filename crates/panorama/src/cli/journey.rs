//! `panorama journey …`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What to do with journeys. None of it needs a server.
///
/// A journey is one file (NAME.journey.yaml) of six steps: activities, contexts, events and states, tasks, operations, interfaces.
/// `panorama journey schema` is what an editor needs to help with writing one; docs/journey-diagnostics.md explains every finding.
#[derive(Debug, Subcommand)]
pub enum Journey {
    /// Report everything that is wrong with journeys, with its place and what to do.
    ///
    /// Exit code 1 when there is an error, 0 when there are at most warnings. With `--output table` each finding comes with its line;
    /// with `json` as one list; `--sarif` writes a SARIF 2.1.0 log for editors and reviews.
    Check(CheckJourney),
    /// Bring journeys into their canonical form: keys in order, one entry a line; comments stay, values too.
    Fmt(FmtJourney),
    /// Show a journey: its stages, where a customer can stand, and who does what.
    Show(ShowJourney),
    /// Print the JSON Schema of a journey's file.
    Schema,
}

/// Options of `journey check`.
#[derive(Debug, Args)]
pub struct CheckJourney {
    /// Files, or folders whose `*.journey.yaml`, `*.journey.yml` and `*.journey.json` are meant; `-` is standard input.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Folder of BIAN's Semantic APIs to check service operations against, such as a release's `yamls`. A domain that is not in it is
    /// a warning.
    #[arg(long, env = "PANORAMA_BIAN", value_name = "FOLDER")]
    pub bian: Option<PathBuf>,
    /// The folder holds every domain of the release: one that is not in it is an error.
    #[arg(long, requires = "bian")]
    pub bian_whole: bool,
    /// Take warnings for errors.
    #[arg(long)]
    pub strict: bool,
    /// Write a SARIF 2.1.0 log instead.
    #[arg(long)]
    pub sarif: bool,
}

/// Options of `journey fmt`.
#[derive(Debug, Args)]
pub struct FmtJourney {
    /// Files or folders, as for `check`; `-` reads standard input and writes standard output.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; exit code 1 when a file is not in its canonical form.
    #[arg(long)]
    pub check: bool,
}

/// Options of `journey show`.
#[derive(Debug, Args)]
pub struct ShowJourney {
    /// A journey's file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Which part.
    #[arg(long, value_enum, default_value_t = JourneyPart::All)]
    pub part: JourneyPart,
}

/// A part of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JourneyPart {
    /// Everything.
    All,
    /// Stages and activities.
    Activities,
    /// States and the moves out of them.
    States,
    /// Tasks and the service operations they are mapped to.
    Tasks,
    /// Operations that apps call.
    Operations,
}
