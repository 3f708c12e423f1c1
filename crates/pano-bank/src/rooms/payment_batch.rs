//! Payment Batch: many payments in one pain.001, and what became of them as pain.002.

mod batch;
mod report;

pub(crate) use batch::Batch;

use super::payment_order::{Clearing, Order, Payee, Payment, PaymentState, What, place};
use super::{Room, get, post};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::iso20022::pain001;
use crate::rooms::payment_order::OWN_BANK_CODE;
use crate::wire::Listed;
use crate::world::Kind;
use batch::{Group, State, Summary, Transfer, TransferView};
use pano_types::id::BatchId;
use pano_types::{Code, Problem};
use serde::Deserialize;
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("payment-batch", include_str!("../../openapi/payment-batch.yaml")),
    operations: &[
        get("/batches", "listPaymentBatches", list),
        post("/batches", "initiatePaymentBatch", initiate).keyed(),
        get("/batches/{batchId}", "retrievePaymentBatch", retrieve),
        get("/batches/{batchId}/transactions", "listBatchTransactions", transactions),
        get("/batches/{batchId}/status-report", "exportBatchStatusReport", report::export),
        post("/batches/{batchId}/cancellation", "cancelPaymentBatch", cancel).keyed(),
    ],
    kinds: &[Kind::of::<Batch>(), Kind::of::<Transfer>()],
    seed: None,
};

/// Name of the job that pays a group on its day.
pub(crate) const EXECUTE: &str = "payment_batch.execute";
/// Name of the job that tells when the last payment of a batch is settled. It sorts after that of the clearing.
pub(crate) const COMPLETE: &str = "payment_batch.complete";
/// Longest message.
const BYTES_MAX: usize = 1 << 20;
/// Furthest day of execution from today.
const AHEAD_DAYS: i32 = 90;
const LIST: &str = "batches";

fn initiate(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let text = input.text(&["application/xml"])?;
    if text.len() > BYTES_MAX {
        return Err(Problem::new(Code::RequestTooLarge).detail(("at most 1 MiB", "不得超过 1 MiB")).into());
    }
    let message = pain001::read(text)
        .map_err(|malformed| Refusal::from(Code::RequestMalformed).at(malformed.at, malformed.reason))?;
    let batch = accepted(call, message)?;
    let id = batch.id;
    call.event("bank.payment_batch.received", id, json!({ "batchId": id, "transactionCount": batch.count }));
    let groups: Vec<_> = batch.groups.iter().map(|group| group.execution_date).enumerate().collect();
    call.world.put(batch);
    for (place, day) in groups {
        if day <= call.today() {
            pay_group(call, id, place)?;
        } else {
            call.world.schedule(day.start(BANK_ZONE), EXECUTE, format!("{id} {place}"));
        }
    }
    complete(call, &id.to_string())?;
    Answer::created(format!("batches/{id}"), &summary(call, id)?)
}

