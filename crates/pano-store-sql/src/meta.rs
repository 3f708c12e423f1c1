//! See `pano_store::meta`.

use crate::dialect::excluded;
use crate::executor::Unit;
use crate::{Result, StoreError};
use pano_store::MetaRepository;
use pano_store::meta::{OneTime, SecretHash};
use pano_types::Instant;
use sea_query::{Expr, ExprTrait as _, InsertStatement, OnConflict, Query};

#[async_trait::async_trait]
impl MetaRepository for Unit {
    async fn setting(&mut self, name: &str) -> Result<Option<String>> {
        let mut select = Query::select();
        select.columns(["name", "value"]).from("setting").and_where(Expr::col("name").eq(name));
        self.one("setting.read", &select, |row| row.text("value")).await
    }

    async fn setting_put(&mut self, name: &str, value: &str, now: Instant) -> Result<()> {
        let mut upsert = setting_insert(name, value, now);
        upsert.on_conflict(
            OnConflict::column("name")
                .value("value", excluded("value"))
                .value("changed_at", excluded("changed_at"))
                .to_owned(),
        );
        self.run("setting.put", &upsert).await?;
        Ok(())
    }

    async fn setting_init(&mut self, name: &str, value: &str, now: Instant) -> Result<String> {
        let mut insert = setting_insert(name, value, now);
        insert.on_conflict(OnConflict::column("name").do_nothing().to_owned());
        self.run("setting.init", &insert).await?;
        let value = self.setting(name).await?;
        self.keep(value.ok_or_else(|| StoreError::missing(format!("setting {name}"))))
    }

    async fn one_time_add(&mut self, name: &str, hash: &SecretHash, now: Instant) -> Result<bool> {
        let mut insert = Query::insert();
        insert
            .into_table("one_time_secret")
            .columns(["name", "hash", "created_at"])
            .values_panic([name.into(), hash.hex().into(), now.unix_micros().into()])
            .on_conflict(OnConflict::column("name").do_nothing().to_owned());
        Ok(self.run("one_time_secret.add", &insert).await? == 1)
    }

    async fn one_time_use(&mut self, name: &str, hash: &SecretHash, by: &str, now: Instant) -> Result<OneTime> {
        let mut update = Query::update();
        update
            .table("one_time_secret")
            .value("used_at", now.unix_micros())
            .value("used_by", by)
            .and_where(Expr::col("name").eq(name))
            .and_where(Expr::col("hash").eq(hash.hex()))
            .and_where(Expr::col("used_at").is_null());
        if self.run("one_time_secret.use", &update).await? == 1 {
            return Ok(OneTime::Accepted);
        }
        let mut select = Query::select();
        select
            .column("name")
            .from("one_time_secret")
            .and_where(Expr::col("name").eq(name))
            .and_where(Expr::col("hash").eq(hash.hex()));
        let known = self.one("one_time_secret.find", &select, |row| row.text("name")).await?;
        Ok(if known.is_some() { OneTime::Used } else { OneTime::Wrong })
    }

    async fn counter_next(&mut self, name: &str) -> Result<u64> {
        self.counter_step(name).await
    }
}

fn setting_insert(name: &str, value: &str, now: Instant) -> InsertStatement {
    let mut insert = Query::insert();
    insert.into_table("setting").columns(["name", "value", "changed_at"]).values_panic([
        name.into(),
        value.into(),
        now.unix_micros().into(),
    ]);
    insert
}
