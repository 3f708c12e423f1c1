//! Money lent: to persons, to businesses, against receivables, by card.

use super::{Step, call, clock, cny};

pub(super) fn person() -> Vec<Step> {
    vec![
        call("listConsumerLoanProducts"),
        call("initiateConsumerLoanApplication")
            .set("/partyId", "{lin}")
            .set("/accountId", "{lin.CNY}")
            .take("applicationId")
            .take_as("hash", "/offer/agreementHash"),
        call("retrieveConsumerLoanApplication"),
        call("executeConsumerLoanAcceptance")
            .set("/agreementHash", "{hash}")
            .take("loanId")
            .take_as("agreed", "/agreedAmount"),
        call("executeConsumerLoanDrawdown").set("/amount", "{agreed}"),
        call("listConsumerLoans").query("partyId={lin}&status=ACTIVE"),
        call("retrieveConsumerLoan"),
        call("listConsumerLoanInstalments"),
        clock("{day+10}T02:15:00Z"),
        call("executeConsumerLoanRepayment").set("/amount", cny("1000.00")),
        call("retrieveConsumerLoanSettlementQuote").take("total"),
        call("executeConsumerLoanSettlement").set("/total", "{total}"),
    ]
}

pub(super) fn business() -> Vec<Step> {
    vec![
        call("listCorporateLoanProducts"),
        call("initiateCorporateLoanApplication")
            .set("/partyId", "{precision}")
            .set("/accountId", "{precision.CNY}")
            .take("applicationId")
            .take_as("hash", "/offer/agreementHash"),
        call("retrieveCorporateLoanApplication"),
        call("executeCorporateLoanAcceptance")
            .set("/agreementHash", "{hash}")
            .set("/signerName", "示例精密制造有限公司")
            .take("loanId")
            .take_as("agreed", "/agreedAmount"),
        call("executeCorporateLoanDrawdown").set("/amount", "{agreed}"),
        call("listCorporateLoans").query("partyId={precision}&status=ACTIVE"),
        call("retrieveCorporateLoan"),
        call("listCorporateLoanInstalments"),
        clock("{day+10}T02:15:00Z"),
        call("executeCorporateLoanRepayment").set("/amount", cny("1000.00")),
        call("retrieveCorporateLoanSettlementQuote").take("total"),
        call("executeCorporateLoanSettlement").set("/total", "{total}"),
    ]
}

pub(super) fn receivables() -> Vec<Step> {
    vec![
        call("initiateReceivable")
            .set("/supplierAccountId", "{zhou.CNY}")
            .set("/obligorPartyId", "{precision}")
            .set("/issuedOn", "{day-5}")
            .set("/dueDate", "{day+85}")
            .take("receivableId"),
        call("listReceivables").query("obligorPartyId={precision}"),
        call("retrieveReceivable"),
        call("exchangeReceivableConfirmation").set("/obligorAccountId", "{precision.CNY}"),
        call("retrieveReceivableFinancingQuote").take("principal"),
        call("executeReceivableFinancing").set("/principal", "{principal}"),
        clock("{day+10}T02:15:00Z"),
        call("executeReceivableRepayment"),
    ]
}

pub(super) fn cards() -> Vec<Step> {
    vec![
        call("listCards").query("ownerPartyId={lin}&cardType=CREDIT").first("cardId"),
        call("retrieveCard"),
        call("updateCardLimits"),
        call("initiateCardPurchase").take("cardTransactionId"),
        call("initiateInstalmentPlan").set("/cardTransactionId", "{cardTransactionId}").take("planId"),
        call("listInstalmentPlans"),
        call("retrieveInstalmentPlan"),
        call("executeInstalmentPlanSettlement"),
        call("initiateCardPurchase"),
        call("initiateCardRepayment").set("/debtorAccountId", "{lin.CNY}"),
        call("listCardTransactions").query("fromDate={day}&toDate={day}"),
        call("controlCardStatus"),
    ]
}
