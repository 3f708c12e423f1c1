//! `panorama demo`: the whole way of a partner's call, through the public interfaces, step by step on screen.
//!
//! Each step is one file: [`library`] (import, review, publish), [`onboard`] (partner, app, key, subscription),
//! [`calls`] (token, accounts, payment), [`refusals`], [`account_for`] (records, usage, audit). Tests run the same steps
//! with a quiet [`Transcript`].

pub mod account_for;
pub mod calls;
pub mod library;
pub mod onboard;
pub mod refusals;
pub mod team;
pub mod transcript;

pub use team::Team;
pub use transcript::{Call, Transcript};

use crate::cli;
use crate::config::Config;
use crate::{folder, output, up};
use anyhow::Context;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a running Panorama can be reached.
#[derive(Debug, Clone)]
pub struct Site {
    /// Admin API, `http://host:port`.
    pub manager: String,
    /// Authorization server.
    pub identity: String,
    /// Issuer identifier; the audience of client assertions.
    pub issuer: String,
    /// Data plane.
    pub gateway: String,
    /// Metrics of the data plane.
    pub metrics: String,
    /// Sandbox bank.
    pub bank: String,
    /// Data folder.
    pub data: PathBuf,
}

/// Longest wait for something that takes a second at most.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the demo.
///
/// # Errors
/// When a step does not go as it should.
pub async fn run(mut config: Config, command: &cli::Demo) -> anyhow::Result<()> {
    let temporary = match &command.data {
        Some(folder) => {
            config.data.folder.clone_from(folder);
            None
        }
        None => Some(
            tempfile::Builder::new().prefix("panorama-demo-").tempdir().context("cannot make a temporary folder")?,
        ),
    };
    if let Some(temporary) = &temporary {
        config.data.folder = temporary.path().to_path_buf();
    }
    if command.check || busy(&config).await {
        if !command.check {
            output::note("the usual ports are taken: this demo takes free ones");
        }
        up::on_free_ports(&mut config)?;
    }
    folder::ensure(&config.data.folder)?;
    let mut transcript = Transcript::default();
    let begun = std::time::Instant::now();
    transcript
        .say("Panorama 全景银行 · the way of a partner's call, from a real API description to a bank account and back");
    let running = up::start(&config).await?;
    let site = running.site(&config);
    transcript.say(&format!(
        "   started in {:.1} s on SQLite and files in {}",
        begun.elapsed().as_secs_f32(),
        site.data.display()
    ));
    let shown = show(&mut transcript, &site, command.specs.as_deref()).await;
    let outcome = match shown {
        Ok(()) => {
            let (steps, calls) = transcript.counts();
            transcript.say(&format!("\n━━ done: {steps} steps, {calls} calls, {:.1} s", begun.elapsed().as_secs_f32()));
            farewell(&transcript, &site, command.check).await
        }
        Err(error) => Err(error),
    };
    running.stop().await;
    outcome
}

async fn show(transcript: &mut Transcript, site: &Site, specs: Option<&Path>) -> anyhow::Result<()> {
    let team = team::gather(transcript, site).await?;
    let library = library::fill(transcript, site, &team, specs).await?;
    let partner = onboard::admit(transcript, site, &team, &library).await?;
    let calls = calls::make(transcript, site, &partner).await?;
    refusals::show(transcript, site, &team, &library, &partner, &calls).await?;
    account_for::show(transcript, site, &team, &partner).await
}

async fn farewell(transcript: &Transcript, site: &Site, check: bool) -> anyhow::Result<()> {
    if check {
        return Ok(());
    }
    transcript.say(&format!(
        "\n   gateway         {}\n   admin API       {}/admin/v1/openapi.json\n   authorization   {}/.well-known/oauth-authorization-server\
         \n   sandbox bank    {}/openapi\n   metrics         {}/metrics (bearer token in credentials/metrics.token)\n   data folder     {}\
         \n\n   Operators' API tokens are in {}/demo (mode 0600): export PANORAMA_TOKEN_FILE=…/admin.token PANORAMA_SERVER={}\
         \n   Ctrl-C stops it.",
        site.gateway, site.manager, site.identity, site.bank, site.metrics, site.data.display(), site.data.display(), site.manager,
    ));
    up::until_told().await
}

/// Whether one of the usual addresses is taken.
async fn busy(config: &Config) -> bool {
    let addresses: [SocketAddr; 5] = [
        config.gateway.listen,
        config.gateway.metrics,
        config.manager.listen,
        config.identity.listen,
        config.bank.listen,
    ];
    for address in addresses {
        if tokio::net::TcpListener::bind(address).await.is_err() {
            return true;
        }
    }
    false
}
