//! Currencies, money abroad, deposits for a term, funds.

use super::{Step, call, clock};

pub(super) fn steps() -> Vec<Step> {
    let abroad = |operation| call(operation).set("/debtorAccountId", "{lin.USD}").set("/amount/amount", "500.00");
    let subscribe = || {
        call("initiateFundSubscription").set("/accountId", "{lin.CNY}").set("/productCode", "PF0002").take("orderId")
    };
    vec![
        call("listExchangeRates").query("currency=USD"),
        call("listExchangeRateHistory").with("currency", "USD").query("fromDate={day-30}&toDate={day}"),
        call("initiateExchangeQuote").take("quoteId"),
        call("retrieveExchangeQuote"),
        call("initiateCurrencyExchange")
            .set("/quoteId", "{quoteId}")
            .set("/debtorAccountId", "{lin.CNY}")
            .set("/creditorAccountId", "{lin.USD}")
            .take("exchangeId"),
        call("listCurrencyExchanges").query("partyId={lin}"),
        call("retrieveCurrencyExchange"),
        call("retrieveAnnualExchangeQuota").with("partyId", "{lin}"),
        call("listRemittancePurposes").query("partyType=PERSON"),
        abroad("evaluateOverseasRemittance"),
        abroad("initiateOverseasRemittance").take("remittanceId"),
        call("listOverseasRemittances").query("debtorAccountId={lin.USD}"),
        call("retrieveOverseasRemittance"),
        call("controlOverseasRemittance"),
        call("listTermDepositProducts").query("currency=CNY"),
        call("initiateTermDeposit").set("/accountId", "{lin.CNY}").take("depositId"),
        call("listTermDeposits").query("partyId={lin}&status=OPEN"),
        call("updateTermDepositRollover"),
        call("listInvestmentProducts").query("riskLevel=R2"),
        call("retrieveInvestmentProduct").with("productCode", "PF0002"),
        call("listNetAssetValues").with("productCode", "PF0002").query("fromDate={day-30}&toDate={day}"),
        call("retrieveRiskQuestionnaire"),
        call("evaluateInvestorRisk").set("/partyId", "{lin}"),
        call("retrieveInvestorRisk").with("partyId", "{lin}"),
        subscribe(),
        call("controlInvestmentOrder"),
        subscribe(),
        clock("{day+10}T02:15:00Z"),
        call("retrieveInvestmentOrder"),
        call("initiateFundRedemption").set("/accountId", "{lin.CNY}").set("/productCode", "PF0002"),
        call("listInvestmentOrders").query("partyId={lin}"),
        call("listFundHoldings").query("partyId={lin}"),
        call("retrieveTermDepositInterest"),
        call("executeTermDepositWithdrawal"),
        call("retrieveTermDeposit"),
    ]
}
