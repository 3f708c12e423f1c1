//! See `pano_store::consent`.

use crate::executor::Unit;
use crate::row::{Row, number};
use crate::{Result, StoreError, page};
use pano_oauth::authorize::IssuedCode;
use pano_oauth::consent::State;
use pano_oauth::{Consent, Pushed, ScopeSet};
use pano_store::ConsentRepository;
use pano_store::consent::{ConsentFilter, ConsentSweep, SignIn};
use pano_store::meta::SecretHash;
use pano_types::id::ConsentId;
use pano_types::{Instant, Page, PageRequest};
use sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use serde::Serialize;

const COLUMNS: [&str; 8] = ["id", "app_id", "partner_id", "scopes", "state", "state_body", "created_at", "generation"];
const PUSHED: [&str; 7] = ["id", "consent_id", "request", "expires_at", "browser", "code_expires_at", "code_used_at"];

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unstorable { what: error.to_string() })
}

fn read(row: &Row) -> Result<Consent> {
    let state: State = row.json("state_body")?;
    if row.text("state")? != state.name() {
        return Err(row.corrupt("state", "differs from state_body"));
    }
    Ok(Consent {
        id: row.parse("id")?,
        app: row.parse("app_id")?,
        partner: row.parse("partner_id")?,
        scopes: ScopeSet::from_text(&row.text("scopes")?).map_err(|error| row.corrupt("scopes", error))?,
        state,
        created_at: row.instant("created_at")?,
        generation: row.number("generation")?,
    })
}

fn read_pushed(row: &Row) -> Result<(ConsentId, Pushed)> {
    let used_at = row.instant_opt("code_used_at")?;
    let code = row.instant_opt("code_expires_at")?.map(|expires_at| IssuedCode { expires_at, used_at });
    let pushed = Pushed {
        request: row.json("request")?,
        expires_at: row.instant("expires_at")?,
        browser: row.text_opt("browser")?,
        code,
    };
    Ok((row.parse("consent_id")?, pushed))
}

fn read_sign_in(row: &Row) -> Result<SignIn> {
    Ok(SignIn {
        partner: row.parse("partner_id")?,
        customer: row.text("customer")?,
        name: row.json("name")?,
        at: row.instant("at")?,
        expires_at: row.instant("expires_at")?,
    })
}

fn consents() -> SelectStatement {
    Query::select().columns(COLUMNS).from("consent").to_owned()
}

fn micros(at: Option<Instant>) -> Option<i64> {
    at.map(Instant::unix_micros)
}

impl Unit {
    async fn pushed(
        &mut self,
        name: &'static str,
        column: &'static str,
        key: &SecretHash,
        lock: bool,
    ) -> Result<Option<(Pushed, Consent)>> {
        let mut select = Query::select()
            .columns(PUSHED)
            .from("pushed_request")
            .and_where(Expr::col(column).eq(key.hex()))
            .to_owned();
        if lock {
            select.lock_exclusive();
        }
        let Some((id, pushed)) = self.one(name, &select, read_pushed).await? else { return Ok(None) };
        Ok(self.consent_by_id(id).await?.map(|consent| (pushed, consent)))
    }

    async fn insert_consent(&mut self, consent: &Consent) -> Result<()> {
        let statement = Query::insert()
            .into_table("consent")
            .columns(COLUMNS)
            .values_panic([
                consent.id.to_string().into(),
                consent.app.to_string().into(),
                consent.partner.to_string().into(),
                consent.scopes.to_string().into(),
                consent.state.name().into(),
                json(&consent.state)?.into(),
                consent.created_at.unix_micros().into(),
                number(consent.generation)?.into(),
            ])
            .to_owned();
        self.run("consent.add", &statement).await.map(|_| ())
    }

    async fn insert_pushed(&mut self, consent: ConsentId, uri: &SecretHash, pushed: &Pushed) -> Result<()> {
        let statement = Query::insert()
            .into_table("pushed_request")
            .columns(["id", "consent_id", "request", "expires_at"])
            .values_panic([
                uri.hex().into(),
                consent.to_string().into(),
                json(&pushed.request)?.into(),
                pushed.expires_at.unix_micros().into(),
            ])
            .to_owned();
        self.run("pushed_request.add", &statement).await.map(|_| ())
    }

