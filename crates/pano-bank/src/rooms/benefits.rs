//! Incentive Account: points that customers earn and redeem. Points are no money, so they are not in the ledger; each lot
//! lapses 24 months after it was earned, and what lapses first is used first.

mod reward;

use super::{Room, get, post};
use crate::BANK_ZONE;
use crate::call::{Answer, Call, Input, Refusal};
use crate::document::Document;
use crate::model::party::{Party, PartyKind};
use crate::rooms::words;
use crate::seed::Seeding;
use crate::wire::Listed;
use crate::world::{Entity, Kind, World};
use pano_types::id::{PartyId, PointsEntryId, RedemptionId};
use pano_types::{Code, Date, Entropy as _, Instant};
use reward::{REWARDS, Reward};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) const ROOM: Room = Room {
    document: Document::new("incentive-account", include_str!("../../openapi/incentive-account.yaml")),
    operations: &[
        get("/points-accounts/{partyId}", "retrievePointsBalance", balance),
        get("/points-accounts/{partyId}/entries", "listPointsEntries", entries),
        post("/points-accounts/{partyId}/accruals", "initiatePointsAccrual", earn).keyed(),
        get("/rewards", "listRewards", rewards),
        post("/points-accounts/{partyId}/redemptions", "initiatePointsRedemption", redeem).keyed(),
    ],
    kinds: &[Kind::of::<Entry>(), Kind::of::<Points>()],
    seed: Some(seed),
};

/// Most points of one accrual, and of a customer on a day.
const ONCE_MAX: i64 = 100_000;
const DAY_MAX: i64 = 200_000;
/// Months until earned points lapse.
const MONTHS: i32 = 24;

/// What a customer has.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Points {
    party: PartyId,
    /// Points earned and not used, by the day they lapse.
    lots: Vec<Lot>,
    /// What was earned on a day.
    earned_on: Date,
    earned: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Lot {
    lapses_on: Date,
    points: i64,
}

impl Entity for Points {
    const KIND: &'static str = "points";
    type Id = PartyId;
    fn id(&self) -> PartyId {
        self.party
    }
}

