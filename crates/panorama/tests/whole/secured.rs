//! The command line over https, and a cut of the audit chain as the command line tells of it.

use crate::process::Deployment;
use crate::terminal::{panorama, text};
use pano_store_sql::{Location, SqlOptions, SqlStore, testing};
use panorama::demo::{Transcript, team};
use rcgen::{CertificateParams, KeyPair};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// Ends TLS before `address`, as a load balancer does; where it listens, and the authority that vouches for it (PEM).
async fn secured(address: String, tasks: &TaskTracker) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let der = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], der).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let inner = tasks.clone();
    // Ends with the test's runtime.
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, address) = (acceptor.clone(), address.clone());
            inner.spawn(async move {
                let Ok(mut outer) = acceptor.accept(stream).await else { return };
                let mut inner = TcpStream::connect(&address).await.unwrap();
                // A broken connection is the caller's to notice.
                drop(tokio::io::copy_bidirectional(&mut outer, &mut inner).await);
            });
        }
    });
    (url, certificate.pem())
}

async fn run(arguments: Vec<String>) -> std::process::Output {
    let run = move || panorama(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn https_takes_a_named_authority_and_a_cut_audit_chain_is_told() {
    let mut deployment = Deployment::embedded().await;
    let site = deployment.site.clone();
    team::gather(&mut Transcript::quiet(), &site).await.unwrap();
    let tasks = TaskTracker::new();
    let (url, authority) = secured(site.manager.trim_start_matches("http://").to_owned(), &tasks).await;
    let (_, stranger) = secured("127.0.0.1:9".to_owned(), &tasks).await;
    let file = |name: &str, content: &str| {
        let path = site.data.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (ours, theirs, none) = (file("ours.pem", &authority), file("theirs.pem", &stranger), file("none.pem", "x"));
    let token = site.data.join("demo/checker.token").to_str().unwrap().to_owned();
    for (ca, code, said) in [
        (Some(&ours), 0, "service:gateway"),
        (Some(&theirs), 1, "nobody answers"),
        (Some(&none), 1, "certificates to trust"),
        (None, 1, "--ca"),
    ] {
        let mut arguments: Vec<_> =
            ["operator", "list", "--server", &url, "--token-file", &token].map(str::to_owned).into();
        arguments.extend(ca.into_iter().flat_map(|ca| ["--ca".to_owned(), ca.clone()]));
        let output = run(arguments).await;
        let shown = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{ca:?}: {shown}");
        assert!(shown.contains(said), "{ca:?} does not say {said:?}: {shown}");
    }

    let verify = || ["audit", "verify", "--server", &site.manager, "--token-file", &token].map(str::to_owned).to_vec();
    let whole = run(verify()).await;
    assert!(whole.status.success(), "{}{}", text(&whole.stdout), text(&whole.stderr));
    until_noted(&site.data).await;
    deployment.processes[0].kill();
    cut(&site.data).await;
    deployment.processes[0].start();
    deployment.processes[0].ready().await;
    let broken = run(verify()).await;
    assert_eq!(broken.status.code(), Some(1), "{}", text(&broken.stdout));
    assert!(text(&broken.stdout).contains("noted outside of the database"), "{}", text(&broken.stdout));
    assert!(text(&broken.stderr).contains("the audit chain is broken"));
}

/// Waits until the chain's end of now stands among the notes.
async fn until_noted(data: &Path) {
    let begun = std::time::Instant::now();
    while noted(data) < 5 {
        assert!(begun.elapsed().as_secs() < 30, "nothing was noted");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Sequence of the last note.
fn noted(data: &Path) -> u64 {
    let notes = std::fs::read_to_string(data.join("audit-notes/00000000000000000000.log")).unwrap();
    let last: Option<serde_json::Value> = notes.lines().last().and_then(|line| serde_json::from_str(line).ok());
    last.and_then(|note| note["seq"].as_u64()).unwrap_or(0)
}

/// What whoever can write to the database can do: the last links go, and the head says that nothing is missing.
async fn cut(data: &Path) {
    let store = SqlStore::open(SqlOptions::new(Location::Folder(data.to_owned()))).await.unwrap();
    let keep = "(SELECT MAX(seq) - 3 FROM audit)";
    for sql in [
        format!("DELETE FROM audit WHERE seq > {keep}"),
        "UPDATE audit_head SET seq = (SELECT MAX(seq) FROM audit)".to_owned(),
        "UPDATE audit_head SET hash = (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1)".to_owned(),
    ] {
        testing::execute(&store, &sql).await.unwrap();
    }
    store.close().await;
}
