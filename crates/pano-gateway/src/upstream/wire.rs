//! The head of an answer, read as strictly as a request's: an upstream that is ambiguous could poison the next caller's answer.

use super::pool::Connection;
use crate::phase::seal;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// Largest head of an answer.
const HEAD_BYTES_MAX: usize = 64 << 10;
const HEADERS_MAX: usize = 128;

/// An answer's head.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers that go on to the partner.
    pub headers: HeaderMap,
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the connection can serve another call.
    pub keep_alive: bool,
}

/// How a body is framed (RFC 9112 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    None,
    /// So many bytes.
    Sized(u64),
    /// In chunks.
    Chunked,
    /// Until the connection closes.
    Close,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerError {
    /// Not a byte came.
    Silent,
    /// What came makes no sense, or broke off.
    Broken,
}

/// Reads heads until the final one: interim answers (RFC 9110 §15.2) are passed over.
pub(super) async fn read_answer(connection: &mut Connection, is_head: bool) -> Result<Answer, AnswerError> {
    let mut any = !connection.buffer.is_empty();
    loop {
        if !connection.buffer.is_empty()
            && let Some((size, answer)) = parse(&connection.buffer, is_head)?
        {
            let bytes = connection.buffer.split_to(size);
            match answer {
                Some(parsed) => return parsed.answer(bytes.freeze(), is_head).ok_or(AnswerError::Broken),
                None => continue,
            }
        }
        if connection.buffer.len() > HEAD_BYTES_MAX {
            return Err(AnswerError::Broken);
        }
        match connection.fill().await {
            Ok(0) | Err(_) => return Err(if any { AnswerError::Broken } else { AnswerError::Silent }),
            Ok(_) => any = true,
        }
    }
}

/// Places of names and values in a head.
struct Parsed {
    status: u16,
    version_11: bool,
    headers: Vec<(std::ops::Range<usize>, std::ops::Range<usize>)>,
}

/// `None`: more bytes are needed. The inner `None`: an interim answer.
fn parse(bytes: &[u8], _is_head: bool) -> Result<Option<(usize, Option<Parsed>)>, AnswerError> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut lines);
    let size = match response.parse(bytes) {
        Ok(httparse::Status::Complete(size)) => size,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(AnswerError::Broken),
    };
    let status = response.code.unwrap_or_default();
    if (100..200).contains(&status) {
        // We never ask to switch protocols.
        return if status == 101 { Err(AnswerError::Broken) } else { Ok(Some((size, None))) };
    }
    let start = bytes.as_ptr() as usize;
    let range = |part: &[u8]| {
        let from = (part.as_ptr() as usize).saturating_sub(start);
        from..from + part.len()
    };
    let headers = response.headers.iter().map(|h| (range(h.name.as_bytes()), range(h.value))).collect();
    Ok(Some((size, Some(Parsed { status, version_11: response.version == Some(1), headers }))))
}

impl Parsed {
    /// The answer, its header values sharing `bytes`.
    fn answer(self, bytes: bytes::Bytes, is_head: bool) -> Option<Answer> {
        let status = StatusCode::from_u16(self.status).ok()?;
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 8);
        let (mut length, mut chunked, mut close) = (None, false, !self.version_11);
        let mut named = Vec::new();
        let bodiless = is_head || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
        for (name, value) in self.headers {
            let name = HeaderName::from_bytes(bytes.get(name)?).ok()?;
            let value = HeaderValue::from_maybe_shared(bytes.slice(value)).ok()?;
            if name == CONTENT_LENGTH {
                let text = value.to_str().ok()?.trim();
                let size: u64 = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())??;
                if length.replace(size).is_some() {
                    return None;
                }
            } else if name == TRANSFER_ENCODING {
                if chunked || !self.version_11 || !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
                    return None;
                }
                chunked = true;
            } else if name == CONNECTION {
                let text = value.to_str().ok()?;
                let has = |token: &str| text.split(',').any(|t| t.trim().eq_ignore_ascii_case(token));
                close = has("close") || (close && !has("keep-alive"));
                // The usual two name no header that could have come through, and cost a block each.
                let others = text.split(',').map(str::trim).filter(|t| !matches!(*t, "keep-alive" | "close"));
                named.extend(others.filter_map(|t| HeaderName::from_bytes(t.as_bytes()).ok()));
            }
            if seal::passes(&name) || (bodiless && name == CONTENT_LENGTH && status != StatusCode::NO_CONTENT) {
                headers.append(name, value);
            }
        }
        for name in named {
            headers.remove(name);
        }
        let framing = match (bodiless, chunked, length) {
            (_, true, Some(_)) => return None,
            (true, _, _) | (_, false, Some(0)) => Framing::None,
            (false, true, None) => Framing::Chunked,
            (false, false, Some(size)) => Framing::Sized(size),
            (false, false, None) => Framing::Close,
        };
        Some(Answer { status, headers, framing, keep_alive: !close && framing != Framing::Close })
    }
}
