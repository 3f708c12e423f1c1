//! Panorama as processes of its own, which can be killed and started again on the same ports and folders.

use pano_http::Client;
use panorama::config::{Config, SecretRef};
use panorama::demo::Site;
use panorama::up;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a process to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// One process and how to start it again.
pub(crate) struct Process {
    arguments: Vec<String>,
    ready: String,
    log: PathBuf,
    child: Option<Child>,
}

impl Process {
    pub(crate) fn new(arguments: &[&str], ready: String, log: PathBuf) -> Self {
        Self { arguments: arguments.iter().map(|a| (*a).to_owned()).collect(), ready, log, child: None }
    }
    pub(crate) fn start(&mut self) {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        // Another build can be named, so that two can be compared.
        let program = std::env::var_os("PANORAMA_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_panorama").into());
        let child = Command::new(program)
            .args(&self.arguments)
            .env_remove("PANORAMA_CONFIG")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }
    /// Waits until it answers, or fails with its log.
    pub(crate) async fn ready(&mut self) {
        let (client, begun) = (Client::new(&self.ready).unwrap().timeout(Duration::from_secs(2)), Instant::now());
        loop {
            let url = format!("{}/readyz", self.ready);
            let answer = client.send(http::Method::GET, &url, http::HeaderMap::new(), bytes::Bytes::new()).await;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none() && begun.elapsed() < PATIENCE, "{:?}: {}", self.arguments, self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    /// SIGKILL: no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
    /// The process, for `/proc`.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }
    pub(crate) fn log(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Panorama in one process (SQLite) or one a role (PostgreSQL).
pub(crate) struct Deployment {
    pub(crate) site: Site,
    pub(crate) processes: Vec<Process>,
    _folder: tempfile::TempDir,
}

impl Deployment {
    /// On SQLite: `panorama up`.
    pub(crate) async fn embedded() -> Self {
        Self::embedded_with(|_| {}).await
    }
    /// The same, with other settings.
    pub(crate) async fn embedded_with(set: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut config, file) = configure(folder.path());
        config.data.folder = folder.path().join("data");
        set(&mut config);
        write(&config, &file);
        let site = up::site(&config);
        let process =
            Process::new(&["up", "-c", file.to_str().unwrap()], site.metrics.clone(), folder.path().join("up.log"));
        Self::begin(site, vec![process], folder).await
    }
    /// On PostgreSQL: one process a role. `url` names a database of its own.
    pub(crate) async fn grown(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut config, file) = configure(folder.path());
        config.data.folder = folder.path().join("data");
        let secret = folder.path().join("postgres.url");
        panorama::folder::write_private(&secret, url.as_bytes()).unwrap();
        config.store.postgres = Some(SecretRef::File(secret));
        write(&config, &file);
        let site = up::site(&config);
        let ready = [
            ("manager", &site.manager),
            ("identity", &site.identity),
            ("bank", &site.bank),
            ("gateway", &site.metrics),
        ];
        let processes = ready.map(|(role, url)| {
            let log = folder.path().join(format!("{role}.log"));
            Process::new(&["serve", role, "-c", file.to_str().unwrap()], url.clone(), log)
        });
        Self::begin(site, processes.into(), folder).await
    }

    async fn begin(site: Site, mut processes: Vec<Process>, folder: tempfile::TempDir) -> Self {
        for process in &mut processes {
            process.start();
            // The gateway is ready once it has a snapshot, so it waits for those before it.
            process.ready().await;
        }
        Self { site, processes, _folder: folder }
    }
}

fn configure(folder: &Path) -> (Config, PathBuf) {
    let mut config = Config::default();
    up::on_free_ports(&mut config).unwrap();
    config.gateway.workers = 2;
    (config, folder.join("panorama.toml"))
}

fn write(config: &Config, file: &Path) {
    std::fs::write(file, toml::to_string(config).unwrap()).unwrap();
}
