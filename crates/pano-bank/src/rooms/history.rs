//! Random histories of investment and financing, by the operations themselves: whatever is asked in whatever order, the books
//! balance, the bank's pools hold exactly what its customers' contracts say, and what was written makes the same world again.

use super::{Doing, ROOMS};
use crate::call::{Call, Input, Refusal};
use crate::model::account::Purpose;
use crate::seed::{self, Scenario};
use crate::world::{ChangeSet, World, clock};
use http::{HeaderMap, HeaderValue};
use pano_types::clock::SeededEntropy;
use pano_types::{Code, Currency, Entropy as _, Instant};
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A world, what was written of it, and who is in it.
struct History {
    world: World,
    rows: BTreeMap<(String, String), String>,
    transactions: Vec<String>,
    /// Accounts: identifier, currency, owner, whether a person's, name.
    accounts: Vec<(String, String, String, bool, String)>,
    drawn: u64,
}

impl History {
    fn new() -> Self {
        let now = Instant::parse("2026-03-02T02:15:00Z").unwrap();
        let (world, changes) = seed::build(Scenario::Everyone, seed::DEFAULT, now).unwrap();
        let mut history =
            Self { world, rows: BTreeMap::new(), transactions: Vec::new(), accounts: Vec::new(), drawn: 1 };
        history.write(changes);
        let parties = history.read("listParties", &[], "limit=200");
        for account in items(&history.read("listAccounts", &[], "limit=200")) {
            let owner = text(&account["ownerPartyId"]);
            let party = items(&parties).into_iter().find(|party| party["partyId"] == owner.as_str()).unwrap();
            let is_person = party["partyType"] == "PERSON";
            history.accounts.push((
                text(&account["accountId"]),
                text(&account["currency"]),
                owner,
                is_person,
                text(&party["name"]["en"]),
            ));
        }
        history
    }

    fn write(&mut self, changes: ChangeSet) {
        self.rows.extend(changes.put.into_iter().map(|row| ((row.kind, row.id), row.body)));
        changes.removed.iter().for_each(|key| drop(self.rows.remove(key)));
        self.transactions.extend(changes.transactions);
    }

    /// Carries out an operation as the door would: kept or taken back as a whole.
    fn call(&mut self, id: &str, path: &[(&str, &str)], query: &str, body: Option<&Value>) -> Result<Value, Code> {
        let operation = ROOMS.iter().flat_map(|room| room.operations).find(|operation| operation.id == id).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let input = Input {
            path: path.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            uri: format!("/x?{query}").parse().unwrap(),
            headers,
            body: body.map(ToString::to_string).unwrap_or_default().into(),
            ..Input::default()
        };
        self.drawn += 1;
        let Doing::Call(handler) = operation.doing else { panic!("{id} is done to the sandbox as a whole") };
        let answer = handler(&mut Call::new(&mut self.world, "app", self.drawn), &input);
        match answer {
            Ok(answer) => {
                self.world.keep().unwrap();
                Ok(serde_json::from_str(&answer.body).unwrap())
            }
            Err(refusal) => {
                self.world.undo();
                assert!(!matches!(refusal, Refusal::Broken(_)), "{id}: {refusal}");
                let code = refusal.code().unwrap();
                // The histories are to be about rules, not about requests that no client would send.
                let is_ours = matches!(code, Code::RequestInvalid | Code::RequestMalformed);
                assert!(!is_ours, "{id}: {refusal:?} {}", body.unwrap_or(&Value::Null));
                Err(code)
            }
        }
    }

    fn read(&mut self, id: &str, path: &[(&str, &str)], query: &str) -> Value {
        self.call(id, path, query, None).unwrap()
    }

    /// One of a list, if it has any.
    fn one(&mut self, list: &str, query: &str, pick: usize) -> Option<Value> {
        let all = items(&self.read(list, &[], query));
        (!all.is_empty()).then(|| all[pick % all.len()].clone())
    }

    fn account(&self, currency: &str, is_person: Option<bool>, pick: usize) -> (String, String, String) {
        let fits = |account: &&(String, String, String, bool, String)| {
            account.1 == currency && is_person.is_none_or(|person| person == account.3)
        };
        let all: Vec<_> = self.accounts.iter().filter(fits).collect();
        let (account, _, owner, _, name) = all[pick % all.len()];
        (account.clone(), owner.clone(), name.clone())
    }

