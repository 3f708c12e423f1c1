//! Every operation of the bank through the gateway: a good call that is answered as documented, and wrong ones refused so.
//!
//! The good calls are a story, told in `story`; the wrong ones follow from them and from the documents, in `wrong`. Whoever
//! adds an operation adds a step, or this fails.

mod documents;
mod stage;
mod story;
mod wrong;

use crate::process::Deployment;
use pano_http::Client;
use panorama::demo::{Transcript, library, onboard, team};
use serde_json::Value;
use stage::Stage;
use tokio_util::task::TaskTracker;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_answers_and_refuses_as_documented() {
    let deployment = Deployment::embedded_with(|config| config.bank.webhook_loopback = true).await;
    let site = deployment.site.clone();
    let mut quiet = Transcript::quiet();
    let team = team::gather(&mut quiet, &site).await.unwrap();
    let library = library::fill(&mut quiet, &site, &team, None).await.unwrap();
    let partner = onboard::admit(&mut quiet, &site, &team, &library).await.unwrap();
    let token = crate::load::token(&site, &partner.app).await;
    let served = Client::new(&site.gateway).unwrap();
    let last = format!("{}/{}/v1/payments", site.gateway, onboard::LAST);
    quiet.until(&served, &panorama::demo::Call::new("", http::Method::GET, last).token(&token), 200).await.unwrap();

    let mut stage = Stage::new(&site.gateway, token);
    stage.know("receiver", receiver().await.into());
    for scene in story::scenes() {
        begin(&mut stage).await;
        stage.play(scene).await;
    }
    assert!(stage.faults.is_empty(), "{} faults\n{}", stage.faults.len(), stage.faults.join("\n"));
    let (not_called, not_refused) = stage.missing();
    assert!(
        not_called.is_empty() && not_refused.is_empty(),
        "no step for {not_called:?}, no refusal of {not_refused:?}"
    );
    let books = stage.step(&story::call("retrieveTrialBalance")).await.unwrap();
    assert_eq!(books["balanced"], true, "{books}");
}

/// A fresh sandbox with everyone in it, at a quarter past ten of the next business day; who is there is known by name.
async fn begin(stage: &mut Stage) {
    stage.step(&story::call("updateSandboxScenario").set("/scenario", "everyone")).await.unwrap();
    let calendars = stage.step(&story::call("listCalendars")).await.unwrap();
    stage.know("day", calendars["items"][0]["nextBusinessDay"].clone());
    stage.step(&story::clock("{day}T02:15:00Z")).await.unwrap();
    let parties = stage.step(&story::call("listParties").query("limit=200")).await.unwrap();
    let accounts = stage.step(&story::call("listAccounts").query("limit=200")).await.unwrap();
    let items = |page: &Value| page["items"].as_array().unwrap().clone();
    for (name, english) in story::CAST {
        let party = items(&parties).into_iter().find(|party| party["name"]["en"] == *english).unwrap();
        stage.know(name, party["partyId"].clone());
        for account in items(&accounts).iter().filter(|account| account["ownerPartyId"] == party["partyId"]) {
            let currency = account["currency"].as_str().unwrap();
            stage.know(&format!("{name}.{currency}"), account["accountId"].clone());
            stage.know(&format!("{name}.{currency}.number"), account["accountNumber"].clone());
        }
    }
}

/// A partner's server that takes every event; where it listens.
async fn receiver() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    // Ends with the test's runtime.
    TaskTracker::new().spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            // Enough of it for an answer: nobody sends a second event on this connection.
            let mut some = [0; 1024];
            drop(stream.read(&mut some).await);
            drop(stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await);
        }
    });
    url
}