impl Points {
    fn of(world: &World, party: PartyId) -> Self {
        let none = || Self { party, lots: Vec::new(), earned_on: world.today(), earned: 0 };
        world.get::<Self>(&party).cloned().unwrap_or_else(none)
    }
    fn sum(&self) -> i64 {
        self.lots.iter().map(|lot| lot.points).sum()
    }
    fn earned_today(&self, today: Date) -> i64 {
        if self.earned_on == today { self.earned } else { 0 }
    }
    fn add(&mut self, points: i64, today: Date) -> Date {
        let lapses_on = today.plus_months(MONTHS);
        self.earned = self.earned_today(today) + points;
        self.earned_on = today;
        match self.lots.iter_mut().find(|lot| lot.lapses_on == lapses_on) {
            Some(lot) => lot.points += points,
            None => self.lots.push(Lot { lapses_on, points }),
        }
        lapses_on
    }
    /// Uses points, those that lapse first first; whether there were enough.
    fn take(&mut self, mut points: i64) -> bool {
        if self.sum() < points {
            return false;
        }
        self.lots.sort_by_key(|lot| lot.lapses_on);
        for lot in &mut self.lots {
            let used = lot.points.min(points);
            lot.points -= used;
            points -= used;
        }
        self.lots.retain(|lot| lot.points > 0);
        true
    }
    /// Drops what lapsed by the end of `day`; how much.
    fn lapse(&mut self, day: Date) -> i64 {
        let before = self.sum();
        self.lots.retain(|lot| lot.lapses_on > day);
        before - self.sum()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum EntryKind {
    Earned,
    Redeemed,
    Lapsed,
}

/// A change of a customer's points.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    id: PointsEntryId,
    party: PartyId,
    kind: EntryKind,
    points: i64,
    balance_after: i64,
    reference: String,
    at: Instant,
    expires_on: Option<Date>,
}

const BY_PARTY: &str = "party";

impl Entity for Entry {
    const KIND: &'static str = "points.entry";
    type Id = PointsEntryId;
    fn id(&self) -> PointsEntryId {
        self.id
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_PARTY, self.party.to_string());
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView {
    entry_id: PointsEntryId,
    party_id: PartyId,
    kind: EntryKind,
    points: i64,
    balance_after: i64,
    reference: String,
    at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<Date>,
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        Self {
            entry_id: entry.id,
            party_id: entry.party,
            kind: entry.kind,
            points: entry.points,
            balance_after: entry.balance_after,
            reference: entry.reference.clone(),
            at: entry.at,
            expires_on: entry.expires_on,
        }
    }
}

/// The party that the path names.
fn party(call: &Call<'_>, input: &Input) -> Result<PartyId, Refusal> {
    let id: PartyId = input.id("partyId", Code::PartyNotFound)?;
    call.world.get::<Party>(&id).map(|party| party.id).ok_or_else(|| Code::PartyNotFound.into())
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BalanceView {
    party_id: PartyId,
    points: i64,
    lapsing_soon: i64,
    lapsing_until: Date,
}

fn balance(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let party_id = party(call, input)?;
    let points = Points::of(call.world, party_id);
    let lapsing_until = call.today().plus_days(30);
    let soon = points.lots.iter().filter(|lot| lot.lapses_on <= lapsing_until);
    let lapsing_soon = soon.map(|lot| lot.points).sum();
    Answer::ok(&BalanceView { party_id, points: points.sum(), lapsing_soon, lapsing_until })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    cursor: Option<String>,
    limit: Option<u32>,
}

fn entries(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let list = format!("points/{}", input.path("partyId"));
    let page = Input::page(&list, query.cursor.as_deref(), query.limit)?;
    let party = party(call, input)?.to_string();
    let found = call.world.under::<Entry>(BY_PARTY, &party).rev();
    Answer::ok(&Listed::descending(&list, &page, found, |entry| entry.id.to_string(), EntryView::from))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccrualForm {
    points: i64,
    reference: String,
}

fn earn(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: AccrualForm = input.body()?;
    words::reference(&form.reference, 35, "/reference")?;
    if !(1..=ONCE_MAX).contains(&form.points) {
        return Err(Refusal::from(Code::RequestInvalid).at("/points", format!("must be 1 to {ONCE_MAX}")));
    }
    let party = party(call, input)?;
    let (today, mut points) = (call.today(), Points::of(call.world, party));
    if points.earned_today(today) + form.points > DAY_MAX {
        return Err(Refusal::from(Code::LimitExceeded)
            .detail(format!("at most {DAY_MAX} points a day"), format!("单日最多 {DAY_MAX} 分")));
    }
    let expires_on = Some(points.add(form.points, today));
    let entry = book(call, points, EntryKind::Earned, form.points, form.reference, expires_on);
    call.event("bank.points.earned", entry.id, json!({ "points": form.points }));
    Answer::json(201, &EntryView::from(&entry))
}

fn book(
    call: &mut Call<'_>,
    after: Points,
    kind: EntryKind,
    points: i64,
    reference: String,
    expires_on: Option<Date>,
) -> Entry {
    let (id, at) = (call.id(PointsEntryId::new), call.now());
    let entry = Entry { id, party: after.party, kind, points, balance_after: after.sum(), reference, at, expires_on };
    call.world.put(after);
    call.world.put(entry.clone());
    entry
}

fn rewards(_: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let query: PageQuery = input.query()?;
    let page = Input::page("rewards", query.cursor.as_deref(), query.limit)?;
    let key = |reward: &&Reward| reward.code.to_owned();
    Answer::ok(&Listed::ascending("rewards", &page, REWARDS.iter(), key, reward::RewardView::from))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RedemptionForm {
    reward_code: String,
    quantity: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RedemptionView {
    redemption_id: RedemptionId,
    party_id: PartyId,
    reward_code: String,
    quantity: i64,
    points: i64,
    voucher_code: String,
    balance_after: i64,
    redeemed_at: Instant,
}

fn redeem(call: &mut Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let form: RedemptionForm = input.body()?;
    if !(1..=20).contains(&form.quantity) {
        return Err(Refusal::from(Code::RequestInvalid).at("/quantity", "must be 1 to 20"));
    }
    let reward = reward::by_code(&form.reward_code)
        .ok_or_else(|| Refusal::from(Code::RequestInvalid).at("/rewardCode", "is no reward on offer"))?;
    let party = party(call, input)?;
    let (mut points, needed) = (Points::of(call.world, party), reward.points * form.quantity);
    let has = points.sum();
    if !points.take(needed) {
        let (en, zh) = (format!("{needed} points needed, {has} there"), format!("需要 {needed} 分，现有 {has} 分"));
        return Err(Refusal::from(Code::InsufficientFunds).detail(en, zh));
    }
    let redemption_id = call.id(RedemptionId::new);
    let entry = book(call, points, EntryKind::Redeemed, needed, redemption_id.to_string(), None);
    call.event("bank.points.redeemed", redemption_id, json!({ "points": needed, "rewardCode": reward.code }));
    Answer::json(
        201,
        &RedemptionView {
            redemption_id,
            party_id: party,
            reward_code: form.reward_code,
            quantity: form.quantity,
            points: needed,
            voucher_code: voucher(call),
            balance_after: entry.balance_after,
            redeemed_at: entry.at,
        },
    )
}

/// Twelve letters and digits that cannot be mistaken for one another.
fn voucher(call: &Call<'_>) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let drawn = call.random().u128();
    let letter = |place: u32| {
        let index = usize::try_from((drawn >> (place * 5)) & 31).unwrap_or(0);
        char::from(LETTERS.get(index).copied().unwrap_or(b'2'))
    };
    let group = |first: u32| (first..first + 4).map(letter).collect::<String>();
    format!("{}-{}-{}", group(0), group(4), group(8))
}

/// Job of the evening: points that were earned 24 months ago lapse.
pub(crate) fn lapse(call: &mut Call<'_>, day: Date) -> Result<(), Refusal> {
    let due = call.world.all::<Points>().filter(|points| points.lots.iter().any(|lot| lot.lapses_on <= day));
    let due: Vec<Points> = due.cloned().collect();
    for mut points in due {
        let lapsed = points.lapse(day);
        let entry = book(call, points, EntryKind::Lapsed, lapsed, day.to_string(), None);
        call.event("bank.points.lapsed", entry.id, json!({ "points": lapsed }));
    }
    Ok(())
}

/// Every person begins with some points, a part of which lapses soon.
fn seed(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let call = &mut seeding.call;
    let persons = call.world.all::<Party>().filter(|party| party.kind == PartyKind::Person);
    let persons: Vec<PartyId> = persons.map(|party| party.id).collect();
    let now = call.now();
    for party in persons {
        for (months_ago, points, reference) in [(23, 200, "WELCOME"), (2, 1_000, "SPRING")] {
            // A day after, so that the older ones are still there on the first evening.
            let earned_on = Date::of(now, BANK_ZONE).plus_months(-months_ago).plus_days(1);
            let mut after = Points::of(call.world, party);
            let expires_on = Some(after.add(points, earned_on));
            book(call, after, EntryKind::Earned, points, reference.to_owned(), expires_on);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    proptest! {
        #[test]
        fn points_are_neither_made_nor_lost(
            steps in prop::collection::vec((0i64..500, 0i64..800, 0i32..400), 1..40),
        ) {
            let start = Date::parse("2026-01-01").unwrap();
            let party = PartyId::new(Instant::default(), &SeededEntropy::new(1));
            let mut points = Points { party, lots: Vec::new(), earned_on: start, earned: 0 };
            let (mut today, mut sum) = (start, 0);
            for (earned, wanted, days) in steps {
                points.add(earned, today);
                sum += earned;
                let enough = wanted <= sum;
                prop_assert_eq!(points.take(wanted), enough);
                sum -= if enough { wanted } else { 0 };
                prop_assert_eq!(points.sum(), sum);
                today = today.plus_days(days);
                sum -= points.lapse(today);
                prop_assert_eq!(points.sum(), sum);
                prop_assert!(points.lots.iter().all(|lot| lot.lapses_on > today && lot.points >= 0));
            }
        }
    }
}
