//! Who the customers are, what they have, what they save.

use super::{Step, call, clock};
use serde_json::{Value, json};

pub(super) fn steps() -> Vec<Step> {
    vec![
        call("listParties").query("partyType=PERSON"),
        call("retrieveParty").with("partyId", "{lin}").take_as("number", "/identification/number"),
        call("retrievePartyKyc").with("partyId", "{lin}"),
        call("initiateKycReview").with("partyId", "{lin}").set("/identificationNumber", "{number}"),
        call("listAccounts").query("ownerPartyId={lin}&currency=CNY").first("accountId"),
        call("retrieveAccount"),
        call("retrieveAccountBalances"),
        call("listAccountTransactions").query("creditDebitIndicator=CRDT&minAmount=1.00").first("entryNumber"),
        call("retrieveAccountTransaction"),
        call("listAccountStatements").first("statementId"),
        call("retrieveAccountStatement"),
        call("exportAccountStatement"),
        call("initiateAmountBlock").set("/expiresOn", "{day+7}").take("holdId"),
        call("listAmountBlocks"),
        call("releaseAmountBlock"),
        call("initiateAccount")
            .set("/ownerPartyId", "{lin}")
            .set("/boundAccountId", "{lin.CNY}")
            .take_as("second", "/accountId"),
        call("retrieveAccountLimits").with("accountId", "{second}"),
        call("updateAccountLimits").with("accountId", "{second}"),
        call("initiateOwnAccountTransfer").set("/debtorAccountId", "{lin.CNY}").set("/creditorAccountId", "{second}"),
        call("initiateSavingsAccount")
            .set("/ownerPartyId", "{lin}")
            .set("/currency", "USD")
            .set("/openingDeposit/currentAccountId", "{lin.USD}")
            .set("/openingDeposit/amount", usd("2000.00"))
            .take("savingsAccountId"),
        call("listSavingsAccounts").query("ownerPartyId={lin}&currency=USD"),
        call("initiateSavingsDeposit").set("/currentAccountId", "{lin.USD}").set("/amount", usd("500.00")),
        call("initiateSavingsWithdrawal").set("/currentAccountId", "{lin.USD}").set("/amount", usd("800.00")),
        clock("{day+100}T02:15:00Z"),
        call("retrieveSavingsAccount"),
        call("retrieveSavingsInterest"),
        call("listSavingsTransactions").query("fromDate={day}&toDate={day+100}"),
    ]
}

fn usd(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "USD" })
}
