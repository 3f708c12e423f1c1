//! What an app made through a mock, kept in its partner's sandbox: bounded, gone with a reset.

use crate::call::{Answer, Call, Refusal};
use crate::failure::Error;
use crate::vault::Vault;
use crate::world::Entity;
use pano_types::id::{ApiVersionId, PartnerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// Things that are kept of an app; one more makes the oldest leave.
const THINGS_MAX: usize = 500;
/// Largest thing kept, bytes of JSON.
const THING_BYTES: usize = 64 * 1024;
/// Longest path.
const PATH_MAX: usize = 500;

/// A thing that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Thing {
    app: String,
    version: ApiVersionId,
    path: String,
    /// Grows with every thing of the app: which is the oldest.
    order: u64,
    /// None: it was removed.
    body: Option<Value>,
}

const BY_APP: &str = "app";

impl Thing {
    fn name(app: &str, version: ApiVersionId, path: &str) -> String {
        format!("{app} {version} {path}")
    }
}

impl Entity for Thing {
    const KIND: &'static str = "mock.thing";
    type Id = String;
    fn id(&self) -> String {
        Self::name(&self.app, self.version, &self.path)
    }
    fn index(&self, put: &mut dyn FnMut(&'static str, String)) {
        put(BY_APP, self.app.clone());
    }
}

/// Whose memory.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) partner: PartnerId,
    pub(super) app: String,
    pub(super) version: ApiVersionId,
}

/// What is known of a thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    /// Nothing.
    No,
    /// What it is.
    Here(Value),
    /// It was removed.
    Gone,
}

/// Reads a thing.
pub(super) async fn read(vault: &Vault, owner: &Owner, path: &str) -> Result<Known, Error> {
    let (version, path) = (owner.version, path.to_owned());
    let work = move |call: &mut Call<'_>| {
        let thing = call.world.get::<Thing>(&Thing::name(call.app, version, &path));
        match thing.map(|thing| &thing.body) {
            None => Ok(Answer::none()),
            Some(None) => Answer::json(410, &Value::Null),
            Some(Some(body)) => Answer::ok(body),
        }
    };
    let answer = vault.call(owner.partner, &owner.app, Arc::new(work)).await?;
    Ok(match answer.status {
        200 => Known::Here(serde_json::from_str(&answer.body).map_err(Error::broken)?),
        410 => Known::Gone,
        _ => Known::No,
    })
}

/// Keeps a thing, or that it is gone. One that is too large is not kept.
pub(super) async fn write(vault: &Vault, owner: &Owner, path: &str, body: Option<&Value>) -> Result<(), Error> {
    if path.len() > PATH_MAX || body.is_some_and(|body| body.to_string().len() > THING_BYTES) {
        return Ok(());
    }
    let (version, path, body) = (owner.version, path.to_owned(), body.cloned());
    let work = move |call: &mut Call<'_>| {
        keep(call, version, &path, body.clone());
        Ok::<_, Refusal>(Answer::none())
    };
    vault.call(owner.partner, &owner.app, Arc::new(work)).await?;
    Ok(())
}

fn keep(call: &mut Call<'_>, version: ApiVersionId, path: &str, body: Option<Value>) {
    let all: Vec<(u64, String)> = call.world.under::<Thing>(BY_APP, call.app).map(|t| (t.order, t.id())).collect();
    let name = Thing::name(call.app, version, path);
    if all.len() >= THINGS_MAX
        && !all.iter().any(|(_, id)| *id == name)
        && let Some((_, oldest)) = all.iter().min()
    {
        call.world.remove::<Thing>(oldest);
    }
    let order = all.iter().map(|(order, _)| order + 1).max().unwrap_or(1);
    call.world.put(Thing { app: call.app.to_owned(), version, path: path.to_owned(), order, body });
}

/// `thing` with what `said` says: members of objects one by one, everything else whole.
pub(super) fn merged(thing: Value, said: &Value) -> Value {
    match (thing, said) {
        (Value::Object(mut members), Value::Object(said)) => {
            for (name, value) in said {
                let before = members.remove(name).unwrap_or(Value::Null);
                members.insert(name.clone(), merged(before, value));
            }
            Value::Object(members)
        }
        (_, said) => said.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_said_is_added_and_replaces() {
        let thing = json!({ "id": "1", "seats": 4, "owner": { "name": "A", "age": 3 }, "list": [1, 2] });
        let said = json!({ "seats": 5, "owner": { "name": "B" }, "list": [3], "colour": "red" });
        let want = json!({ "id": "1", "seats": 5, "owner": { "name": "B", "age": 3 }, "list": [3], "colour": "red" });
        assert_eq!(merged(thing, &said), want);
    }
}
