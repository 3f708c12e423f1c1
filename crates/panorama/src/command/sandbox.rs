//! Partners' sandboxes, with an operator's token, at the bank.

use crate::cli::{Global, Sandbox, SandboxAct};
use crate::output::{self, Output};
use crate::remote::{Remote, escape};
use http::Method;
use serde_json::json;

/// Lists, shows and changes sandboxes.
///
/// # Errors
/// What the bank refuses.
pub async fn run(global: &Global, out: Output, command: Sandbox) -> anyhow::Result<()> {
    let bank = Remote::new(&Global { server: command.bank.clone(), ..global.clone() })?;
    act(&bank, out, command.act).await
}

async fn act(bank: &Remote, out: Output, act: SandboxAct) -> anyhow::Result<()> {
    let base = |id: &str| format!("/internal/v1/sandboxes/{}", escape(id));
    match act {
        SandboxAct::List => {
            let columns = [
                ("SANDBOX", "/sandboxId"),
                ("PARTNER", "/partnerId"),
                ("SCENARIO", "/scenario"),
                ("TRANSACTIONS", "/transactions"),
                ("EVENTS", "/events"),
                ("CHANGED", "/changedAt"),
            ];
            output::rows(out, &columns, &bank.list("/internal/v1/sandboxes", None).await?);
        }
        SandboxAct::Show { id } => output::object(out, &bank.get(&format!("{}/sandbox", base(&id))).await?),
        SandboxAct::Trial { id } => output::object(out, &bank.get(&format!("{}/trial-balance", base(&id))).await?),
        SandboxAct::Reset { id, scenario } => {
            let path = format!("{}/sandbox/scenario", base(&id));
            output::object(out, &bank.act(Method::PUT, &path, Some(json!({ "scenario": scenario }))).await?);
        }
        SandboxAct::Clock { id, time } => {
            let path = format!("{}/sandbox/clock", base(&id));
            output::object(out, &bank.act(Method::PUT, &path, Some(json!({ "time": time }))).await?);
        }
        SandboxAct::Snapshots { id } => {
            let columns =
                [("NAME", "/name"), ("SCENARIO", "/scenario"), ("TIME", "/sandboxTime"), ("TAKEN", "/createdAt")];
            let found = bank.get(&format!("{}/snapshots", base(&id))).await?;
            output::rows(out, &columns, &found["items"]);
        }
        SandboxAct::Snapshot { id, name } => {
            let path = format!("{}/snapshots/{}", base(&id), escape(&name));
            output::object(out, &bank.act(Method::PUT, &path, None).await?);
        }
        SandboxAct::Restore { id, name } => {
            let path = format!("{}/snapshots/{}/restoration", base(&id), escape(&name));
            output::object(out, &bank.act(Method::PUT, &path, None).await?);
        }
        SandboxAct::Forget { id, name } => {
            let path = format!("{}/snapshots/{}", base(&id), escape(&name));
            bank.act(Method::DELETE, &path, None).await?;
        }
        SandboxAct::Faults { id } => {
            let found = bank.get(&format!("{}/faults", base(&id))).await?;
            output::rows(out, &[("OPERATION", "/operationId"), ("SWITCHES", "")], &found["items"]);
        }
        SandboxAct::Fault { id, operation, off, switches } => {
            let path = format!("{}/faults/{}", base(&id), escape(&operation));
            if off {
                bank.act(Method::DELETE, &path, None).await?;
            } else {
                let mut body = json!({
                    "errorRatePpm": switches.error_ppm,
                    "timeoutRatePpm": switches.timeout_ppm,
                    "timeoutAfterExecution": switches.timeout_after_execution,
                    "wrongDigestRatePpm": switches.wrong_digest_ppm,
                });
                if let Some(members) = body.as_object_mut() {
                    if let Some(code) = switches.error_code {
                        members.insert("errorCode".to_owned(), code.into());
                    }
                    if let Some(p50) = switches.p50_ms {
                        let latency = json!({ "p50Ms": p50, "p99Ms": switches.p99_ms.unwrap_or(p50) });
                        members.insert("latency".to_owned(), latency);
                    }
                }
                output::object(out, &bank.act(Method::PUT, &path, Some(body)).await?);
            }
        }
    }
    Ok(())
}
