//! Apps that may call, with all that a gateway must know of them: five statements for any number of apps.

use super::{plan, subscription};
use crate::Result;
use crate::executor::Unit;
use crate::row::Row;
use pano_partner::certification::Profile;
use pano_partner::{Held, Plan, Subscription};
use pano_store::partner::ServedApp;
use pano_types::Instant;
use pano_types::id::{AppId, PlanId};
use sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use std::collections::{BTreeMap, HashMap};

type Certificate = (String, Instant, Option<Instant>);
type Certificates = Vec<Certificate>;

impl Unit {
    pub(super) async fn served_apps(
        &mut self,
        after: Option<AppId>,
        only: Option<AppId>,
        limit: u32,
    ) -> Result<Vec<ServedApp>> {
        let select = apps(after, only, limit);
        let mut apps: Vec<ServedApp> = self.all("app.served", &select, read).await?;
        let (Some(first), Some(last)) = (apps.first().map(|a| a.app), apps.last().map(|a| a.app)) else {
            return Ok(apps);
        };
        let subscriptions = self.approved(first, last).await?;
        let plans = self.plans_of(&subscriptions).await?;
        let mut certificates = self.certificates(first, last).await?;
        let mut certified = self.certified(first, last).await?;
        let mut by_app: BTreeMap<AppId, Vec<(Subscription, Plan)>> = BTreeMap::new();
        for subscription in subscriptions {
            if let Some(plan) = plans.get(&subscription.plan) {
                by_app.entry(subscription.app).or_default().push((subscription, plan.clone()));
            }
        }
        for app in &mut apps {
            app.subscriptions = by_app.remove(&app.app).unwrap_or_default();
            app.certificates = certificates.remove(&app.app).unwrap_or_default();
            app.certified = certified.remove(&app.app).unwrap_or_default();
        }
        Ok(apps)
    }

    async fn approved(&mut self, first: AppId, last: AppId) -> Result<Vec<Subscription>> {
        let mut select = Query::select().columns(subscription::COLUMNS).from("subscription").to_owned();
        between(&mut select, first, last);
        select.and_where(Expr::col("state").eq("approved")).order_by("id", Order::Asc);
        self.all("subscription.served", &select, subscription::read).await
    }

    async fn plans_of(&mut self, subscriptions: &[Subscription]) -> Result<HashMap<PlanId, Plan>> {
        let mut ids: Vec<String> = subscriptions.iter().map(|s| s.plan.to_string()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut plans = HashMap::new();
        // Both databases bound the number of values in a statement.
        for some in ids.chunks(500) {
            let select = Query::select()
                .columns(plan::COLUMNS)
                .from("plan")
                .and_where(Expr::col("id").is_in(some.iter().cloned()))
                .to_owned();
            plans.extend(self.all("plan.served", &select, plan::read).await?.into_iter().map(|plan| (plan.id, plan)));
        }
        Ok(plans)
    }

    async fn certificates(&mut self, first: AppId, last: AppId) -> Result<HashMap<AppId, Certificates>> {
        let columns = ["app_id", "certificate_sha256", "not_before", "expires_at"];
        let mut select = Query::select().columns(columns).from("credential").to_owned();
        between(&mut select, first, last);
        select
            .and_where(Expr::col("certificate_sha256").is_not_null())
            .and_where(Expr::col("revoked").is_null())
            .order_by("id", Order::Asc);
        let read = |row: &Row| -> Result<(AppId, Certificate)> {
            let times = (row.instant("not_before")?, row.instant_opt("expires_at")?);
            Ok((row.parse("app_id")?, (row.text("certificate_sha256")?, times.0, times.1)))
        };
        let mut by_app: HashMap<AppId, Certificates> = HashMap::new();
        for (app, certificate) in self.all("credential.served", &select, read).await? {
            by_app.entry(app).or_default().push(certificate);
        }
        Ok(by_app)
    }

    async fn certified(&mut self, first: AppId, last: AppId) -> Result<HashMap<AppId, Vec<Held>>> {
        let mut select =
            Query::select().columns(["app_id", "profile", "script_version"]).from("certificate").to_owned();
        // Of what was passed several times the longest.
        select.expr_as(Expr::col("valid_until").max(), "valid_until");
        between(&mut select, first, last);
        select.group_by_columns(["app_id", "profile", "script_version"]);
        let read = |row: &Row| -> Result<(AppId, Held)> {
            let profile = row.text("profile")?;
            let profile = Profile::from_text(&profile).ok_or_else(|| row.corrupt("profile", "is none"))?;
            let (script_version, valid_until) = (row.number("script_version")?, row.instant("valid_until")?);
            Ok((row.parse("app_id")?, Held { profile, script_version, valid_until }))
        };
        let mut by_app: HashMap<AppId, Vec<Held>> = HashMap::new();
        for (app, held) in self.all("certificate.served", &select, read).await? {
            by_app.entry(app).or_default().push(held);
        }
        Ok(by_app)
    }
}

fn apps(after: Option<AppId>, only: Option<AppId>, limit: u32) -> SelectStatement {
    let mut select = Query::select()
        .column(("app", "id"))
        .column(("app", "partner_id"))
        .column(("partner", "rate"))
        .from("app")
        .inner_join("partner", Expr::col(("partner", "id")).equals(("app", "partner_id")))
        .and_where(Expr::col(("app", "state")).eq("active"))
        .and_where(Expr::col(("partner", "state")).eq("admitted"))
        .order_by(("app", "id"), Order::Asc)
        .limit(u64::from(limit))
        .to_owned();
    if let Some(after) = after {
        select.and_where(Expr::col(("app", "id")).gt(after.to_string()));
    }
    if let Some(only) = only {
        select.and_where(Expr::col(("app", "id")).eq(only.to_string()));
    }
    select
}

fn between(select: &mut SelectStatement, first: AppId, last: AppId) {
    select.and_where(Expr::col("app_id").gte(first.to_string())).and_where(Expr::col("app_id").lte(last.to_string()));
}

fn read(row: &Row) -> Result<ServedApp> {
    Ok(ServedApp {
        app: row.parse("id")?,
        partner: row.parse("partner_id")?,
        partner_rate: row.json_opt("rate")?,
        subscriptions: Vec::new(),
        certificates: Vec::new(),
        certified: Vec::new(),
    })
}
