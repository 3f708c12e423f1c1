//! See `pano_store::token`.

use crate::executor::Unit;
use crate::row::Row;
use crate::{Result, StoreError};
use pano_crypto::digest::sha256_hex;
use pano_store::TokenRepository;
use pano_store::token::{Issuer, RevokedToken, Sweep};
use pano_types::Instant;
use pano_types::id::AppId;
use sea_query::{Expr, ExprTrait as _, OnConflict, Order, Query, SelectStatement};

const REVOKED: [&str; 4] = ["jti", "app_id", "expires_at", "revoked_at"];

/// A jti is unique within its client only, and of any length.
fn assertion_key(app: AppId, jti: &str) -> String {
    sha256_hex(format!("{app} {jti}").as_bytes())
}

fn read_issuer(row: &Row) -> Result<Issuer> {
    Ok(Issuer { issuer: row.text("issuer")?, audience: row.text("audience")?, jwks: row.json("jwks")? })
}

fn read_revoked(row: &Row) -> Result<RevokedToken> {
    Ok(RevokedToken {
        jti: row.text("jti")?,
        app: row.parse("app_id")?,
        expires_at: row.instant("expires_at")?,
        revoked_at: row.instant("revoked_at")?,
    })
}

fn read_cutoff(row: &Row) -> Result<(AppId, Instant)> {
    Ok((row.parse("app_id")?, row.instant("cutoff")?))
}

fn issuers() -> SelectStatement {
    Query::select().columns(["issuer", "audience", "jwks"]).from("issuer").order_by("issuer", Order::Asc).to_owned()
}

fn cutoffs() -> SelectStatement {
    Query::select().columns(["app_id", "cutoff"]).from("token_cutoff").order_by("app_id", Order::Asc).to_owned()
}

#[async_trait::async_trait]
impl TokenRepository for Unit {
    async fn issuer_put(&mut self, issuer: &Issuer) -> Result<bool> {
        let jwks = serde_json::to_string(&issuer.jwks).map_err(|e| StoreError::Unstorable { what: e.to_string() })?;
        let select = issuers().and_where(Expr::col("issuer").eq(issuer.issuer.as_str())).to_owned();
        if self.one("issuer.find", &select, read_issuer).await?.as_ref() == Some(issuer) {
            return Ok(false);
        }
        let statement = Query::insert()
            .into_table("issuer")
            .columns(["issuer", "audience", "jwks"])
            .values_panic([issuer.issuer.as_str().into(), issuer.audience.as_str().into(), jwks.into()])
            .on_conflict(OnConflict::column("issuer").update_columns(["audience", "jwks"]).to_owned())
            .to_owned();
        self.run("issuer.put", &statement).await.map(|_| true)
    }

    async fn issuer_list(&mut self) -> Result<Vec<Issuer>> {
        self.all("issuer.list", &issuers(), read_issuer).await
    }

    async fn assertion_use(&mut self, app: AppId, jti: &str, expires_at: Instant) -> Result<bool> {
        let statement = Query::insert()
            .into_table("used_assertion")
            .columns(["id", "expires_at"])
            .values_panic([assertion_key(app, jti).into(), expires_at.unix_micros().into()])
            .on_conflict(OnConflict::column("id").do_nothing().to_owned())
            .to_owned();
        Ok(self.run("used_assertion.add", &statement).await? == 1)
    }

    async fn token_revoke(&mut self, token: &RevokedToken) -> Result<bool> {
        let statement = Query::insert()
            .into_table("revoked_token")
            .columns(REVOKED)
            .values_panic([
                token.jti.as_str().into(),
                token.app.to_string().into(),
                token.expires_at.unix_micros().into(),
                token.revoked_at.unix_micros().into(),
            ])
            .on_conflict(OnConflict::column("jti").do_nothing().to_owned())
            .to_owned();
        Ok(self.run("revoked_token.add", &statement).await? == 1)
    }

    async fn token_revoked(&mut self, jti: &str) -> Result<bool> {
        let select = Query::select().column("jti").from("revoked_token").and_where(Expr::col("jti").eq(jti)).to_owned();
        Ok(self.one("revoked_token.find", &select, |_| Ok(())).await?.is_some())
    }

    async fn token_revocations(&mut self, now: Instant) -> Result<Vec<RevokedToken>> {
        let select = Query::select()
            .columns(REVOKED)
            .from("revoked_token")
            .and_where(Expr::col("expires_at").gt(now.unix_micros()))
            .order_by("expires_at", Order::Asc)
            .order_by("jti", Order::Asc)
            .to_owned();
        self.all("revoked_token.list", &select, read_revoked).await
    }

    async fn token_cutoff_put(&mut self, app: AppId, cutoff: Instant) -> Result<()> {
        // Two steps rather than an upsert with a condition: where there is a row, it moves only forward.
        let insert = Query::insert()
            .into_table("token_cutoff")
            .columns(["app_id", "cutoff"])
            .values_panic([app.to_string().into(), cutoff.unix_micros().into()])
            .on_conflict(OnConflict::column("app_id").do_nothing().to_owned())
            .to_owned();
        if self.run("token_cutoff.add", &insert).await? == 1 {
            return Ok(());
        }
        let update = Query::update()
            .table("token_cutoff")
            .value("cutoff", cutoff.unix_micros())
            .and_where(Expr::col("app_id").eq(app.to_string()))
            .and_where(Expr::col("cutoff").lt(cutoff.unix_micros()))
            .to_owned();
        self.run("token_cutoff.move", &update).await.map(|_| ())
    }

    async fn token_cutoff(&mut self, app: AppId) -> Result<Option<Instant>> {
        let select = cutoffs().and_where(Expr::col("app_id").eq(app.to_string())).to_owned();
        Ok(self.one("token_cutoff.find", &select, read_cutoff).await?.map(|(_, cutoff)| cutoff))
    }

    async fn token_cutoffs(&mut self, since: Instant) -> Result<Vec<(AppId, Instant)>> {
        let select = cutoffs().and_where(Expr::col("cutoff").gte(since.unix_micros())).to_owned();
        self.all("token_cutoff.list", &select, read_cutoff).await
    }

    async fn token_sweep(&mut self, sweep: Sweep) -> Result<u64> {
        let (now, cutoffs) = (sweep.now.unix_micros(), sweep.cutoffs_before.unix_micros());
        let mut swept = 0;
        for (name, table, key, column, before) in [
            ("used_assertion.sweep", "used_assertion", "id", "expires_at", now),
            ("revoked_token.sweep", "revoked_token", "jti", "expires_at", now),
            ("token_cutoff.sweep", "token_cutoff", "app_id", "cutoff", cutoffs),
        ] {
            let some = Query::select()
                .column(key)
                .from(table)
                .and_where(Expr::col(column).lt(before))
                .order_by(column, Order::Asc)
                .limit(u64::from(sweep.limit))
                .to_owned();
            let delete = Query::delete().from_table(table).and_where(Expr::col(key).in_subquery(some)).to_owned();
            swept += self.run(name, &delete).await?;
        }
        Ok(swept)
    }
}
