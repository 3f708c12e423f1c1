//! The publisher: notices what changed, compiles what is affected, and hands gateways the step from what they have.
//!
//! It reads the outbox as its to-do list. An event names what changed; only the units of that are made again, so that one
//! change costs the same with ten thousand apps as with one. Changes by this process wake it at once, changes by others are
//! noticed by their sequence every [`Options::poll`](crate::Options::poll).
//!
//! Start reading at [`run`]; [`apps`] makes app units, [`current`] keeps the last snapshots for deltas.

mod apps;
mod current;

pub use current::{Current, DeltaToWrite, Published, Step};

use pano_http::Readiness;
use pano_snapshot::snapshot::Digested;
use pano_snapshot::unit::{Revocations, UnitKey};
use pano_snapshot::{IssuerUnit, Snapshot, Unit};
use pano_types::Instant;
use pano_types::id::{AppId, PartnerId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::{Error, Result, chain};
use crate::state::Manager;

/// Events read at once.
const EVENTS: u32 = 1_000;
/// More apps than this are read all together rather than one by one.
const APPS_SINGLY: usize = 200;
/// Even without a change: certificates begin and end, revocations are forgotten.
const REFRESH: Duration = Duration::from_secs(60);
/// Cutoffs older than this void only tokens that have ended (RFC 9068 tokens of ours live at most 10 minutes).
const CUTOFFS: Duration = Duration::from_secs(3_600);

/// What the publisher remembers between two rounds.
#[derive(Default)]
struct Publisher {
    units: BTreeMap<UnitKey, Digested>,
    seq: u64,
    refreshed_at: Instant,
    started: bool,
}

/// What has to be made again.
#[derive(Debug, Default, PartialEq)]
struct Affected {
    everything: bool,
    apps: BTreeSet<AppId>,
    partners: BTreeSet<PartnerId>,
    all_apps: bool,
}

/// Publishes until the manager stops; ready after the first round. A round that fails is logged and tried again; gateways keep what they have.
pub(crate) async fn run(manager: Manager, readiness: Readiness) {
    let mut publisher = Publisher::default();
    loop {
        match publisher.round(&manager).await {
            Ok(()) => readiness.set(true),
            Err(error) => tracing::error!(error = %chain(&error), "snapshot not compiled"),
        }
        tokio::select! {
            // All arms are cancel safe: a notification that is not taken stays.
            () = manager.changed().notified() => {}
            () = tokio::time::sleep(manager.options().poll) => {}
            () = manager.stop().cancelled() => return,
        }
    }
}

impl Publisher {
    async fn round(&mut self, manager: &Manager) -> Result<()> {
        let (seq, now) = (manager.store().change_seq().await?, manager.now());
        let due = now.since(self.refreshed_at) >= REFRESH;
        if self.started && seq == self.seq && !due {
            return Ok(());
        }
        let (affected, seq) =
            if self.started { self.affected(manager, seq).await? } else { (Affected::everything(), seq) };
        let affected = if due { Affected { all_apps: true, ..affected } } else { affected };
        let mut units = self.units.clone();
        self.apps(manager, &affected, &mut units, now).await?;
        library(manager, &mut units).await?;
        trust(manager, &mut units, now).await?;
        self.publish(manager, units, seq).await?;
        (self.seq, self.started) = (seq, true);
        if due {
            self.refreshed_at = now;
        }
        Ok(())
    }

    /// Reads the events since the last round.
    async fn affected(&self, manager: &Manager, until: u64) -> Result<(Affected, u64)> {
        let (mut affected, mut seq) = (Affected::default(), self.seq);
        let mut unit = manager.read().await?;
        while seq < until {
            let events = unit.outbox_take(seq, EVENTS).await?;
            let Some(first) = events.first() else { break };
            if first.seq != seq + 1 {
                // Some were swept away before we came: whatever they said, look at everything.
                return Ok((Affected::everything(), until));
            }
            for queued in events {
                seq = queued.seq;
                affected.add(&queued.event.kind, queued.event.subject.as_deref(), &queued.event.data);
            }
        }
        Ok((affected, seq.max(until)))
    }

    async fn apps(
        &self,
        manager: &Manager,
        affected: &Affected,
        units: &mut BTreeMap<UnitKey, Digested>,
        now: Instant,
    ) -> Result<()> {
        if affected.everything || affected.all_apps || affected.apps.len() > APPS_SINGLY {
            let fresh = apps::all(manager, now).await?;
            units.retain(|key, _| !matches!(key, UnitKey::App(_)));
            units.extend(fresh.into_iter().map(|unit| (unit.unit.key(), unit)));
            return Ok(());
        }
        let mut ids = affected.apps.clone();
        for partner in &affected.partners {
            ids.extend(apps::of_partner(manager, *partner).await?);
        }
        for id in ids {
            match apps::one(manager, id, now).await? {
                Some(unit) => units.insert(UnitKey::App(id), unit),
                None => units.remove(&UnitKey::App(id)),
            };
        }
        Ok(())
    }

    async fn publish(&mut self, manager: &Manager, units: BTreeMap<UnitKey, Digested>, seq: u64) -> Result<()> {
        let same = |(a, b): ((&UnitKey, &Digested), (&UnitKey, &Digested))| a.0 == b.0 && a.1.digest == b.1.digest;
        if self.started && units.len() == self.units.len() && units.iter().zip(&self.units).all(same) {
            return Ok(());
        }
        // Digesting ten thousand units takes milliseconds: not on a thread that serves requests.
        let made = units.clone();
        let (snapshot, digest) = tokio::task::spawn_blocking(move || {
            let snapshot = Snapshot::from_digested(0, made.into_values());
            let digest = snapshot.digest();
            (snapshot, digest)
        })
        .await
        .map_err(Error::internal)?;
        let mut unit = manager.store().begin().await?;
        let revision = unit.snapshot_compiled(&digest, seq, manager.now()).await?;
        unit.save().await?;
        let snapshot = Snapshot::from_digested(revision, snapshot.units().values().cloned());
        tracing::info!(revision, units = units.len(), "snapshot published");
        manager.published().publish(Current { snapshot, digest: digest.into() });
        self.units = units;
        Ok(())
    }
}

impl Affected {
    fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// What an event makes necessary. API versions are compared by their generation in every round, issuers and revocations
    /// are few and read each time, so only apps are told apart here.
    fn add(&mut self, kind: &str, subject: Option<&str>, data: &serde_json::Value) {
        let Some(noun) = kind.strip_prefix("panorama.").and_then(|rest| rest.split('.').next()) else { return };
        let app_in_detail = || data.get("detail")?.get("app")?.as_str()?.parse::<AppId>().ok();
        match noun {
            "app" => match subject.and_then(|subject| subject.parse().ok()) {
                Some(app) => drop(self.apps.insert(app)),
                None => self.all_apps = true,
            },
            "credential" | "subscription" => match app_in_detail() {
                Some(app) => drop(self.apps.insert(app)),
                None => self.all_apps = true,
            },
            "partner" => match subject.and_then(|subject| subject.parse().ok()) {
                Some(partner) => drop(self.partners.insert(partner)),
                None => self.all_apps = true,
            },
            "plan" => self.all_apps = true,
            _ => {}
        }
    }
}

async fn library(manager: &Manager, units: &mut BTreeMap<UnitKey, Digested>) -> Result<()> {
    let fresh = crate::catalog::api_units(manager).await?;
    units.retain(|key, _| !matches!(key, UnitKey::Api(_)));
    units.extend(fresh.into_iter().map(|unit| (unit.unit.key(), unit)));
    Ok(())
}

/// Issuers and what was taken back.
async fn trust(manager: &Manager, units: &mut BTreeMap<UnitKey, Digested>, now: Instant) -> Result<()> {
    let mut unit = manager.read().await?;
    let issuers = unit.issuer_list().await?;
    let tokens = unit.token_revocations(now).await?;
    let apps = unit.token_cutoffs(now.minus(CUTOFFS)).await?;
    let consents = unit.consent_ended(now.minus(CUTOFFS)).await?;
    drop(unit);
    units.retain(|key, _| !matches!(key, UnitKey::Issuer(_) | UnitKey::Revocations));
    for issuer in issuers {
        let unit = IssuerUnit { issuer: issuer.issuer, audience: issuer.audience, jwks: issuer.jwks };
        units.insert(UnitKey::Issuer(unit.issuer.clone()), Digested::new(Unit::Issuer(unit)));
    }
    let tokens = tokens.into_iter().map(|token| (token.jti, token.expires_at)).collect();
    units.insert(UnitKey::Revocations, Digested::new(Unit::Revocations(Revocations { tokens, apps, consents })));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use serde_json::json;

    #[test]
    fn an_event_affects_only_what_it_names() {
        let app = AppId::new(Instant::default(), &SeededEntropy::new(1));
        let partner = PartnerId::new(Instant::default(), &SeededEntropy::new(2));
        let (app_text, partner_text) = (app.to_string(), partner.to_string());
        let none = json!({});
        let with_app = json!({ "detail": { "app": app } });
        let one = |app| Affected { apps: BTreeSet::from([app]), ..Affected::default() };
        let all = Affected { all_apps: true, ..Affected::default() };
        for (kind, subject, data, expected) in [
            ("panorama.app.activated", Some(&*app_text), &none, one(app)),
            ("panorama.credential.revoked", Some("crd_x"), &with_app, one(app)),
            ("panorama.subscription.approved", Some("sub_x"), &with_app, one(app)),
            (
                "panorama.partner.admitted",
                Some(&*partner_text),
                &none,
                Affected { partners: BTreeSet::from([partner]), ..Affected::default() },
            ),
            ("panorama.plan.updated", None, &none, Affected { all_apps: true, ..Affected::default() }),
            ("panorama.version.published", Some("ver_x"), &none, Affected::default()),
            ("panorama.app.activated", Some("nonsense"), &none, all),
        ] {
            let mut affected = Affected::default();
            affected.add(kind, subject, data);
            assert_eq!(affected, expected, "{kind}");
        }
    }
}
