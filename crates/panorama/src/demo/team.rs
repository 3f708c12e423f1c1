//! The people of the demo: an administrator, a maker and a checker. Nothing is open, so they come first.

use super::{Call, Site, Transcript};
use crate::folder;
use anyhow::Context;
use http::Method;
use pano_http::Client;
use pano_types::Secret;
use serde_json::json;

/// Clients of the admin API, one a person.
#[derive(Debug, Clone)]
pub struct Team {
    /// Names operators; reads everything.
    pub admin: Client,
    /// 林夏 prepares. She may check what others prepared, never what she did.
    pub maker: Client,
    /// 赵明 checks what others prepared.
    pub checker: Client,
}

/// Uses the bootstrap secret and names maker and checker. Their tokens go to `demo/` in the data folder, mode 0600.
///
/// # Errors
/// When a call does not go as it should.
pub async fn gather(transcript: &mut Transcript, site: &Site) -> anyhow::Result<Team> {
    transcript.step("Nothing is open: the one-time bootstrap secret names the first operator");
    let file = site.data.join(pano_manager::bootstrap::SECRET_FILE);
    let secret = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    transcript.say(&format!("   the first start wrote {} (mode 0600)", file.display()));
    let nobody = Client::new(&site.manager)?;
    let url = |path: &str| format!("{}{path}", site.manager);
    let refused = Call::new("without a token, the admin API answers nobody", Method::GET, url("/admin/v1/partners"));
    transcript.call(&nobody, refused, 401).await?;
    let form = json!({ "secret": secret.trim(), "name": "chen.an" });
    let call = Call::new("the secret names the first administrator", Method::POST, url("/admin/v1/bootstrap"))
        .json(form.clone());
    let first = transcript.call(&nobody, call, 201).await?;
    let admin = person(site, &nobody, "admin", &first.text("/token/token")?)?;
    let again = Call::new("it works once", Method::POST, url("/admin/v1/bootstrap")).json(form);
    transcript.call(&nobody, again, 403).await?;
    let mut clients = Vec::new();
    for (file, name, roles) in [
        ("maker", "lin.xia", json!(["designer", "provider", "operator", "reviewer"])),
        ("checker", "zhao.ming", json!(["reviewer", "auditor", "security"])),
    ] {
        let form = json!({ "name": name, "roles": roles });
        let why = format!("the administrator names {name}, {file}");
        let made =
            transcript.call(&admin, Call::new(&why, Method::POST, url("/admin/v1/operators")).json(form), 201).await?;
        let tokens = url(&format!("/admin/v1/operators/{}/tokens", made.text("/id")?));
        let call =
            Call::new("and an API token, shown this once", Method::POST, tokens).json(json!({ "label": "demo" }));
        let issued = transcript.call(&admin, call, 201).await?;
        clients.push(person(site, &nobody, file, &issued.text("/token")?)?);
    }
    match <[Client; 2]>::try_from(clients) {
        Ok([maker, checker]) => Ok(Team { admin, maker, checker }),
        Err(_) => anyhow::bail!("maker and checker were not named"),
    }
}

fn person(site: &Site, nobody: &Client, file: &str, token: &str) -> anyhow::Result<Client> {
    let folder = folder::ensure(&site.data.join("demo"))?;
    folder::write_private(&folder.join(format!("{file}.token")), token.as_bytes())?;
    Ok(nobody.clone().bearer(Secret::new(token.to_owned())))
}
