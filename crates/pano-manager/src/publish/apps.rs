//! App units: who may call, and how much.

use pano_catalog::lifecycle::Stage;
use pano_partner::certification::Profile;
use pano_partner::{Environment, Rate, Subscription, subscription};
use pano_snapshot::snapshot::Digested;
use pano_snapshot::unit::{AppUnit, SubscriptionUnit};
use pano_snapshot::{Unit, unit};
use pano_store::UnitOfWork;
use pano_store::partner::{AppFilter, ServedApp};
use pano_types::id::{ApiId, AppId, PartnerId};
use pano_types::{Instant, PageRequest};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::certificates;
use crate::error::Result;
use crate::state::Manager;

/// Apps read at once.
const BATCH: u32 = 1_000;

/// Every app that may call.
pub(super) async fn all(manager: &Manager, now: Instant) -> Result<Vec<Digested>> {
    let mut unit = manager.read().await?;
    let (mut units, mut after, mut needs) = (Vec::new(), None, Needs::new());
    loop {
        let batch = unit.served_app_list(after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(units) };
        after = Some(last.app);
        for served in batch {
            learn(&mut needs, &mut *unit, manager, &served).await?;
            units.push(compile(served, &needs, now));
        }
    }
}

/// One app, if it may call.
pub(super) async fn one(manager: &Manager, id: AppId, now: Instant) -> Result<Option<Digested>> {
    let (mut unit, mut needs) = (manager.read().await?, Needs::new());
    let Some(served) = unit.served_app_by_id(id).await? else { return Ok(None) };
    learn(&mut needs, &mut *unit, manager, &served).await?;
    Ok(Some(compile(served, &needs, now)))
}

/// What APIs ask of those who go live, as far as somebody does.
type Needs = BTreeMap<ApiId, Profile>;

