//! The sandbox itself, its events, and the way to a certificate.

use super::{Step, call};

pub(super) fn control() -> Vec<Step> {
    let kept = |operation| call(operation).with("snapshotName", "story");
    let fault = |operation| call(operation).with("operationId", "listRewards");
    vec![
        call("retrieveSandbox"),
        call("listSandboxScenarios"),
        kept("updateSandboxSnapshot"),
        call("listSandboxSnapshots"),
        fault("updateSandboxFault"),
        call("listSandboxFaults"),
        fault("terminateSandboxFault"),
        kept("executeSnapshotRestoration"),
        kept("terminateSandboxSnapshot"),
        call("listTestNumbers"),
        call("updateSandboxScenario"),
        call("retrieveTrialBalance"),
    ]
}

pub(super) fn webhooks() -> Vec<Step> {
    vec![
        call("listEventTypes"),
        call("initiateWebhookEndpoint").set("/url", "{receiver}").take("endpointId"),
        call("listWebhookEndpoints"),
        call("updateWebhookSecret"),
        call("initiateTestEvent"),
        call("listWebhookDeliveries")
            .query("endpointId={endpointId}&status=DELIVERED")
            .until("/items/0")
            .first("deliveryId"),
        call("initiateWebhookRedelivery"),
        call("controlWebhookEndpoint"),
        call("executeWebhookRedeliveries"),
        call("terminateWebhookEndpoint"),
        call("listCertificationScripts"),
        call("initiateCertificationRun").take("runId"),
        call("listCertificationRuns"),
        call("retrieveCertificationRun"),
    ]
}
