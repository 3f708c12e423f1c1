//! Checks a deployment from the inside: what would keep it from starting, and whether what should run does.

use crate::config::Config;
use crate::output::{self, Output};
use crate::up;
use anyhow::bail;
use pano_http::Client;
use pano_store_sql::SqlStore;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

/// Smallest free space that is no worry, bytes.
const FREE_MIN: u64 = 1 << 30;

/// Looks at everything and prints what it found. Exit code 1 when something is wrong.
///
/// # Errors
/// When something is wrong.
pub async fn examine(config: &Config, out: Output) -> anyhow::Result<()> {
    let mut findings = vec![finding("configuration", Ok("no mistakes".to_owned()))];
    findings.push(finding("data folder", folder(&config.data.folder)));
    findings.push(finding("database", database(config).await));
    for (what, path) in [("credentials", "credentials"), ("signing keys", "keys")] {
        findings.push(finding(what, private(&config.data.folder.join(path))));
    }
    let site = up::site(config);
    for (what, url, address) in [
        ("manager", &site.manager, config.manager.listen),
        ("identity", &site.identity, config.identity.listen),
        ("sandbox bank", &site.bank, config.bank.listen),
        ("gateway", &site.metrics, config.gateway.metrics),
    ] {
        findings.push(finding(what, role(url, address).await));
    }
    let wrong = findings.iter().filter(|f| f["state"] == "wrong").count();
    output::rows(out, &[("WHAT", "/what"), ("STATE", "/state"), ("DETAIL", "/detail")], &Value::Array(findings));
    if wrong > 0 { bail!("{wrong} thing(s) wrong") } else { Ok(()) }
}

fn finding(what: &str, result: Result<String, String>) -> Value {
    match result {
        Ok(detail) => json!({ "what": what, "state": "ok", "detail": detail }),
        Err(detail) => json!({ "what": what, "state": "wrong", "detail": detail }),
    }
}

fn folder(path: &Path) -> Result<String, String> {
    let shown = path.display();
    if !path.exists() {
        return Ok(format!("{shown} will be made at the first start"));
    }
    let mode = std::fs::metadata(path).map_err(|e| format!("{shown}: {e}"))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!("{shown} has mode {mode:o}: others can look into it, chmod 700 it"));
    }
    match free(path) {
        Some(bytes) if bytes < FREE_MIN => Err(format!("{shown} has {} MiB left", bytes >> 20)),
        Some(bytes) => Ok(format!("{shown}, {} GiB left", bytes >> 30)),
        None => Ok(shown.to_string()),
    }
}

/// Free bytes as `df` tells them; no system call of our own for that.
fn free(path: &Path) -> Option<u64> {
    let out = std::process::Command::new("df").arg("-Pk").arg(path).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok().map(|kib| kib << 10)
}

/// Looks without changing anything: what would be migrated is migrated at the next start, not by a doctor.
async fn database(config: &Config) -> Result<String, String> {
    let options = up::store_options(config)?;
    match SqlStore::inspect(&options).await {
        Ok(None) => Ok("will be made at the first start".to_owned()),
        Ok(Some(0)) => Ok("opens, schema up to date".to_owned()),
        Ok(Some(pending)) => Ok(format!("opens; the next start makes {pending} step(s) of its schema")),
        Err(pano_store::StoreError::FolderInUse { .. }) => Ok("in use by a running process".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn private(path: &Path) -> Result<String, String> {
    if !path.exists() {
        return Ok("will be made at the first start".to_owned());
    }
    for entry in std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?.flatten() {
        let mode = entry.metadata().map_err(|e| e.to_string())?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(format!("{} has mode {mode:o}, chmod 600 it", entry.path().display()));
        }
    }
    Ok("private".to_owned())
}

async fn role(url: &str, address: SocketAddr) -> Result<String, String> {
    let client = Client::new(url).map_err(|e| e.to_string())?.timeout(Duration::from_secs(2));
    match client.send(http::Method::GET, &format!("{url}/readyz"), http::HeaderMap::new(), bytes::Bytes::new()).await {
        Ok(answer) if answer.status.is_success() => Ok(format!("ready at {url}")),
        Ok(answer) => Err(format!("{url} answers {}: something else on this port, or not ready", answer.status)),
        Err(_) => match tokio::net::TcpListener::bind(address).await {
            Ok(_) => Ok(format!("not running; {address} is free")),
            Err(error) => Err(format!("not running, and {address} cannot be used: {error}")),
        },
    }
}