/// The batch of a message, its transfers kept, if the message as a whole is acceptable.
fn accepted(call: &mut Call<'_>, message: pain001::Initiation) -> Result<Batch, Refusal> {
    let key = Batch::key(call.app, &message.message_id);
    if call.world.under::<Batch>(batch::BY_MESSAGE, &key).next().is_some() {
        let refusal =
            Refusal::from(Code::Conflict).at("/Document/CstmrCdtTrfInitn/GrpHdr/MsgId", ("has been used", "已被使用"));
        return Err(refusal.detail("the message was sent before", "该报文标识已使用"));
    }
    let id = call.id(BatchId::new);
    let (mut groups, mut currency, mut sequence) = (Vec::new(), None, 0);
    for (place, group) in message.groups.into_iter().enumerate() {
        let at = |name: &str| format!("/Document/CstmrCdtTrfInitn/PmtInf[{}]/{name}", place + 1);
        let invalid = |name: &str, reason: (&str, &str)| Err(Refusal::from(Code::RequestInvalid).at(at(name), reason));
        if group.debtor_bank.as_ref().is_some_and(|bank| bank != OWN_BANK_CODE) {
            return invalid("DbtrAgt", ("is not this bank", "不是本行"));
        }
        let today = call.today();
        if group.execution_date < today || group.execution_date > today.plus_days(AHEAD_DAYS) {
            return invalid("ReqdExctnDt", ("must be today or up to 90 days later", "须为今日至 90 天之内"));
        }
        let unknown =
            || Refusal::from(Code::AccountNotFound).at(at("DbtrAcct"), ("names no account", "没有对应的账户"));
        let debtor =
            call.world.numbered(&group.debtor_account).map(|standing| standing.account.id).ok_or_else(unknown)?;
        let of_account = call.world.current(debtor, &at("DbtrAcct"))?.ledger.currency;
        let count = group.transfers.len();
        groups.push(Group { id: group.id, debtor, execution_date: group.execution_date, count, sum: group.sum });
        for transfer in group.transfers {
            let of_transfer = transfer.amount.currency();
            if of_transfer != *currency.get_or_insert(of_transfer) || of_transfer != of_account {
                return Err(Refusal::from(Code::CurrencyMismatch)
                    .at(at("CdtTrfTxInf"), ("all amounts must be in the account's currency", "所有金额须为账户币种")));
            }
            sequence += 1;
            call.world.put(Transfer::new(id, sequence, place, transfer));
        }
    }
    let currency = currency.ok_or_else(|| Refusal::broken("a message without transactions"))?;
    Ok(Batch {
        id,
        app: call.app.to_owned(),
        message_id: message.message_id,
        created_at: message.created_at,
        count: message.count,
        sum: message.sum,
        currency,
        groups,
        received_at: call.now(),
    })
}

/// Job: pays a group when its day begins.
pub(crate) fn execute(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let (id, place) = subject.split_once(' ').ok_or_else(|| Refusal::broken("no group"))?;
    let id: BatchId = id.parse().map_err(Refusal::broken)?;
    pay_group(call, id, place.parse().map_err(Refusal::broken)?)?;
    complete(call, &id.to_string())
}

/// Pays the transfers of a group that wait. One that is refused does not stop the others: a refused payment leaves nothing.
fn pay_group(call: &mut Call<'_>, id: BatchId, place: usize) -> Result<(), Refusal> {
    let batch = call.world.get::<Batch>(&id).cloned().ok_or_else(|| Refusal::broken("no such batch"))?;
    let group = batch.groups.get(place).ok_or_else(|| Refusal::broken("no such group"))?;
    let waiting = call.world.under::<Transfer>(batch::BY_BATCH, &id.to_string());
    let waiting = waiting.filter(|transfer| transfer.group == place && transfer.state == State::Waiting);
    let waiting: Vec<_> = waiting.cloned().collect();
    let mut last = None;
    for transfer in waiting {
        let at = call.now();
        let state = match pay(call, &batch.app, group, &transfer) {
            Ok(payment) => {
                last = last.max(payment.settles_at);
                State::Ordered { payment: payment.id }
            }
            Err(refusal) => match refusal.code() {
                Some(code) => State::Rejected { reason: code.text().to_owned(), at },
                None => return Err(refusal),
            },
        };
        call.world.put(Transfer { state, ..transfer });
    }
    if let Some(at) = last {
        call.world.schedule(at, COMPLETE, id);
    }
    Ok(())
}

fn pay(call: &mut Call<'_>, app: &str, group: &Group, transfer: &Transfer) -> Result<Payment, Refusal> {
    let amount = transfer.amount();
    let here = transfer.creditor_bank.as_deref().is_none_or(|bank| bank == OWN_BANK_CODE);
    let (payee, clearing) = if here {
        let account = call.world.numbered(&transfer.creditor_account).map(|standing| standing.account.id);
        (Payee::Here(account.ok_or(Code::AccountNotFound)?), Clearing::Book)
    } else {
        let clearing = match transfer.clearing.as_deref() {
            None => Clearing::for_amount(amount),
            Some(code) => Clearing::from_code(code).filter(|c| *c != Clearing::Book).ok_or(Code::RequestInvalid)?,
        };
        let payee = Payee::Elsewhere {
            name: transfer.creditor_name.clone().unwrap_or_default(),
            account_number: transfer.creditor_account.clone(),
            bank_code: transfer.creditor_bank.clone().unwrap_or_default(),
        };
        (payee, clearing)
    };
    let order = Order {
        debtor: group.debtor,
        payee,
        amount,
        clearing,
        end_to_end_id: transfer.end_to_end_id.clone(),
        remittance: transfer.remittance.clone().unwrap_or_default(),
        what: What::Payment,
    };
    place(call, app, order)
}

