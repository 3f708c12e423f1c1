//! Subscriptions.

use super::{agree, big, json, narrow};
use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_partner::subscription::State;
use pano_partner::{Environment, Subscription};
use pano_store::partner::SubscriptionFilter;
use pano_types::id::SubscriptionId;
use pano_types::{Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Query};

pub(super) const COLUMNS: [&str; 10] = [
    "id",
    "app_id",
    "api_id",
    "plan_id",
    "environment",
    "state",
    "state_body",
    "managed_by",
    "created_at",
    "generation",
];

pub(super) fn read(row: &Row) -> Result<Subscription> {
    let state: State = row.json("state_body")?;
    agree(row, state.name())?;
    Ok(Subscription {
        id: row.parse("id")?,
        app: row.parse("app_id")?,
        api: row.parse("api_id")?,
        plan: row.parse("plan_id")?,
        environment: row.parse("environment")?,
        state,
        managed_by: row.text_opt("managed_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

impl Unit {
    pub(super) async fn insert_subscription(&mut self, subscription: &Subscription) -> Result<()> {
        let statement = Query::insert()
            .into_table("subscription")
            .columns(COLUMNS)
            .values_panic([
                subscription.id.to_string().into(),
                subscription.app.to_string().into(),
                subscription.api.to_string().into(),
                subscription.plan.to_string().into(),
                subscription.environment.text().into(),
                subscription.state.name().into(),
                json(&subscription.state)?.into(),
                subscription.managed_by.clone().into(),
                subscription.created_at.unix_micros().into(),
                big(subscription.generation)?.into(),
            ])
            .to_owned();
        self.run("subscription.add", &statement).await.map(|_| ())
    }

    pub(super) async fn change_subscription(&mut self, subscription: &Subscription) -> Result<()> {
        let statement = Query::update()
            .table("subscription")
            .values([
                ("plan_id", subscription.plan.to_string().into()),
                ("state", subscription.state.name().into()),
                ("state_body", json(&subscription.state)?.into()),
                ("managed_by", subscription.managed_by.clone().into()),
                ("generation", big(subscription.generation + 1)?.into()),
            ])
            .and_where(Expr::col("id").eq(subscription.id.to_string()))
            .and_where(Expr::col("generation").eq(big(subscription.generation)?))
            .to_owned();
        self.run_one("subscription.update", &statement, || StoreError::stale(subscription.id.to_string())).await
    }

    pub(super) async fn find_subscription(&mut self, id: SubscriptionId) -> Result<Option<Subscription>> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("subscription")
            .and_where(Expr::col("id").eq(id.to_string()))
            .to_owned();
        self.one("subscription.by_id", &select, read).await
    }

    pub(super) async fn subscription_page(
        &mut self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>> {
        let mut select = Query::select().columns(COLUMNS).from("subscription").to_owned();
        narrow(&mut select, "app_id", filter.app.as_ref());
        narrow(&mut select, "api_id", filter.api.as_ref());
        narrow(&mut select, "plan_id", filter.plan.as_ref());
        narrow(&mut select, "environment", filter.environment.map(Environment::text).as_ref());
        narrow(&mut select, "state", filter.state.as_ref());
        narrow(&mut select, "managed_by", filter.managed_by.as_ref());
        page::ascending(&mut select, "id", page);
        let rows = self.all("subscription.list", &select, read).await?;
        Ok(Page::from_rows(rows, page, |subscription| subscription.id.to_string()))
    }
}
