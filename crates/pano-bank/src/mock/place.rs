//! What an operation does to a thing that its path names, as far as the shapes of the document's paths tell.
//!
//! A path that ends in a variable, BIAN's action term aside, names one thing: `/cars/{carId}`,
//! `/CurrentAccount/{currentaccountid}/Retrieve`. A path without that last variable makes one, if it is asked to:
//! `POST /cars`, `POST /CurrentAccount/Initiate`, `POST /CurrentAccount/{id}/Interest/Initiate`.

use pano_spec::Method;
use pano_spec::bian::Action;

/// What an operation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Makes a thing below `base`, to be named by `variable`; it is read at `base`, its name and `after`.
    Makes { base: String, variable: String, after: String },
    /// Reads the thing at this path.
    Reads(String),
    /// Changes it.
    Changes(String),
    /// Removes it.
    Removes(String),
}

/// What `method` on `template` does to the thing that the concrete `path` names; `all` are the document's templates.
pub(super) fn place(method: Method, template: &str, path: &str, all: &[&str]) -> Option<Place> {
    let (shape, action) = split(template);
    let path = path.get(..path.len() - (template.len() - shape.len()).min(path.len()))?.to_owned();
    let writes = matches!(method, Method::Post | Method::Put | Method::Patch);
    if variable(shape).is_some() {
        return match (method, action) {
            (Method::Get, None | Some(Action::Retrieve)) => Some(Place::Reads(path)),
            (Method::Delete, _) => Some(Place::Removes(path)),
            _ if writes && action.is_none_or(|action| !action.reads()) => Some(Place::Changes(path)),
            _ => None,
        };
    }
    let makes = matches!(action, None | Some(Action::Initiate | Action::Create | Action::Register | Action::Evaluate));
    if method != Method::Post || !makes {
        return None;
    }
    all.iter().find_map(|other| {
        let (other_shape, other_action) = split(other);
        let (head, last) = other_shape.rsplit_once('/')?;
        let reads = matches!(other_action, None | Some(Action::Retrieve));
        let name = last.strip_prefix('{')?.strip_suffix('}')?;
        (head == shape && reads).then(|| Place::Makes {
            base: path.clone(),
            variable: name.to_owned(),
            after: other.get(other_shape.len()..).unwrap_or_default().to_owned(),
        })
    })
}

/// A template without the action term that may end it.
fn split(template: &str) -> (&str, Option<Action>) {
    match template.rsplit_once('/') {
        Some((shape, last)) if !shape.is_empty() && Action::from_text(last).is_some() => {
            (shape, Action::from_text(last))
        }
        _ => (template, None),
    }
}

/// The variable that a path ends in.
fn variable(shape: &str) -> Option<&str> {
    shape.rsplit_once('/')?.1.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_tell_what_is_made_read_and_changed() {
        let all = [
            "/cars",
            "/cars/{carId}",
            "/cars/{carId}/wheels",
            "/CurrentAccount/Initiate",
            "/CurrentAccount/{accountid}/Retrieve",
            "/CurrentAccount/{accountid}/Update",
            "/CurrentAccount/{accountid}/Interest/Initiate",
            "/CurrentAccount/{accountid}/Interest/{interestid}/Retrieve",
            "/search",
        ];
        let makes = |base: &str, variable: &str, after: &str| {
            Some(Place::Makes { base: base.into(), variable: variable.into(), after: after.into() })
        };
        for (method, template, path, want) in [
            (Method::Post, "/cars", "/cars", makes("/cars", "carId", "")),
            (Method::Get, "/cars", "/cars", None),
            (Method::Get, "/cars/{carId}", "/cars/7", Some(Place::Reads("/cars/7".into()))),
            (Method::Patch, "/cars/{carId}", "/cars/7", Some(Place::Changes("/cars/7".into()))),
            (Method::Delete, "/cars/{carId}", "/cars/7", Some(Place::Removes("/cars/7".into()))),
            (Method::Post, "/cars/{carId}/wheels", "/cars/7/wheels", None),
            (Method::Post, "/search", "/search", None),
            (
                Method::Post,
                "/CurrentAccount/Initiate",
                "/CurrentAccount/Initiate",
                makes("/CurrentAccount", "accountid", "/Retrieve"),
            ),
            (
                Method::Get,
                "/CurrentAccount/{accountid}/Retrieve",
                "/CurrentAccount/A1/Retrieve",
                Some(Place::Reads("/CurrentAccount/A1".into())),
            ),
            (
                Method::Put,
                "/CurrentAccount/{accountid}/Update",
                "/CurrentAccount/A1/Update",
                Some(Place::Changes("/CurrentAccount/A1".into())),
            ),
            (
                Method::Post,
                "/CurrentAccount/{accountid}/Interest/Initiate",
                "/CurrentAccount/A1/Interest/Initiate",
                makes("/CurrentAccount/A1/Interest", "interestid", "/Retrieve"),
            ),
        ] {
            assert_eq!(place(method, template, path, &all), want, "{method} {path}");
        }
    }
}
