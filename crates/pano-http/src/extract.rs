//! Extractors whose rejections are problems, and name the mistake without repeating what was sent.

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use pano_types::{Code, Localized, Problem, Secret};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::failure::Failure;

/// Longest bearer token taken. A JWT with a certificate chain stays well below.
const BEARER_MAX: usize = 8 * 1024;

/// A JSON body. Unknown members are refused where the type says `#[serde(deny_unknown_fields)]`.
///
/// Rejections: `request.unsupported_media_type` without `application/json` (or `+json`), `request.too_large`,
/// `request.malformed` when it is no JSON, `request.invalid` with a JSON pointer when it has the wrong shape.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        json_only(request.headers())?;
        Ok(Self(parse_json(&body_bytes(request, state).await?)?))
    }
}

/// The whole body, bounded.
///
/// # Errors
/// `request.too_large`, or `request.malformed` when it broke off.
pub async fn body_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Code::RequestTooLarge.into(),
        _ => Problem::new(Code::RequestMalformed).detail(("the body broke off", "请求体中断")).into(),
    })
}

/// Refuses a body that does not say it is JSON.
///
/// # Errors
/// `request.unsupported_media_type`.
pub fn json_only(headers: &HeaderMap) -> Result<(), Failure> {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    if json {
        Ok(())
    } else {
        Err(Problem::new(Code::UnsupportedMediaType)
            .detail(("send application/json", "请发送 application/json"))
            .into())
    }
}

/// Reads JSON into `T`, naming the place of a mistake.
///
/// # Errors
/// `request.malformed` with line and column when it is no JSON; `request.invalid` with a JSON pointer otherwise.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = pointer(error.path());
        json_failure(error.inner(), at)
    })?;
    reader.end().map_err(|error| json_failure(&error, String::new()))?;
    Ok(value)
}

fn json_failure(error: &serde_json::Error, at: String) -> Failure {
    if error.is_data() {
        return Problem::new(Code::RequestInvalid).error(at, without_values(&error.to_string())).into();
    }
    Problem::new(Code::RequestMalformed).detail(not_json(error)).into()
}

/// Where a text stops being JSON.
pub fn not_json(error: &serde_json::Error) -> Localized {
    let (line, column) = (error.line(), error.column());
    Localized::new(format!("不是 JSON：第 {line} 行第 {column} 列"), format!("not JSON: line {line}, column {column}"))
}

/// RFC 6901 form of where a reader stopped.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("/{index}")),
            Segment::Map { key } => text.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}

/// serde repeats the offending value in some messages; callers may have sent a secret there, so it is cut out.
fn without_values(message: &str) -> Localized {
    let message = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    let echoes = ["invalid type", "invalid value", "invalid length", "unknown variant"];
    if echoes.iter().any(|start| message.starts_with(start)) {
        return match message.find("expected ").map(|at| message.split_at(at).1) {
            Some(expected) => Localized::new(format!("类型或取值不符：{expected}"), expected),
            None => ("has the wrong type", "类型不符").into(),
        };
    }
    // Our own id types end with `, got "…"`.
    let text: String = message.split_once(", got ").map_or(message, |(text, _)| text).chars().take(200).collect();
    let chinese = [("missing field ", "缺少字段 "), ("unknown field ", "未知字段 "), ("duplicate field ", "重复字段 ")];
    let chinese = chinese.iter().find_map(|(en, zh)| text.strip_prefix(en).map(|rest| format!("{zh}{rest}")));
    Localized::new(chinese.unwrap_or_else(|| format!("内容不可接受：{text}")), text)
}

/// Query parameters. Rejection: `request.invalid` naming the parameter; unknown ones are refused where the type says so.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parse_query(&parts.uri).map(Self)
    }
}

