//! See `pano_store::partner`.

mod answer;
mod app;
mod certificate;
mod credential;
mod plan;
mod served;
mod subscription;

use crate::executor::Unit;
use crate::page;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_partner::credential::Credential;
use pano_partner::partner::State;
use pano_partner::{App, Certificate, Partner, Plan, Step, Subscription};
use pano_store::PartnerRepository;
use pano_store::partner::{AppFilter, PartnerFilter, PlanFilter, RememberedAnswer, ServedApp, SubscriptionFilter};
use pano_types::id::{AppId, CertificationId, CredentialId, OperatorId, PartnerId, PlanId, SubscriptionId};
use pano_types::{Instant, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use serde::Serialize;

const COLUMNS: [&str; 13] = [
    "id",
    "slug",
    "name",
    "registration",
    "contact",
    "scenario",
    "evidence",
    "rate",
    "state",
    "state_body",
    "managed_by",
    "created_at",
    "generation",
];

/// JSON text of what serialises without fail: our own derives.
fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unstorable { what: error.to_string() })
}

fn json_opt(value: Option<&impl Serialize>) -> Result<Option<String>> {
    value.map(json).transpose()
}

/// A counter of ours as BIGINT.
fn big(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| StoreError::Unstorable { what: "a number beyond 63 bits".to_owned() })
}

/// `column = value`, when there is a value to ask for.
fn narrow<T: ToString>(select: &mut SelectStatement, column: &'static str, value: Option<&T>) {
    if let Some(value) = value {
        select.and_where(Expr::col(column).eq(value.to_string()));
    }
}

/// The state is kept twice, as a word to ask for and as its body; they must agree.
fn agree(row: &Row, name: &str) -> Result<()> {
    if row.text("state")? == name { Ok(()) } else { Err(row.corrupt("state", "differs from state_body")) }
}