    async fn change_consent(&mut self, consent: &Consent) -> Result<()> {
        let state = &consent.state;
        let statement = Query::update()
            .table("consent")
            .values([
                ("customer", state.customer().map(str::to_owned).into()),
                ("state", state.name().into()),
                ("state_body", json(state)?.into()),
                ("ends_at", micros(state.given().map(|given| given.ends_at)).into()),
                ("ended_at", micros(state.ended_at()).into()),
                ("generation", number(consent.generation + 1)?.into()),
            ])
            .and_where(Expr::col("id").eq(consent.id.to_string()))
            .and_where(Expr::col("generation").eq(number(consent.generation)?))
            .to_owned();
        self.run_one("consent.update", &statement, || StoreError::stale(consent.id.to_string())).await
    }

    async fn insert_sign_in(&mut self, cookie: &SecretHash, sign_in: &SignIn) -> Result<()> {
        let statement = Query::insert()
            .into_table("customer_sign_in")
            .columns(["id", "partner_id", "customer", "name", "at", "expires_at"])
            .values_panic([
                cookie.hex().into(),
                sign_in.partner.to_string().into(),
                sign_in.customer.as_str().into(),
                json(&sign_in.name)?.into(),
                sign_in.at.unix_micros().into(),
                sign_in.expires_at.unix_micros().into(),
            ])
            .to_owned();
        self.run("customer_sign_in.add", &statement).await.map(|_| ())
    }
}

#[async_trait::async_trait]
impl ConsentRepository for Unit {
    async fn consent_add(&mut self, consent: &Consent, uri: &SecretHash, pushed: &Pushed) -> Result<()> {
        let outcome = self.insert_consent(consent).await;
        self.keep(outcome)?;
        let outcome = self.insert_pushed(consent.id, uri, pushed).await;
        self.keep(outcome)
    }

    async fn consent_update(&mut self, consent: &Consent) -> Result<()> {
        let outcome = self.change_consent(consent).await;
        self.keep(outcome)
    }

    async fn consent_by_id(&mut self, id: ConsentId) -> Result<Option<Consent>> {
        let select = consents().and_where(Expr::col("id").eq(id.to_string())).to_owned();
        self.one("consent.by_id", &select, read).await
    }

    async fn consent_by_refresh(&mut self, token: &SecretHash) -> Result<Option<Consent>> {
        let select = consents().and_where(Expr::col("refresh").eq(token.hex())).to_owned();
        self.one("consent.by_refresh", &select, read).await
    }

    async fn consent_refresh_put(&mut self, id: ConsentId, token: &SecretHash) -> Result<()> {
        let statement = Query::update()
            .table("consent")
            .value("refresh", token.hex())
            .and_where(Expr::col("id").eq(id.to_string()))
            .to_owned();
        self.run_one("consent.refresh", &statement, || StoreError::missing(id.to_string())).await
    }

    async fn consent_list(&mut self, filter: &ConsentFilter, page: &PageRequest) -> Result<Page<Consent>> {
        let mut select = consents();
        for (column, value) in [
            ("app_id", filter.app.map(|app| app.to_string())),
            ("partner_id", filter.partner.map(|partner| partner.to_string())),
            ("customer", filter.customer.clone()),
            ("state", filter.state.clone()),
        ] {
            if let Some(value) = value {
                select.and_where(Expr::col(column).eq(value));
            }
        }
        page::descending(&mut select, "id", page);
        let rows = self.all("consent.list", &select, read).await?;
        Ok(Page::from_rows(rows, page, |consent| consent.id.to_string()))
    }

    async fn consent_ended(&mut self, since: Instant) -> Result<Vec<(ConsentId, Instant)>> {
        let select = Query::select()
            .columns(["id", "ended_at"])
            .from("consent")
            .and_where(Expr::col("ended_at").gte(since.unix_micros()))
            .order_by("id", Order::Asc)
            .to_owned();
        self.all("consent.ended", &select, |row| Ok((row.parse("id")?, row.instant("ended_at")?))).await
    }

    async fn consent_due(&mut self, now: Instant, limit: u32) -> Result<Vec<Consent>> {
        let select = consents()
            .and_where(Expr::col("state").eq("authorised"))
            .and_where(Expr::col("ends_at").lte(now.unix_micros()))
            .order_by("ends_at", Order::Asc)
            .limit(u64::from(limit))
            .to_owned();
        self.all("consent.due", &select, read).await
    }