/// Job: tells that a batch is done with, if it is.
pub(crate) fn complete(call: &mut Call<'_>, subject: &str) -> Result<(), Refusal> {
    let id: BatchId = subject.parse().map_err(Refusal::broken)?;
    let summary = summary(call, id)?;
    if summary.is_completed() {
        call.event("bank.payment_batch.completed", id, json!({ "batchId": id, "status": summary.status() }));
    }
    Ok(())
}

fn summary(call: &Call<'_>, id: BatchId) -> Result<Summary, Refusal> {
    let batch = call.world.get::<Batch>(&id).ok_or(Code::NotFound)?;
    Ok(Summary::new(call.world, batch))
}

/// The batch that the path names, if the caller's app sent it.
fn own<'c>(call: &'c Call<'_>, input: &Input) -> Result<&'c Batch, Refusal> {
    let id: BatchId = input.id("batchId", Code::NotFound)?;
    call.world.get::<Batch>(&id).filter(|batch| batch.app == call.app).ok_or_else(|| Code::NotFound.into())
}

fn retrieve(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    Answer::ok(&Summary::new(call.world, own(call, input)?))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let batches = call.world.under::<Batch>(batch::BY_APP, call.app).rev();
    let view = |batch: &Batch| Summary::new(call.world, batch);
    Answer::ok(&Listed::descending(LIST, &page, batches, |batch| batch.id.to_string(), view))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TransactionQuery {
    status: Option<batch::Status>,
    cursor: Option<String>,
    limit: Option<u32>,
}

fn transactions(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: TransactionQuery = input.query()?;
    let batch = own(call, input)?;
    let list = format!("{LIST}/{}", batch.id);
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let transfers = call.world.under::<Transfer>(batch::BY_BATCH, &batch.id.to_string());
    let views = transfers.filter_map(|transfer| TransferView::new(call.world, batch, transfer));
    let wanted = views.filter(|view| query.status.is_none_or(|status| status == view.status()));
    Answer::ok(&Listed::ascending(&list, &page, wanted, |view| format!("{:06}", view.sequence()), |view| view))
}

fn cancel(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let batch = own(call, input)?.clone();
    let status = Summary::new(call.world, &batch).status();
    if status != batch::Status::Pdng {
        let refusal = Refusal::from(Code::LifecycleRefused);
        return Err(refusal.detail(format!("the batch is {}", status.code()), format!("当前状态：{}", status.code())));
    }
    let waiting: Vec<_> = call.world.under::<Transfer>(batch::BY_BATCH, &batch.id.to_string()).cloned().collect();
    let at = call.now();
    for transfer in waiting {
        call.world.put(Transfer { state: State::Cancelled { at }, ..transfer });
    }
    for (place, group) in batch.groups.iter().enumerate() {
        call.world.unschedule(group.execution_date.start(BANK_ZONE), EXECUTE, format!("{} {place}", batch.id));
    }
    call.event("bank.payment_batch.cancelled", batch.id, json!({ "batchId": batch.id }));
    Answer::ok(&summary(call, batch.id)?)
}

/// What became of an ordered payment: its state, and when it ended.
fn outcome(payment: &Payment) -> (batch::Status, Option<&str>, Option<pano_types::Instant>) {
    match &payment.state {
        PaymentState::Accepted { .. } => (batch::Status::Acsp, None, None),
        PaymentState::Settled { at, .. } => (batch::Status::Acsc, None, Some(*at)),
        PaymentState::Rejected { reason, at } => (batch::Status::Rjct, Some(reason), Some(*at)),
        PaymentState::Cancelled { at, .. } => (batch::Status::Canc, None, Some(*at)),
    }
}
