//! App units: who may call, and how much.

use pano_partner::{Environment, Rate, Subscription};
use pano_snapshot::snapshot::Digested;
use pano_snapshot::unit::{AppUnit, SubscriptionUnit};
use pano_snapshot::{Unit, unit};
use pano_store::partner::{AppFilter, ServedApp};
use pano_types::id::{ApiId, AppId, PartnerId};
use pano_types::{Instant, PageRequest};
use std::collections::BTreeSet;

use crate::error::Result;
use crate::state::Manager;

/// Apps read at once.
const BATCH: u32 = 1_000;

/// Every app that may call.
pub(super) async fn all(manager: &Manager, now: Instant) -> Result<Vec<Digested>> {
    let mut unit = manager.read().await?;
    let (mut units, mut after) = (Vec::new(), None);
    loop {
        let batch = unit.served_app_list(after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(units) };
        after = Some(last.app);
        units.extend(batch.into_iter().map(|served| compile(served, now)));
    }
}

/// One app, if it may call.
pub(super) async fn one(manager: &Manager, id: AppId, now: Instant) -> Result<Option<Digested>> {
    let served = manager.read().await?.served_app_by_id(id).await?;
    Ok(served.map(|served| compile(served, now)))
}

/// The apps of a partner, whether they may call or not.
pub(super) async fn of_partner(manager: &Manager, partner: PartnerId) -> Result<Vec<AppId>> {
    let filter = AppFilter { partner: Some(partner), ..AppFilter::default() };
    let (mut ids, mut request) = (Vec::new(), PageRequest::new(None, Some(PageRequest::MAX)));
    let mut unit = manager.read().await?;
    loop {
        let page = unit.app_list(&filter, &request).await?;
        ids.extend(page.items.into_iter().map(|app| app.id));
        match page.next {
            Some(next) => request = PageRequest::new(Some(next), Some(PageRequest::MAX)),
            None => return Ok(ids),
        }
    }
}

fn compile(served: ServedApp, now: Instant) -> Digested {
    let ServedApp { app, partner, partner_rate, mut subscriptions, certificates } = served;
    // Of two to one API, the one for going live holds.
    let live: BTreeSet<ApiId> = subscriptions.iter().filter(|(s, _)| is_live(s)).map(|(s, _)| s.api).collect();
    subscriptions.retain(|(subscription, _)| is_live(subscription) || !live.contains(&subscription.api));
    // Of several plans the most generous holds for the app; a plan without a limit lifts it.
    let rates: Option<Vec<Rate>> = subscriptions.iter().map(|(_, plan)| plan.limits.app_rate).collect();
    let most = rates.and_then(|rates| rates.into_iter().reduce(Rate::max));
    let subscriptions = subscriptions
        .into_iter()
        .map(|(subscription, plan)| SubscriptionUnit {
            id: subscription.id,
            api: subscription.api,
            rate: plan.limits.operation_rate.map(rate),
            quota_per_day: plan.limits.quota_per_day,
        })
        .collect();
    let valid = |begins: Instant, ends: Option<Instant>| begins <= now && ends.is_none_or(|ends| now < ends);
    let certificates =
        certificates.into_iter().filter(|(_, begins, ends)| valid(*begins, *ends)).map(|(sha256, ..)| sha256).collect();
    Digested::new(Unit::App(AppUnit {
        id: app,
        partner,
        rate: most.map(rate),
        partner_rate: partner_rate.map(rate),
        subscriptions,
        certificates,
    }))
}

fn is_live(subscription: &Subscription) -> bool {
    subscription.environment == Environment::Production
}

const fn rate(rate: Rate) -> unit::Rate {
    unit::Rate { requests: rate.requests(), per_seconds: rate.per_seconds(), burst: rate.burst() }
}
