//! The status report of a batch, as pain.002.

use super::batch::{BY_BATCH, Standing, Status, Transfer, reason_code};
use super::own;
use crate::call::{Answer, Call, Input, Refusal};
use crate::iso20022::pain002::{self, GroupReport, Report, TransferReport};

pub(super) fn export(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let batch = own(call, input)?;
    let id = batch.id.to_string();
    let transfers: Vec<_> = call.world.under::<Transfer>(BY_BATCH, &id).collect();
    let standing: Vec<_> = transfers.iter().map(|transfer| Standing::of(call.world, transfer)).collect();
    let pairs = || transfers.iter().zip(&standing);
    let statuses: Vec<_> = standing.iter().map(|standing| standing.status).collect();
    let groups = batch.groups.iter().enumerate().map(|(place, group)| {
        let of_group = || pairs().filter(move |(transfer, _)| transfer.group == place);
        let statuses: Vec<_> = of_group().map(|(_, standing)| standing.status).collect();
        GroupReport {
            id: &group.id,
            status: Status::of(&statuses).code(),
            sum: &group.sum,
            transfers: of_group().map(|(transfer, standing)| transfer_report(transfer, standing)).collect(),
        }
    });
    let text = pain002::write(&Report {
        message_id: &id,
        created_at: call.now(),
        original_message_id: &batch.message_id,
        original_created_at: &batch.created_at,
        count: batch.count,
        sum: &batch.sum,
        status: Status::of(&statuses).code(),
        groups: groups.collect(),
    });
    Ok(Answer::text("application/xml", text.map_err(Refusal::broken)?))
}

fn transfer_report<'r>(transfer: &'r Transfer, standing: &Standing<'r>) -> TransferReport<'r> {
    TransferReport {
        id: transfer.sequence.to_string(),
        instruction_id: transfer.instruction_id.as_deref(),
        end_to_end_id: &transfer.end_to_end_id,
        status: standing.status.code(),
        reason: standing.reason.map(|reason| (reason_code(reason), reason)),
        accepted_at: standing.payment.map(|payment| payment.ordered_at),
        reference: standing.payment.map(|payment| payment.id.to_string()),
    }
}
