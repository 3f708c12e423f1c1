//! What each command does. `cli.rs` has their shape.

pub mod admin;
pub mod catalog;
pub mod doctor;
pub mod journey;
pub mod keys;
pub mod local;
pub mod sandbox;
pub mod sync;
pub mod watch;

use crate::remote::Remote;
use anyhow::Context;
use serde_json::Value;
use std::io::Read;
use std::path::Path;

/// Largest input read from a file or standard input, bytes.
const INPUT_MAX: u64 = 64 * 1024 * 1024;

/// Reads a file, or standard input for `-`.
///
/// # Errors
/// When it cannot be read, is too large or is not UTF-8.
pub fn read_input(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin().take(INPUT_MAX).read_to_string(&mut text).context("cannot read standard input")?;
    } else {
        let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        file.take(INPUT_MAX).read_to_string(&mut text).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(text)
}

/// `POST base/id/name`: a move of a lifecycle. `id` may be a short name.
///
/// # Errors
/// What the admin API refuses.
pub async fn step(remote: &Remote, base: &str, id: &str, name: &str, form: &Value) -> anyhow::Result<Value> {
    let silent = form.get("why").and_then(Value::as_str).is_some_and(str::is_empty);
    let mut form = form.clone();
    if let Some(members) = form.as_object_mut().filter(|_| silent) {
        members.remove("why");
    }
    let id = remote.id(base, id).await?;
    remote.post(&format!("{base}/{id}/{name}"), &form).await
}
