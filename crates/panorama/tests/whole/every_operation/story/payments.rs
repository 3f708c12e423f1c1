//! Money on its way: payments, batches, standing orders, collections, merchants, escrow.

use super::{Step, call, clock, cny};
use serde_json::json;

pub(super) fn steps() -> Vec<Step> {
    let batch = |id: &str, day: &str| {
        call("initiatePaymentBatch")
            .set("PAYROLL-2026-03", id)
            .set("2026-03-02", day)
            .set("6200000000007000", "{precision.CNY.number}")
            .set("6200000000001003", "{lin.CNY.number}")
    };
    vec![
        call("listClearingSystems"),
        call("initiateInternalTransfer")
            .set("/debtorAccountId", "{lin.CNY}")
            .set("/creditorAccountId", "{wang.CNY}")
            .take("paymentId"),
        call("initiateDomesticPayment").set("/debtorAccountId", "{lin.CNY}"),
        call("listPayments").query("debtorAccountId={lin.CNY}"),
        call("retrievePayment"),
        call("retrievePaymentStatus"),
        call("initiatePaymentRefund"),
        batch("PAYROLL-A", "{day}").take("batchId"),
        call("listPaymentBatches"),
        call("retrievePaymentBatch"),
        call("listBatchTransactions"),
        call("exportBatchStatusReport"),
        batch("PAYROLL-B", "{day+3}").take("batchId"),
        call("cancelPaymentBatch"),
        call("checkPayee").set("/accountNumber", "{chen.CNY.number}"),
        call("registerPayee").set("/ownerPartyId", "{wang}").set("/accountNumber", "{chen.CNY.number}").take("payeeId"),
        call("listPayees").query("ownerPartyId={wang}"),
        call("retrievePayee"),
        call("removePayee"),
        call("initiateStandingOrder")
            .set("/debtorAccountId", "{lin.CNY}")
            .set("/creditorAccountId", "{chen.CNY}")
            .set("/firstPaymentDate", "{day+5}")
            .set("/lastPaymentDate", "{day+300}")
            .take("standingOrderId"),
        call("listStandingOrders").query("debtorAccountId={lin.CNY}"),
        // Half past five in Beijing: large amounts wait for the morning.
        clock("{day}T09:30:00Z"),
        call("initiateDomesticPayment").set("/debtorAccountId", "{lin.CNY}").set("/clearing", "HVPS").take("paymentId"),
        call("cancelPayment"),
        clock("{day+10}T02:15:00Z"),
        call("retrieveStandingOrder"),
        call("listStandingOrderPayments"),
        call("updateStandingOrder"),
        call("terminateStandingOrder"),
    ]
}

pub(super) fn collections() -> Vec<Step> {
    let request = || {
        call("initiateRequestToPay")
            .set("/creditorAccountId", "{zhou.CNY}")
            .set("/debtorPartyId", "{lin}")
            .set("/expiresAt", "{day+1}T02:15:00Z")
            .take("requestToPayId")
    };
    let order = |number: &str| {
        call("initiateMerchantOrder")
            .set("/merchantId", "{merchantId}")
            .set("/merchantOrderNumber", number)
            .take("orderId")
    };
    vec![
        request(),
        call("listRequestsToPay").query("debtorPartyId={lin}&status=PENDING"),
        call("retrieveRequestToPay"),
        call("acceptRequestToPay").set("/debtorAccountId", "{lin.CNY}"),
        request(),
        call("declineRequestToPay"),
        request(),
        call("cancelRequestToPay"),
        call("initiateMandate")
            .set("/creditorAccountId", "{zhou.CNY}")
            .set("/debtorAccountId", "{lin.CNY}")
            .set("/validUntil", "{day+400}")
            .take("mandateId"),
        call("retrieveMandate"),
        call("initiateCollection"),
        call("terminateMandate"),
        call("listMerchants").first("merchantId"),
        order("STORY-1"),
        call("listMerchantOrders").query("merchantId={merchantId}"),
        call("payMerchantOrder").set("/payerAccountId", "{lin.CNY}"),
        call("retrieveMerchantOrder"),
        call("refundMerchantOrder"),
        order("STORY-2"),
        call("closeMerchantOrder"),
        clock("{day+5}T02:15:00Z"),
        call("listMerchantSettlements").query("merchantId={merchantId}").first("settlementId"),
        call("exportReconcileFile"),
    ]
}

pub(super) fn escrow() -> Vec<Step> {
    let agreement = || {
        call("initiateEscrow")
            .set("/depositorAccountId", "{precision.CNY}")
            .set("/beneficiaryAccountId", "{ocean.CNY}")
            .set("/expiresOn", "{day+300}")
            .take("escrowId")
    };
    vec![
        agreement().set("/conditions/0/confirmingPartyId", "{ocean}").set("/conditions/1/notBefore", "{day+30}"),
        call("listEscrows").query("accountId={precision.CNY}"),
        call("fundEscrow"),
        call("fulfilEscrowCondition").with("conditionNumber", "1").set("/partyId", "{ocean}"),
        call("releaseEscrow"),
        call("retrieveEscrow"),
        agreement().set("/amount", cny("500.00")).set(
            "/conditions",
            json!([{
                "conditionType": "DOCUMENT", "description": "验收单 Acceptance", "confirmingPartyId": "{ocean}",
                "releaseAmount": cny("500.00"),
            }]),
        ),
        call("fundEscrow").set("/amount", cny("500.00")),
        call("returnEscrow").set("/agreedBy", json!(["{precision}", "{ocean}"])),
    ]
}