/// Finds out what the APIs ask for to which the app may go live, by the versions that are served.
async fn learn(needs: &mut Needs, unit: &mut dyn UnitOfWork, manager: &Manager, served: &ServedApp) -> Result<()> {
    for (subscription, _) in served.subscriptions.iter().filter(|(s, _)| is_live(s)) {
        if let Entry::Vacant(place) = needs.entry(subscription.api) {
            let mut most = Profile::needed(false);
            for stage in [Stage::Published, Stage::Deprecated] {
                most = most.max(certificates::needed(unit, manager, subscription.api, Some(stage)).await?);
            }
            place.insert(most);
        }
    }
    Ok(())
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

fn compile(served: ServedApp, needs: &Needs, now: Instant) -> Digested {
    let ServedApp { app, partner, partner_rate, mut subscriptions, certificates, certified } = served;
    // A right to go live ends with the certificate that it asked for, and when the API begins to ask for more.
    let reach = |subscription: &Subscription| {
        let needed = needs.get(&subscription.api).copied().unwrap_or(Profile::Payment);
        let certified = subscription::gate(subscription.environment, needed, &certified, now).is_ok();
        if certified { subscription.environment } else { Environment::Sandbox }
    };
    // Of two to one API, the one that reaches production holds; if none does, the one for trying out.
    let of = |wanted: &dyn Fn(&Subscription) -> bool| -> BTreeSet<ApiId> {
        subscriptions.iter().map(|(s, _)| s).filter(|s| wanted(s)).map(|s| s.api).collect()
    };
    let live = of(&|s| reach(s) == Environment::Production);
    let tried = of(&|s| !is_live(s) && !live.contains(&s.api));
    subscriptions
        .retain(|(s, _)| if live.contains(&s.api) { is_live(s) } else { !is_live(s) || !tried.contains(&s.api) });
    // Of several plans the most generous holds for the app; a plan without a limit lifts it.
    let rates: Option<Vec<Rate>> = subscriptions.iter().map(|(_, plan)| plan.limits.app_rate).collect();
    let most = rates.and_then(|rates| rates.into_iter().reduce(Rate::max));
    let subscriptions = subscriptions
        .into_iter()
        .map(|(subscription, plan)| SubscriptionUnit {
            id: subscription.id,
            api: subscription.api,
            environment: reach(&subscription),
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

#[cfg(test)]
mod tests {
    use super::*;
    use pano_partner::plan::Limits;
    use pano_partner::{Held, Plan, Step, subscription::State};
    use pano_types::Localized;
    use pano_types::clock::SeededEntropy;
    use pano_types::id::{OperatorId, PlanId, SubscriptionId};
    use std::time::Duration;

    const NOW: Instant = Instant::from_unix_micros(1_772_400_000_000_000);

    fn subscription(n: u64, environment: Environment) -> (Subscription, Plan) {
        let seeded = SeededEntropy::new;
        let step = Step { who: OperatorId::new(NOW, &seeded(1)), at: NOW, why: String::new() };
        let plan = Plan {
            id: PlanId::new(NOW, &seeded(1)),
            slug: "plan".parse().unwrap(),
            name: Localized::new("套餐", "Plan"),
            limits: Limits::default(),
            retired: false,
            managed_by: None,
            created_at: NOW,
            generation: 1,
        };
        let subscription = Subscription {
            id: SubscriptionId::new(NOW, &seeded(n)),
            app: AppId::new(NOW, &seeded(1)),
            api: ApiId::new(NOW, &seeded(1)),
            plan: plan.id,
            environment,
            state: State::Approved { requested: step.clone(), approved: step },
            managed_by: None,
            created_at: NOW,
            generation: 1,
        };
        (subscription, plan)
    }

    /// The rights that an app gets, as place among its subscriptions and reach.
    fn rights(held: &[Environment], certificate: Option<Profile>, needed: Profile) -> Vec<(usize, Environment)> {
        let subscriptions: Vec<_> = (1..).zip(held).map(|(n, environment)| subscription(n, *environment)).collect();
        let ids: Vec<_> = subscriptions.iter().map(|(s, _)| s.id).collect();
        let (app, api) = (subscriptions[0].0.app, subscriptions[0].0.api);
        let valid_until = NOW.plus(Duration::from_secs(60));
        let held = certificate.map(|profile| Held { profile, script_version: profile.script().version, valid_until });
        let partner = PartnerId::new(NOW, &SeededEntropy::new(1));
        let served = ServedApp {
            app,
            partner,
            partner_rate: None,
            subscriptions,
            certificates: Vec::new(),
            certified: held.into_iter().collect(),
        };
        let at = |now| {
            let made = compile(served.clone(), &Needs::from([(api, needed)]), now);
            let Unit::App(unit) = &*made.unit else { panic!("an app's unit is one") };
            let place = |id| ids.iter().position(|known| *known == id).unwrap();
            unit.subscriptions.iter().map(|s| (place(s.id), s.environment)).collect::<Vec<_>>()
        };
        let none: Vec<_> = at(valid_until).into_iter().filter(|(_, reach)| *reach == Environment::Production).collect();
        assert_eq!(none, [], "no certificate lasts");
        at(NOW)
    }

    #[test]
    fn a_right_to_go_live_lasts_as_long_as_its_certificate_suffices() {
        use Environment::{Production, Sandbox};
        let (read, pay) = (Profile::AccountInformation, Profile::Payment);
        for (held, certificate, needed, want) in [
            (&[Sandbox][..], Some(pay), read, &[(0, Sandbox)][..]),
            (&[Production], Some(read), read, &[(0, Production)]),
            (&[Production], Some(pay), read, &[(0, Production)]),
            // The API began to move funds.
            (&[Production], Some(read), pay, &[(0, Sandbox)]),
            (&[Production], None, read, &[(0, Sandbox)]),
            (&[Sandbox, Production], Some(pay), pay, &[(1, Production)]),
            (&[Sandbox, Production], Some(read), pay, &[(0, Sandbox)]),
            (&[Production, Sandbox], None, read, &[(1, Sandbox)]),
        ] {
            assert_eq!(rights(held, certificate, needed), want, "{held:?} {certificate:?} {needed:?}");
        }
    }
}
