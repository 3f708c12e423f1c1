//! What partners of the bank offer, and technology.

use super::{Step, call};

pub(super) fn services() -> Vec<Step> {
    let points = |operation| call(operation).with("partyId", "{lin}");
    vec![
        call("listInsuranceProducts"),
        call("initiateInsuranceQuote")
            .set("/policyholderPartyId", "{lin}")
            .set("/startDate", "{day+8}")
            .take("quoteId"),
        call("retrieveInsuranceQuote"),
        call("initiateInsurancePolicy")
            .set("/quoteId", "{quoteId}")
            .set("/debtorAccountId", "{lin.CNY}")
            .take("policyId"),
        call("listInsurancePolicies").query("policyholderPartyId={lin}"),
        call("retrieveInsurancePolicy"),
        call("controlInsurancePolicyCancellation"),
        points("retrievePointsBalance"),
        points("initiatePointsAccrual"),
        call("listRewards"),
        points("initiatePointsRedemption"),
        points("listPointsEntries"),
    ]
}

pub(super) fn technology() -> Vec<Step> {
    vec![
        call("evaluateIdentityElements"),
        call("listRecordedFaces"),
        call("evaluateFaceMatch").set("/partyId", "{lin}"),
        call("evaluateRecognisedNumber"),
        call("retrieveParty").with("partyId", "{lin}").take_as("phone", "/contact/phone"),
        call("initiateSmsCode").set("/phone", "{phone}").take("challengeId"),
        call("listSandboxMessages").query("limit=1").first("code"),
        call("evaluateSmsCode").set("/code", "{code}"),
        call("initiateDocumentSignature")
            .set("/signerPartyId", "{lin}")
            .set("/challengeId", "{challengeId}")
            .take("signatureId")
            .take("jws"),
        call("retrieveDocumentSignature"),
        call("evaluateDocumentSignature").set("/jws", "{jws}"),
        call("listSignatureKeys"),
    ]
}
