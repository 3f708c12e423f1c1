//! The ways money takes, their limits and hours.

use super::clearing::{HIGH_VALUE_CLOSES, HIGH_VALUE_OPENS, settles_at};
use super::payment::Clearing;
use crate::call::{Answer, Call, Input, Refusal};
use crate::wire::{Listed, Money};
use pano_types::{Currency, Instant, Localized};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const LIST: &str = "clearing-systems";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

pub(super) fn list(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page(LIST, query.cursor.as_deref(), query.limit)?;
    let now = call.now();
    let mut all = Clearing::ALL;
    all.sort_unstable_by_key(|clearing| clearing.code());
    let view = |clearing| System::new(clearing, now);
    Answer::ok(&Listed::ascending(LIST, &page, all.into_iter(), |clearing| clearing.code().to_owned(), view))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct System {
    clearing: &'static str,
    name: Localized,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_off_at: Option<String>,
    business_days_only: bool,
    open: bool,
    next_settlement_at: Instant,
}

impl System {
    fn new(clearing: Clearing, now: Instant) -> Self {
        let (zh, en) = match clearing {
            Clearing::Book => ("行内转账", "Within the bank"),
            Clearing::Ibps => ("网上支付跨行清算系统", "Internet banking payment system"),
            Clearing::Beps => ("小额批量支付系统", "Bulk electronic payment system"),
            Clearing::Hvps => ("大额实时支付系统", "High-value payment system"),
        };
        let (settles, hours) = (settles_at(clearing, now), clearing == Clearing::Hvps);
        Self {
            clearing: clearing.code(),
            name: Localized::new(zh, en),
            max_amount: clearing.max_minor().map(|minor| pano_types::Money::new(minor, Currency::CNY).into()),
            opens_at: hours.then(|| time_of_day(HIGH_VALUE_OPENS)),
            cut_off_at: hours.then(|| time_of_day(HIGH_VALUE_CLOSES)),
            business_days_only: hours,
            open: settles.is_none(),
            next_settlement_at: settles.unwrap_or(now),
        }
    }
}

fn time_of_day(since_midnight: Duration) -> String {
    let minutes = since_midnight.as_secs() / 60;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
