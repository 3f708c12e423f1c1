//! See `pano_store::operator`. Written to be read first: other verticals look like this one.

use crate::executor::Unit;
use crate::page;
use crate::row::{Row, number};
use crate::{Result, StoreError};
use pano_store::OperatorRepository;
use pano_store::meta::SecretHash;
use pano_store::operator::{Kind, NOTED_EVERY, Operator, Token};
use pano_types::id::{OperatorId, TokenId};
use pano_types::{Instant, Page, PageRequest};
use sea_query::{Cond, Expr, ExprTrait as _, Order, Query, SelectStatement};

const COLUMNS: [&str; 7] = ["id", "name", "kind", "roles", "created_at", "disabled_at", "generation"];
const TOKEN_COLUMNS: [&str; 7] =
    ["id", "operator_id", "label", "created_at", "expires_at", "last_used_at", "revoked_at"];
const TOKENS_MAX: u64 = 200;

#[async_trait::async_trait]
impl OperatorRepository for Unit {
    async fn operator_add(&mut self, operator: &Operator) -> Result<()> {
        let mut insert = Query::insert();
        insert.into_table("operator").columns(COLUMNS).values_panic([
            operator.id.to_string().into(),
            operator.name.as_str().into(),
            operator.kind.text().into(),
            roles(operator).into(),
            operator.created_at.unix_micros().into(),
            operator.disabled_at.map(Instant::unix_micros).into(),
            1i64.into(),
        ]);
        self.run("operator.add", &insert).await?;
        Ok(())
    }

    async fn operator_lookup(&mut self, id: OperatorId) -> Result<Option<Operator>> {
        let mut select = select();
        select.and_where(Expr::col("id").eq(id.to_string()));
        self.one("operator.lookup", &select, operator).await
    }

    async fn operator_by_name(&mut self, name: &str) -> Result<Option<Operator>> {
        let mut select = select();
        select.and_where(Expr::col("name").eq(name));
        self.one("operator.by_name", &select, operator).await
    }

    async fn operator_page(&mut self, page: &PageRequest) -> Result<Page<Operator>> {
        let mut select = select();
        page::ascending(&mut select, "id", page);
        let rows = self.all("operator.page", &select, operator).await?;
        Ok(Page::from_rows(rows, page, |operator| operator.id.to_string()))
    }

    async fn operator_update(&mut self, operator: &Operator) -> Result<u64> {
        let generation = number(operator.generation)?;
        let mut update = Query::update();
        update
            .table("operator")
            .value("name", operator.name.as_str())
            .value("roles", roles(operator))
            .value("disabled_at", operator.disabled_at.map(Instant::unix_micros))
            .value("generation", generation + 1)
            .and_where(Expr::col("id").eq(operator.id.to_string()))
            .and_where(Expr::col("generation").eq(generation));
        if self.run("operator.update", &update).await? == 1 {
            return Ok(operator.generation + 1);
        }
        let what = format!("operator {}", operator.id);
        let there = self.operator_lookup(operator.id).await?.is_some();
        self.keep(Err(if there { StoreError::stale(what) } else { StoreError::missing(what) }))
    }

    async fn operator_token_add(&mut self, token: &Token, hash: &SecretHash) -> Result<()> {
        let mut insert = Query::insert();
        insert.into_table("operator_token").columns(TOKEN_COLUMNS.into_iter().chain(["hash"])).values_panic([
            token.id.to_string().into(),
            token.operator.to_string().into(),
            token.label.as_str().into(),
            token.created_at.unix_micros().into(),
            token.expires_at.map(Instant::unix_micros).into(),
            token.last_used_at.map(Instant::unix_micros).into(),
            token.revoked_at.map(Instant::unix_micros).into(),
            hash.hex().into(),
        ]);
        self.run("operator_token.add", &insert).await?;
        Ok(())
    }

    async fn operator_token_find(&mut self, hash: &SecretHash) -> Result<Option<(Token, Operator)>> {
        let mut select = tokens();
        select.and_where(Expr::col("hash").eq(hash.hex()));
        let Some(token) = self.one("operator_token.find", &select, token).await? else { return Ok(None) };
        Ok(self.operator_lookup(token.operator).await?.map(|operator| (token, operator)))
    }

    async fn operator_tokens(&mut self, operator: OperatorId) -> Result<Vec<Token>> {
        let mut select = tokens();
        select
            .and_where(Expr::col("operator_id").eq(operator.to_string()))
            .order_by("id", Order::Asc)
            .limit(TOKENS_MAX);
        self.all("operator_token.list", &select, token).await
    }

    async fn operator_token_touch(&mut self, id: TokenId, now: Instant) -> Result<()> {
        let old = Expr::col("last_used_at").lte(now.minus(NOTED_EVERY).unix_micros());
        let mut update = Query::update();
        update
            .table("operator_token")
            .value("last_used_at", now.unix_micros())
            .and_where(Expr::col("id").eq(id.to_string()))
            .cond_where(Cond::any().add(Expr::col("last_used_at").is_null()).add(old));
        self.run("operator_token.touch", &update).await?;
        Ok(())
    }

    async fn operator_token_revoke(&mut self, id: TokenId, now: Instant) -> Result<()> {
        let first = Expr::col("revoked_at").if_null(now.unix_micros());
        let mut update = Query::update();
        update.table("operator_token").value("revoked_at", first).and_where(Expr::col("id").eq(id.to_string()));
        self.run_one("operator_token.revoke", &update, || StoreError::missing(format!("token {id}"))).await
    }
}

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from("operator").to_owned()
}

fn tokens() -> SelectStatement {
    Query::select().columns(TOKEN_COLUMNS).from("operator_token").to_owned()
}

/// Roles as a JSON array of their words.
fn roles(operator: &Operator) -> String {
    serde_json::Value::from_iter(operator.roles.iter().map(|role| role.text())).to_string()
}

fn operator(row: &Row) -> Result<Operator> {
    Ok(Operator {
        id: row.parse("id")?,
        name: row.text("name")?,
        kind: row.word("kind", Kind::from_text)?,
        roles: row.json("roles")?,
        created_at: row.instant("created_at")?,
        disabled_at: row.instant_opt("disabled_at")?,
        generation: row.number("generation")?,
    })
}

fn token(row: &Row) -> Result<Token> {
    Ok(Token {
        id: row.parse("id")?,
        operator: row.parse("operator_id")?,
        label: row.text("label")?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant_opt("expires_at")?,
        last_used_at: row.instant_opt("last_used_at")?,
        revoked_at: row.instant_opt("revoked_at")?,
    })
}