fn read(row: &Row) -> Result<Partner> {
    let state: State = row.json("state_body")?;
    agree(row, state.name())?;
    Ok(Partner {
        id: row.parse("id")?,
        slug: row.parse("slug")?,
        name: row.json("name")?,
        registration: row.text("registration")?,
        contact: row.text("contact")?,
        scenario: row.json("scenario")?,
        evidence: row.json("evidence")?,
        rate: row.json_opt("rate")?,
        state,
        managed_by: row.text_opt("managed_by")?,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

impl Unit {
    async fn insert_partner(&mut self, partner: &Partner) -> Result<()> {
        let statement = Query::insert()
            .into_table("partner")
            .columns(COLUMNS)
            .values_panic([
                partner.id.to_string().into(),
                partner.slug.to_string().into(),
                json(&partner.name)?.into(),
                partner.registration.clone().into(),
                partner.contact.clone().into(),
                json(&partner.scenario)?.into(),
                json(&partner.evidence)?.into(),
                json_opt(partner.rate.as_ref())?.into(),
                partner.state.name().into(),
                json(&partner.state)?.into(),
                partner.managed_by.clone().into(),
                partner.created_at.unix_micros().into(),
                big(partner.generation)?.into(),
            ])
            .to_owned();
        self.run("partner.add", &statement).await.map(|_| ())
    }

    async fn change_partner(&mut self, partner: &Partner) -> Result<()> {
        let statement = Query::update()
            .table("partner")
            .values([
                ("name", json(&partner.name)?.into()),
                ("registration", partner.registration.clone().into()),
                ("contact", partner.contact.clone().into()),
                ("scenario", json(&partner.scenario)?.into()),
                ("evidence", json(&partner.evidence)?.into()),
                ("rate", json_opt(partner.rate.as_ref())?.into()),
                ("state", partner.state.name().into()),
                ("state_body", json(&partner.state)?.into()),
                ("managed_by", partner.managed_by.clone().into()),
                ("generation", big(partner.generation + 1)?.into()),
            ])
            .and_where(Expr::col("id").eq(partner.id.to_string()))
            .and_where(Expr::col("generation").eq(big(partner.generation)?))
            .to_owned();
        self.run_one("partner.update", &statement, || StoreError::stale(partner.id.to_string())).await
    }

    async fn partner_page(&mut self, filter: &PartnerFilter, page: &PageRequest) -> Result<Page<Partner>> {
        let mut select = Query::select().columns(COLUMNS).from("partner").to_owned();
        narrow(&mut select, "state", filter.state.as_ref());
        narrow(&mut select, "slug", filter.slug.as_ref());
        narrow(&mut select, "managed_by", filter.managed_by.as_ref());
        page::ascending(&mut select, "id", page);
        let rows = self.all("partner.list", &select, read).await?;
        Ok(Page::from_rows(rows, page, |partner| partner.id.to_string()))
    }
}

#[async_trait::async_trait]
impl PartnerRepository for Unit {
    async fn partner_add(&mut self, partner: &Partner) -> Result<()> {
        let outcome = self.insert_partner(partner).await;
        self.keep(outcome)
    }
    async fn partner_update(&mut self, partner: &Partner) -> Result<()> {
        let outcome = self.change_partner(partner).await;
        self.keep(outcome)
    }
    async fn partner_by_id(&mut self, id: PartnerId) -> Result<Option<Partner>> {
        let select =
            Query::select().columns(COLUMNS).from("partner").and_where(Expr::col("id").eq(id.to_string())).to_owned();
        self.one("partner.by_id", &select, read).await
    }
    async fn partner_list(&mut self, filter: &PartnerFilter, page: &PageRequest) -> Result<Page<Partner>> {
        self.partner_page(filter, page).await
    }

    async fn app_add(&mut self, app: &App) -> Result<()> {
        let outcome = self.insert_app(app).await;
        self.keep(outcome)
    }
    async fn app_update(&mut self, app: &App) -> Result<()> {
        let outcome = self.change_app(app).await;
        self.keep(outcome)
    }
    async fn app_by_id(&mut self, id: AppId) -> Result<Option<App>> {
        self.find_app(id).await
    }
    async fn app_list(&mut self, filter: &AppFilter, page: &PageRequest) -> Result<Page<App>> {
        self.app_page(filter, page).await
    }

    async fn credential_add(&mut self, credential: &Credential) -> Result<()> {
        let outcome = self.insert_credential(credential).await;
        self.keep(outcome)
    }
    async fn credential_by_id(&mut self, id: CredentialId) -> Result<Option<Credential>> {
        self.find_credential(id).await
    }
    async fn credential_list(&mut self, app: AppId) -> Result<Vec<Credential>> {
        self.credentials_of(app).await
    }
    async fn credential_revoke(&mut self, id: CredentialId, step: &Step) -> Result<bool> {
        let outcome = self.revoke_credential(id, step).await;
        self.keep(outcome)
    }
    async fn credential_used(&mut self, id: CredentialId, at: Instant) -> Result<()> {
        self.use_credential(id, at).await
    }

    async fn plan_add(&mut self, plan: &Plan) -> Result<()> {
        let outcome = self.insert_plan(plan).await;
        self.keep(outcome)
    }
    async fn plan_update(&mut self, plan: &Plan) -> Result<()> {
        let outcome = self.change_plan(plan).await;
        self.keep(outcome)
    }
    async fn plan_by_id(&mut self, id: PlanId) -> Result<Option<Plan>> {
        self.find_plan(id).await
    }
    async fn plan_list(&mut self, filter: &PlanFilter, page: &PageRequest) -> Result<Page<Plan>> {
        self.plan_page(filter, page).await
    }

    async fn subscription_add(&mut self, subscription: &Subscription) -> Result<()> {
        let outcome = self.insert_subscription(subscription).await;
        self.keep(outcome)
    }
    async fn subscription_update(&mut self, subscription: &Subscription) -> Result<()> {
        let outcome = self.change_subscription(subscription).await;
        self.keep(outcome)
    }
    async fn subscription_by_id(&mut self, id: SubscriptionId) -> Result<Option<Subscription>> {
        self.find_subscription(id).await
    }
    async fn subscription_list(
        &mut self,
        filter: &SubscriptionFilter,
        page: &PageRequest,
    ) -> Result<Page<Subscription>> {
        self.subscription_page(filter, page).await
    }

    async fn certificate_add(&mut self, certificate: &Certificate) -> Result<bool> {
        let outcome = self.insert_certificate(certificate).await;
        self.keep(outcome)
    }
    async fn certificate_by_id(&mut self, id: CertificationId) -> Result<Option<Certificate>> {
        self.find_certificate(id).await
    }
    async fn certificate_list(&mut self, app: AppId, page: &PageRequest) -> Result<Page<Certificate>> {
        self.certificate_page(app, page).await
    }
    async fn certificate_valid(&mut self, app: AppId, now: Instant) -> Result<Vec<Certificate>> {
        self.valid_certificates(app, now).await
    }

    async fn served_app_list(&mut self, after: Option<AppId>, limit: u32) -> Result<Vec<ServedApp>> {
        self.served_apps(after, None, limit).await
    }
    async fn served_app_by_id(&mut self, id: AppId) -> Result<Option<ServedApp>> {
        Ok(self.served_apps(None, Some(id), 1).await?.pop())
    }

    async fn remembered_answer(&mut self, operator: OperatorId, key: &str) -> Result<Option<RememberedAnswer>> {
        self.find_answer(operator, key).await
    }
    async fn remembered_answer_add(
        &mut self,
        operator: OperatorId,
        key: &str,
        answer: &RememberedAnswer,
        at: Instant,
    ) -> Result<()> {
        self.insert_answer(operator, key, answer, at).await
    }
    async fn remembered_answer_sweep(&mut self, before: Instant, limit: u32) -> Result<u64> {
        self.sweep_answers(before, limit).await
    }
}
