//! From a parsed command line to what it does.

use crate::cli::{App, Cli, Command, ConfigCommand, Global, Operator};
use crate::command::{admin, catalog, doctor, keys, local, sandbox, sync, watch};
use crate::config::Config;
use crate::output::Output;
use crate::remote::{Remote, client};
use crate::{demo, logging, output, up};
use anyhow::Context;
use clap::CommandFactory as _;
use pano_types::clock::{OsEntropy, SystemClock};

/// Does what the command line says.
///
/// # Errors
/// Whatever went wrong, in words for the person at the terminal.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let Cli { global, command } = cli;
    match command {
        Command::Config(ConfigCommand::Schema) => {
            output::json(&Config::schema());
            Ok(())
        }
        Command::Config(ConfigCommand::Check) => {
            Config::load(global.config.as_deref())?;
            output::line("the configuration has no mistakes");
            Ok(())
        }
        Command::Config(ConfigCommand::Show) => {
            let config = Config::load(global.config.as_deref())?;
            match global.output {
                Output::Json => output::json(&serde_json::to_value(&config)?),
                Output::Table => output::line(toml::to_string_pretty(&config)?.trim_end()),
            }
            Ok(())
        }
        Command::Completions { shell } => {
            // Not straight to standard output: the generator panics when nobody reads to the end.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "panorama", &mut script);
            output::bytes(&script);
            Ok(())
        }
        Command::Openapi => {
            output::json(&pano_manager::openapi());
            Ok(())
        }
        Command::Validate(command) => local::validate(global.output, &command),
        Command::Diff(command) if command.new.is_some() => local::diff(global.output, &command),
        Command::App(App::Keygen { private_key, alg }) => keys::keygen(&private_key, &alg),
        Command::GatewayBench { file } => gateway_bench(&file),
        Command::Up | Command::Serve { .. } | Command::Demo(_) | Command::Doctor => serve(&global, command),
        other => runtime()?.block_on(remote(&global, other)),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")
}

/// Commands that run roles, or look at a deployment from the inside.
fn serve(global: &Global, command: Command) -> anyhow::Result<()> {
    let mut config = Config::load(global.config.as_deref())?;
    if matches!(command, Command::Demo(_)) && global.config.is_none() {
        // The demo speaks for itself; only what goes wrong should come between.
        "warn".clone_into(&mut config.log.filter);
    }
    logging::start(&config.log)?;
    let runtime = runtime()?;
    match command {
        Command::Demo(command) => runtime.block_on(demo::run(config, &command)),
        Command::Serve { role } => runtime.block_on(up::serve(&config, Some(role))),
        Command::Doctor => runtime.block_on(doctor::examine(&config, global.output)),
        _ => runtime.block_on(up::serve(&config, None)),
    }
}

fn gateway_bench(file: &std::path::Path) -> anyhow::Result<()> {
    logging::start(&crate::config::LogConfig::default())?;
    let clock = std::sync::Arc::new(SystemClock);
    let mut running = pano_gateway::standalone::start(file, clock, std::sync::Arc::new(OsEntropy))?;
    runtime()?
        .block_on(up::until_told_to_stop_or_reload(|| running.reload().context("the routes could not be read again")))
}

/// Commands that speak to a running Panorama.
async fn remote(global: &Global, command: Command) -> anyhow::Result<()> {
    let out = global.output;
    match command {
        Command::Operator(Operator::Bootstrap { secret_file, name, save }) => {
            return admin::bootstrap(&Remote::anonymous(global)?, out, &secret_file, &name, &save).await;
        }
        Command::App(App::Token { id, private_key, kid, scope, issuer }) => {
            let issuer = issuer.trim_end_matches('/');
            let key = keys::private_key(&private_key, kid.as_deref())?;
            let who = keys::Credentials { client_id: &id, key: &key, issuer, scope: scope.as_deref() };
            let server = client(issuer, global.ca.as_deref())?;
            keys::show(out, &keys::token(&who, &server, &SystemClock, &OsEntropy).await?);
            return Ok(());
        }
        _ => {}
    }
    if let Command::Sandbox(command) = command {
        return sandbox::run(global, out, command).await;
    }
    let remote = &Remote::new(global)?;
    match command {
        Command::Import(import) => catalog::import(remote, out, &import).await,
        Command::Api(api) => catalog::api(remote, out, api).await,
        Command::Provider(provider) => catalog::provider(remote, out, provider).await,
        Command::Directory(directory) => catalog::directory(remote, out, directory).await,
        Command::Search { query } => catalog::search(remote, out, &query.join(" ")).await,
        Command::Partner(partner) => admin::partner(remote, out, partner).await,
        Command::App(app) => admin::app(remote, out, app).await,
        Command::Plan(plan) => admin::plan(remote, out, plan).await,
        Command::Subscription(subscription) => admin::subscription(remote, out, subscription).await,
        Command::Consent(consent) => admin::consent(remote, out, consent).await,
        Command::Operator(operator) => admin::operator(remote, out, operator).await,
        Command::Usage(filter) => watch::usage(remote, out, &filter).await,
        Command::Records(filter) => watch::records(remote, out, &filter).await,
        Command::Audit(audit) => watch::audit(remote, out, audit).await,
        Command::Gateways => watch::gateways(remote, out).await,
        Command::Keys(command) => keys::signing(global, command).await,
        Command::Sync(command) => sync::sync(remote, out, &command).await,
        Command::Dump { folder } => sync::dump(remote, &folder).await,
        Command::Diff(command) => sync::diff(remote, out, &command.old).await,
        // Handled before a client was needed.
        _ => Ok(()),
    }
}