/// Reads a query into `T`.
///
/// # Errors
/// `request.invalid` naming the parameter.
pub fn parse_query<T: DeserializeOwned>(uri: &http::Uri) -> Result<T, Failure> {
    axum::extract::Query::<T>::try_from_uri(uri).map(|query| query.0).map_err(|rejection| {
        let text = std::error::Error::source(&rejection).map(ToString::to_string).unwrap_or_default();
        let (at, reason) = match text.split_once(": ") {
            Some((name, rest)) if !name.contains(' ') => (name.to_owned(), rest),
            _ => ("query".to_owned(), &*text),
        };
        Problem::new(Code::RequestInvalid).error(at, without_values(reason)).into()
    })
}

/// Path parameters. An identifier of the wrong kind or form names nothing: `resource.not_found`.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Path::<T>::from_request_parts(parts, state).await.map(|path| Self(path.0)).map_err(|rejection| {
            let PathRejection::FailedToDeserializePathParams(error) = rejection else { return Code::Internal.into() };
            match error.kind() {
                ErrorKind::UnsupportedType { .. } | ErrorKind::WrongNumberOfParameters { .. } => Code::Internal.into(),
                ErrorKind::DeserializeError { message, .. } | ErrorKind::Message(message) => {
                    Problem::new(Code::NotFound).detail(without_values(message)).into()
                }
                _ => Code::NotFound.into(),
            }
        })
    }
}

/// The bearer token (RFC 6750 §2.1); `None` without an `Authorization` header.
///
/// # Errors
/// `request.malformed` when there are several, another scheme, or characters outside RFC 6750's `b64token`.
pub fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, Problem> {
    let malformed = || {
        Problem::new(Code::RequestMalformed)
            .error("Authorization", ("must be one `Bearer TOKEN`", "须为一个 `Bearer 令牌`"))
    };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed());
    }
    let text = value.to_str().map_err(|_| malformed())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(malformed)?;
    let token = token.trim_start_matches(' ');
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    let good = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= BEARER_MAX;
    if good && token.bytes().all(legal) { Ok(Some(Secret::new(token.to_owned()))) } else { Err(malformed()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde")]
    struct Order {
        amount: u32,
        lines: Vec<Line>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read by serde")]
    struct Line {
        id: pano_types::id::ApiId,
    }

    #[test]
    fn mistakes_are_named_and_values_are_not() {
        let secret = "4111111111111111";
        for (json, code, at) in [
            (r#"{"amount": 1, "lines": []"#, Code::RequestMalformed, None),
            (r#"{"amount": 1, "lines": []} x"#, Code::RequestMalformed, None),
            (r#"{"amount": "4111111111111111", "lines": []}"#, Code::RequestInvalid, Some("/amount")),
            (r#"{"amount": 4111111111111111, "lines": []}"#, Code::RequestInvalid, Some("/amount")),
            (r#"{"amount": 1, "lines": [{"id": "4111111111111111"}]}"#, Code::RequestInvalid, Some("/lines/0/id")),
            (r#"{"amount": 1, "lines": [], "a/b": 1}"#, Code::RequestInvalid, Some("/a~1b")),
            (r#"{"amount": 1, "amount": 2, "lines": []}"#, Code::RequestInvalid, Some("")),
            (r#"{"amount": 1}"#, Code::RequestInvalid, Some("")),
        ] {
            let failure = parse_json::<Order>(json.as_bytes()).unwrap_err();
            assert_eq!(failure.problem().code, code, "{json}");
            assert_eq!(failure.problem().errors.first().map(|e| &*e.at), at, "{json}");
            assert!(!format!("{:?}", failure.problem()).contains(secret), "{json}: {failure:?}");
        }
    }

    #[test]
    fn bearer_tokens_are_read_strictly() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            bearer(&headers).map(|token| token.map(|t| t.expose().to_owned()))
        };
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["Bearer abc.def"]).unwrap().unwrap(), "abc.def");
        assert_eq!(read(&["bearer  abc"]).unwrap().unwrap(), "abc");
        let long = format!("Bearer {}", "a".repeat(BEARER_MAX + 1));
        for bad in [&["Basic abc"][..], &["Bearer"], &["Bearer "], &["Bearer a b"], &["Bearer a", "Bearer b"], &[&long]]
        {
            assert_eq!(read(bad).unwrap_err().code, Code::RequestMalformed, "{bad:?}");
        }
    }
}