    /// One step; whether it was carried out. A refusal by a rule is as good as an answer.
    fn step(&mut self, kind: u8, pick: usize, minor: i64) -> bool {
        let cny = |minor: i64| json!({ "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "CNY" });
        let foreign = ["USD", "EUR", "HKD"][pick % 3];
        let rollover = ["NONE", "PRINCIPAL", "PRINCIPAL_AND_INTEREST"][pick % 3];
        let done = match kind {
            0..=3 => {
                let to = self.world.now().plus(Duration::from_secs((pick as u64 % 60 + 1) * 43_200));
                self.drawn += 1;
                clock::advance(&mut self.world, to, self.drawn);
                Ok(Value::Null)
            }
            4 => {
                let (own, party, _) = self.account(foreign, None, pick);
                let home = self.accounts.iter().find(|a| a.2 == party && a.1 == "CNY").unwrap().0.clone();
                let (sell, buy, from, to) =
                    if minor % 2 == 0 { ("CNY", foreign, home, own) } else { (foreign, "CNY", own, home) };
                let body = json!({ "sellCurrency": sell, "buyCurrency": buy, "amount": cny(minor) });
                self.call("initiateExchangeQuote", &[], "", Some(&body)).and_then(|quote| {
                    let body = json!({ "quoteId": quote["quoteId"], "debtorAccountId": from, "creditorAccountId": to, "purpose": "TRAVEL" });
                    self.call("initiateCurrencyExchange", &[], "", Some(&body))
                })
            }
            5 => {
                let (account, ..) = self.account(if minor % 2 == 0 { "CNY" } else { foreign }, None, pick);
                let body = json!({
                    "debtorAccountId": account,
                    "amount": { "amount": format!("{}.00", minor / 100), "currency": foreign },
                    "chargeBearer": if minor % 3 == 0 { "DEBT" } else { "SHAR" },
                    "creditor": { "name": "A", "accountNumber": "12345", "country": "GB" },
                    "creditorAgent": { "bic": "EXMPGB2L" },
                    "purposeCode": "SALA",
                });
                self.call("initiateOverseasRemittance", &[], "", Some(&body))
            }
            6 => match self.one("listOverseasRemittances", "status=ACSP&limit=200", pick) {
                Some(found) => {
                    let (id, why) = (text(&found["remittanceId"]), json!({ "reason": "DUPLICATE" }));
                    self.call("controlOverseasRemittance", &[("remittanceId", &id)], "", Some(&why))
                }
                None => Err(Code::NotFound),
            },
            7 => {
                let (account, ..) = self.account("CNY", None, pick);
                let product = ["TD-CNY-03M", "TD-CNY-06M", "TD-CNY-12M"][pick % 3];
                let body = json!({ "accountId": account, "productCode": product, "amount": cny(minor), "rolloverInstruction": rollover });
                self.call("initiateTermDeposit", &[], "", Some(&body))
            }
            8 => match self.one("listTermDeposits", "status=OPEN&limit=200", pick) {
                Some(found) => {
                    let id = text(&found["depositId"]);
                    let amount = if minor % 2 == 0 { found["principal"].clone() } else { cny(minor) };
                    self.call(
                        "executeTermDepositWithdrawal",
                        &[("depositId", &id)],
                        "",
                        Some(&json!({ "amount": amount })),
                    )
                }
                None => Err(Code::NotFound),
            },
            9 => {
                let (account, party, _) = self.account("CNY", None, pick);
                let letters = ["C", "D", "C", "D", "D", "D"];
                let lines: Vec<_> = (1..=6)
                    .zip(letters)
                    .map(|(n, l)| json!({ "questionId": format!("Q{n}"), "optionId": l }))
                    .collect();
                let body = json!({ "partyId": party, "questionnaireId": "RQ-2026-01", "answers": lines });
                let _ = self.call("evaluateInvestorRisk", &[], "", Some(&body));
                let product = ["PF0001", "PF0002", "PF0003", "PF0004", "PF0005", "PW0001"][pick % 6];
                let body = json!({ "accountId": account, "productCode": product, "amount": cny(minor), "riskDisclosureAcknowledged": true });
                self.call("initiateFundSubscription", &[], "", Some(&body))
            }
            10 => match self.one("listFundHoldings", "limit=200", pick) {
                Some(held) => {
                    let account = self
                        .accounts
                        .iter()
                        .find(|a| held["partyId"] == a.2.as_str() && a.1 == "CNY")
                        .unwrap()
                        .0
                        .clone();
                    let units = if minor % 2 == 0 {
                        text(&held["units"])
                    } else {
                        format!("{}.{:02}", minor / 100, minor % 100)
                    };
                    let body = json!({ "accountId": account, "productCode": held["productCode"], "units": units });
                    self.call("initiateFundRedemption", &[], "", Some(&body))
                }
                None => Err(Code::NotFound),
            },
            11 => match self.one("listInvestmentOrders", "limit=200", pick) {
                Some(found) => {
                    let id = text(&found["orderId"]);
                    self.call(
                        "controlInvestmentOrder",
                        &[("orderId", &id)],
                        "",
                        Some(&json!({ "reason": "CUSTOMER_REQUEST" })),
                    )
                }
                None => Err(Code::NotFound),
            },
            12 => self.borrow(pick, minor),
            13 => match self.loan(pick) {
                Some((line, id, _)) => self.call(
                    &format!("execute{line}LoanRepayment"),
                    &[("loanId", &id)],
                    "",
                    Some(&json!({ "amount": cny(minor) })),
                ),
                None => Err(Code::NotFound),
            },
            14 => match self.loan(pick) {
                Some((line, id, _)) => {
                    let quote = self.call(&format!("retrieve{line}LoanSettlementQuote"), &[("loanId", &id)], "", None);
                    quote.and_then(|quote| {
                        let body = json!({ "total": quote["total"] });
                        self.call(&format!("execute{line}LoanSettlement"), &[("loanId", &id)], "", Some(&body))
                    })
                }
                None => Err(Code::NotFound),
            },
            15 => {
                let (supplier, ..) = self.account("CNY", Some(false), pick);
                let supplying = self.accounts.iter().find(|account| account.0 == supplier).unwrap().2.clone();
                let owing = |n: &usize| self.account("CNY", Some(false), pick / 7 + n).1 != supplying;
                let (account, obligor, _) = self.account("CNY", Some(false), pick / 7 + (0..9).find(owing).unwrap());
                let today = self.world.today();
                let body = json!({
                    "supplierAccountId": supplier, "obligorPartyId": obligor, "invoiceNumber": format!("{:012}", self.drawn),
                    "contractNumber": "HT-1", "amount": cny(minor * 10), "issuedOn": today, "dueDate": today.plus_days(pick as i32 % 90 + 1),
                });
                self.call("initiateReceivable", &[], "", Some(&body)).and_then(|made| {
                    let id = text(&made["receivableId"]);
                    let path = [("receivableId", &*id)];
                    let confirm = json!({ "decision": "CONFIRM", "obligorAccountId": account });
                    self.call("exchangeReceivableConfirmation", &path, "", Some(&confirm))?;
                    let part = json!({ "principal": cny(minor * (pick as i64 % 9 + 1)) });
                    self.call("executeReceivableFinancing", &path, "", Some(&part))
                })
            }
            _ => match self.one("listReceivables", "limit=200", pick) {
                Some(found) => {
                    let id = text(&found["receivableId"]);
                    self.call(
                        "executeReceivableRepayment",
                        &[("receivableId", &id)],
                        "",
                        Some(&json!({ "amount": cny(minor) })),
                    )
                }
                None => Err(Code::NotFound),
            },
        };
        done.is_ok()
    }

    fn borrow(&mut self, pick: usize, minor: i64) -> Result<Value, Code> {
        let is_person = pick.is_multiple_of(2);
        let (account, party, name) = self.account("CNY", Some(is_person), pick / 2);
        let money = |minor: i64| json!({ "amount": format!("{}.{:02}", minor / 100, minor % 100), "currency": "CNY" });
        let method = ["EQUAL_INSTALMENT", "EQUAL_PRINCIPAL", "INTEREST_ONLY"][pick % 3];
        let mut body =
            json!({ "partyId": party, "accountId": account, "termMonths": pick % 20 + 3, "repaymentMethod": method });
        let (line, more) = if is_person {
            let more = json!({ "productCode": "CL-GENERAL", "amount": money(minor), "purpose": "TRAVEL",
                "monthlyIncome": money(3_000_000), "monthlyDebtPayments": money(0) });
            ("Consumer", more)
        } else {
            let more = json!({ "productCode": "KL-WORKING", "amount": money(minor * 3), "purpose": "WAGES",
                "annualRevenue": money(900_000_000), "existingDebt": money(0), "taxpayerGrade": "A" });
            ("Corporate", more)
        };
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.call(&format!("initiate{line}LoanApplication"), &[], "", Some(&body))?;
        if made["status"] != "OFFERED" {
            return Err(Code::Unsuitable);
        }
        let id = text(&made["applicationId"]);
        let accept = json!({ "agreementHash": made["offer"]["agreementHash"], "signerName": name });
        let loan = self.call(&format!("execute{line}LoanAcceptance"), &[("applicationId", &id)], "", Some(&accept))?;
        let id = text(&loan["loanId"]);
        let body = json!({ "amount": loan["agreedAmount"] });
        self.call(&format!("execute{line}LoanDrawdown"), &[("loanId", &id)], "", Some(&body))
    }

    fn loan(&mut self, pick: usize) -> Option<(&'static str, String, Value)> {
        let line = if pick.is_multiple_of(2) { "Consumer" } else { "Corporate" };
        let found = self.one(&format!("list{line}Loans"), "limit=200", pick / 2)?;
        Some((line, text(&found["loanId"]), found))
    }

    fn pool(&self, purpose: Purpose, currency: Currency) -> i64 {
        let account = self.world.own_account(purpose, currency).and_then(|id| self.world.book().account(id));
        account.map_or(0, |(_, balance)| balance.booked_minor)
    }

    /// What must hold after each step.
    fn check(&mut self) {
        assert!(self.world.book().trial().is_balanced());
        assert_eq!(self.world.book().discrepancies(), []);
        for currency in [Currency::CNY, Currency::USD, Currency::EUR, Currency::HKD] {
            let of = |money: &Value| if money["currency"] == currency.code() { minor(money) } else { 0 };
            let deposits = items(&self.read("listTermDeposits", &[], "limit=200"));
            let open: i64 = deposits.iter().map(|deposit| of(&deposit["principal"])).sum();
            assert_eq!(self.pool(Purpose::TermDeposits, currency), open, "deposits in {currency}");
            let waiting = items(&self.read("listOverseasRemittances", &[], "status=ACSP&limit=200"));
            let waiting: i64 = waiting.iter().map(|remittance| of(&remittance["amount"])).sum();
            assert_eq!(self.pool(Purpose::Remittances, currency), waiting, "remittances in {currency}");
        }
        let loans =
            [self.read("listConsumerLoans", &[], "limit=200"), self.read("listCorporateLoans", &[], "limit=200")];
        let lent: i64 = loans.iter().flat_map(items).map(|loan| minor(&loan["outstandingPrincipal"])).sum();
        assert_eq!(self.pool(Purpose::Loans, Currency::CNY), lent, "loans");
        let orders = items(&self.read("listInvestmentOrders", &[], "limit=200"));
        let waiting = orders.iter().filter(|order| {
            order["orderType"] == "SUBSCRIPTION" && (order["status"] == "ACCEPTED" || order["status"] == "COOLING_OFF")
        });
        let waiting: i64 = waiting.map(|order| minor(&order["amount"])).sum();
        assert_eq!(self.pool(Purpose::FundSettlement, Currency::CNY), waiting, "subscriptions");
        let owed = items(&self.read("listReceivables", &[], "limit=200"));
        let most: i64 = owed.iter().filter(|r| r.get("financing").is_some()).map(|r| minor(&r["outstanding"])).sum();
        let financed = self.pool(Purpose::Factoring, Currency::CNY);
        assert!((0..=most).contains(&financed), "{financed} of {most}");
        let changes = self.world.take().unwrap();
        self.write(changes);
    }

    /// What was written makes the same world again.
    fn check_written(&self) {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|((kind, id), body)| pano_store::bank::EntityRow {
                kind: kind.clone(),
                id: id.clone(),
                body: body.clone(),
            })
            .collect();
        let again = World::load(self.world.now(), &rows, &self.transactions).unwrap();
        assert_eq!(again.book().trial(), self.world.book().trial());
        assert_eq!(again.entities(), self.world.entities());
    }
}

fn items(page: &Value) -> Vec<Value> {
    assert!(page.get("nextCursor").is_none(), "the test reads one page");
    page["items"].as_array().unwrap().clone()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn minor(money: &Value) -> i64 {
    money["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// That the histories are not empty: with this seed, of each kind of step some are carried out.
#[test]
fn every_kind_of_step_is_carried_out_sometimes() {
    const KINDS: usize = 17;
    const LEAST: usize = 3;
    let random = SeededEntropy::new(20_260_301);
    let mut done = [0; KINDS];
    for _ in 0..10 {
        let mut history = History::new();
        for _ in 0..120 {
            let drawn = random.u128();
            let (kind, pick) = ((drawn % KINDS as u128) as usize, (drawn >> 32) as u16);
            let minor = 100 + ((drawn >> 64) % 30_000_000) as i64;
            done[kind] += usize::from(history.step(kind as u8, usize::from(pick), minor));
        }
        history.check();
        history.check_written();
    }
    let rare: Vec<_> = done.iter().enumerate().filter(|(_, times)| **times < LEAST).collect();
    assert_eq!(rare, [], "of each kind at least {LEAST}: {done:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn books_and_contracts_agree_after_any_history(
        steps in prop::collection::vec((0u8..17, any::<u16>(), 100i64..30_000_000), 1..50),
    ) {
        let mut history = History::new();
        history.check();
        for (kind, pick, minor) in steps {
            history.step(kind, usize::from(pick), minor);
            history.check();
        }
        history.check_written();
    }
}