    async fn pushed_by_uri(&mut self, uri: &SecretHash) -> Result<Option<(Pushed, Consent)>> {
        self.pushed("pushed_request.by_uri", "id", uri, false).await
    }

    async fn pushed_by_code(&mut self, code: &SecretHash) -> Result<Option<(Pushed, Consent)>> {
        self.pushed("pushed_request.by_code", "code", code, true).await
    }

    async fn pushed_open(
        &mut self,
        uri: &SecretHash,
        from: Option<&str>,
        browser: &str,
        expires_at: Instant,
    ) -> Result<bool> {
        let stands = match from {
            Some(from) => Expr::col("browser").eq(from),
            None => Expr::col("browser").is_null(),
        };
        let statement = Query::update()
            .table("pushed_request")
            .values([("browser", browser.into()), ("expires_at", expires_at.unix_micros().into())])
            .and_where(Expr::col("id").eq(uri.hex()))
            .and_where(Expr::col("code").is_null())
            .and_where(stands)
            .to_owned();
        Ok(self.run("pushed_request.open", &statement).await? == 1)
    }

    async fn pushed_code_put(&mut self, uri: &SecretHash, code: &SecretHash, expires_at: Instant) -> Result<bool> {
        let statement = Query::update()
            .table("pushed_request")
            .values([("code", code.hex().into()), ("code_expires_at", expires_at.unix_micros().into())])
            .and_where(Expr::col("id").eq(uri.hex()))
            .and_where(Expr::col("code").is_null())
            .to_owned();
        Ok(self.run("pushed_request.answer", &statement).await? == 1)
    }

    async fn pushed_code_use(&mut self, code: &SecretHash, now: Instant) -> Result<bool> {
        let statement = Query::update()
            .table("pushed_request")
            .value("code_used_at", now.unix_micros())
            .and_where(Expr::col("code").eq(code.hex()))
            .and_where(Expr::col("code_used_at").is_null())
            .to_owned();
        Ok(self.run("pushed_request.use", &statement).await? == 1)
    }

    async fn sign_in_add(&mut self, cookie: &SecretHash, sign_in: &SignIn) -> Result<()> {
        let outcome = self.insert_sign_in(cookie, sign_in).await;
        self.keep(outcome)
    }

    async fn sign_in_find(&mut self, cookie: &SecretHash) -> Result<Option<SignIn>> {
        let select = Query::select()
            .columns(["id", "partner_id", "customer", "name", "at", "expires_at"])
            .from("customer_sign_in")
            .and_where(Expr::col("id").eq(cookie.hex()))
            .to_owned();
        self.one("customer_sign_in.find", &select, read_sign_in).await
    }

    async fn sign_in_end(&mut self, cookie: &SecretHash) -> Result<bool> {
        let statement =
            Query::delete().from_table("customer_sign_in").and_where(Expr::col("id").eq(cookie.hex())).to_owned();
        Ok(self.run("customer_sign_in.end", &statement).await? == 1)
    }

    async fn consent_sweep(&mut self, sweep: ConsentSweep) -> Result<u64> {
        let (now, before) = (sweep.now.unix_micros(), sweep.requests_before.unix_micros());
        let mut swept = 0;
        for (name, table, before) in
            [("pushed_request.sweep", "pushed_request", before), ("customer_sign_in.sweep", "customer_sign_in", now)]
        {
            let some = Query::select()
                .column("id")
                .from(table)
                .and_where(Expr::col("expires_at").lt(before))
                .order_by("expires_at", Order::Asc)
                .limit(u64::from(sweep.limit))
                .to_owned();
            let delete = Query::delete().from_table(table).and_where(Expr::col("id").in_subquery(some)).to_owned();
            swept += self.run(name, &delete).await?;
        }
        // What nobody decided on was never a consent; its request is gone, so nobody can.
        let requests = Query::select().column("consent_id").from("pushed_request").to_owned();
        let some = Query::select()
            .column("id")
            .from("consent")
            .and_where(Expr::col("state").eq("awaiting_authorisation"))
            .and_where(Expr::col("created_at").lt(before))
            .and_where(Expr::col("id").not_in_subquery(requests))
            .limit(u64::from(sweep.limit))
            .to_owned();
        let delete = Query::delete().from_table("consent").and_where(Expr::col("id").in_subquery(some)).to_owned();
        Ok(swept + self.run("consent.sweep", &delete).await?)
    }
}
