//! Credentials.

use super::{json, json_opt};
use crate::Result;
use crate::executor::Unit;
use crate::row::Row;
use pano_partner::Step;
use pano_partner::credential::Credential;
use pano_types::Instant;
use pano_types::id::{AppId, CredentialId};
use sea_query::{Expr, ExprTrait as _, Order, Query};

const COLUMNS: [&str; 12] = [
    "id",
    "app_id",
    "kid",
    "label",
    "material",
    "certificate_sha256",
    "thumbprint",
    "not_before",
    "expires_at",
    "last_used_at",
    "revoked",
    "created_at",
];

fn read(row: &Row) -> Result<Credential> {
    Ok(Credential {
        id: row.parse("id")?,
        app: row.parse("app_id")?,
        kid: row.text("kid")?,
        label: row.text("label")?,
        material: row.json("material")?,
        thumbprint: row.text("thumbprint")?,
        not_before: row.instant("not_before")?,
        expires_at: row.instant_opt("expires_at")?,
        last_used_at: row.instant_opt("last_used_at")?,
        revoked: row.json_opt("revoked")?,
        created_at: row.instant("created_at")?,
    })
}

impl Unit {
    pub(super) async fn insert_credential(&mut self, credential: &Credential) -> Result<()> {
        let micros = |at: Option<Instant>| at.map(Instant::unix_micros);
        let statement = Query::insert()
            .into_table("credential")
            .columns(COLUMNS)
            .values_panic([
                credential.id.to_string().into(),
                credential.app.to_string().into(),
                credential.kid.clone().into(),
                credential.label.clone().into(),
                json(&credential.material)?.into(),
                credential.material.certificate_sha256().map(str::to_owned).into(),
                credential.thumbprint.clone().into(),
                credential.not_before.unix_micros().into(),
                micros(credential.expires_at).into(),
                micros(credential.last_used_at).into(),
                json_opt(credential.revoked.as_ref())?.into(),
                credential.created_at.unix_micros().into(),
            ])
            .to_owned();
        self.run("credential.add", &statement).await.map(|_| ())
    }

    pub(super) async fn find_credential(&mut self, id: CredentialId) -> Result<Option<Credential>> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("credential")
            .and_where(Expr::col("id").eq(id.to_string()))
            .to_owned();
        self.one("credential.by_id", &select, read).await
    }

    pub(super) async fn credentials_of(&mut self, app: AppId) -> Result<Vec<Credential>> {
        let select = Query::select()
            .columns(COLUMNS)
            .from("credential")
            .and_where(Expr::col("app_id").eq(app.to_string()))
            .order_by("id", Order::Desc)
            .limit(1_000)
            .to_owned();
        let mut credentials = self.all("credential.list", &select, read).await?;
        credentials.reverse();
        Ok(credentials)
    }

    pub(super) async fn revoke_credential(&mut self, id: CredentialId, step: &Step) -> Result<bool> {
        let statement = Query::update()
            .table("credential")
            .values([("revoked", json(step)?.into())])
            .and_where(Expr::col("id").eq(id.to_string()))
            .and_where(Expr::col("revoked").is_null())
            .to_owned();
        Ok(self.run("credential.revoke", &statement).await? == 1)
    }

    pub(super) async fn use_credential(&mut self, id: CredentialId, at: Instant) -> Result<()> {
        let earlier = Expr::col("last_used_at").lte(at.unix_micros());
        let statement = Query::update()
            .table("credential")
            .values([("last_used_at", at.unix_micros().into())])
            .and_where(Expr::col("id").eq(id.to_string()))
            .and_where(Expr::col("last_used_at").is_null().or(earlier))
            .to_owned();
        self.run("credential.used", &statement).await.map(|_| ())
    }
}
