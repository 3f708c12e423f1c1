//! One request head: where it ends, how its body is framed, whether it is acceptable.

use super::HeadLimits;
use pano_types::Code;
use std::ops::Range;

/// A head that was understood. Its places are those in the bytes it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Its length with the empty line.
    pub(super) bytes: usize,
    /// What follows it.
    pub(super) body: Body,
    /// Method.
    pub(super) method: Range<usize>,
    /// Request target.
    pub(super) target: Range<usize>,
    /// Whether it is HTTP/1.1, not 1.0.
    pub(super) version_11: bool,
    /// Whether the caller means to send more on this connection (RFC 9112 §9.3).
    pub(super) keep_alive: bool,
    /// Whether the caller waits for `100 Continue` (RFC 9110 §10.1.1).
    pub(super) expects_continue: bool,
}

/// A header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Its name.
    pub(super) name: Range<usize>,
    /// Its value, without the white space around it.
    pub(super) value: Range<usize>,
}

/// How a request body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Sized(u64),
    Chunked,
}

/// Length of ` HTTP/1.1`.
const VERSION_BYTES: usize = 9;

#[derive(Default)]
struct Seen {
    length: Option<u64>,
    chunked: bool,
    hosts: usize,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
}

/// Reads the head at the start of `bytes`, its header lines into `fields`. `None`: more bytes are needed.
pub(super) fn read(bytes: &[u8], limits: HeadLimits, fields: &mut Vec<Field>) -> Result<Option<Head>, Code> {
    fields.clear();
    let within = bytes.get(..limits.bytes).unwrap_or(bytes);
    let mut seen = Seen::default();
    let mut first = None;
    // One empty line in front is passed over (RFC 9112 §2.2): some old callers end a body with it.
    let front = if within.starts_with(b"\r\n") { 2 } else { 0 };
    let mut start = front;
    for end in memchr::memchr_iter(b'\n', within).skip(front / 2) {
        let line = within.get(start..end).unwrap_or_default();
        // A bare line feed ends a line for some readers and not for others.
        let line = line.strip_suffix(b"\r").ok_or(Code::RequestFraming)?;
        let at = start;
        start = end + 1;
        let Some((method, version_11, target_end)) = first else {
            let (method, version_11) = request_line(line)?;
            first = Some((front + method, version_11, front + line.len() - VERSION_BYTES));
            continue;
        };
        if line.is_empty() {
            let body = seen.body(version_11)?;
            let target = method + 1..target_end;
            let keep_alive = !seen.close && (version_11 || seen.keep_alive);
            let expects_continue = version_11 && seen.expects_continue;
            let method = front..method;
            return Ok(Some(Head { bytes: start, body, method, target, version_11, keep_alive, expects_continue }));
        }
        if fields.len() >= limits.count {
            return Err(Code::RequestHeadersTooLarge);
        }
        fields.push(header_line(line, at, &mut seen, version_11)?);
    }
    if bytes.len() >= limits.bytes { Err(Code::RequestHeadersTooLarge) } else { Ok(None) }
}

impl Seen {
    fn body(&self, version_11: bool) -> Result<Body, Code> {
        if self.hosts > 1 || (version_11 && self.hosts == 0) {
            // RFC 9112 §3.2: exactly one Host.
            return Err(Code::RequestMalformed);
        }
        match (self.length, self.chunked) {
            (Some(_), true) => Err(Code::RequestFraming),
            (None, true) => Ok(Body::Chunked),
            (Some(0) | None, false) => Ok(Body::None),
            (Some(size), false) => Ok(Body::Sized(size)),
        }
    }
}

/// `METHOD SP target SP HTTP/1.x`; the method's length, and whether it is HTTP/1.1.
fn request_line(line: &[u8]) -> Result<(usize, bool), Code> {
    let version_11 = match line.get(line.len().saturating_sub(VERSION_BYTES)..) {
        Some(b" HTTP/1.1") => true,
        Some(b" HTTP/1.0") => false,
        _ => return Err(Code::RequestMalformed),
    };
    let rest = line.get(..line.len() - VERSION_BYTES).unwrap_or_default();
    let space = memchr::memchr(b' ', rest).ok_or(Code::RequestMalformed)?;
    let (method, target) = rest.split_at(space);
    let target = target.get(1..).unwrap_or_default();
    let good_method = !method.is_empty() && method.len() <= 32 && method.iter().all(u8::is_ascii_alphabetic);
    // CONNECT would turn the gateway into a tunnel; its target has another form.
    let good_target = matches!(target.first(), Some(b'/' | b'h' | b'H' | b'*')) && all_in(target, &TARGET);
    if good_method && good_target && method != b"CONNECT" {
        Ok((space, version_11))
    } else {
        Err(Code::RequestMalformed)
    }
}

/// `at` is the line's place.
fn header_line(line: &[u8], at: usize, seen: &mut Seen, version_11: bool) -> Result<Field, Code> {
    let first = line.first().copied().unwrap_or_default();
    if first == b' ' || first == b'\t' {
        // Folded onto the line before (RFC 9112 §5.2).
        return Err(Code::RequestFraming);
    }
    let colon = memchr::memchr(b':', line).filter(|at| *at > 0).ok_or(Code::RequestMalformed)?;
    let (name, value) = line.split_at(colon);
    if !all_in(name, &NAME) {
        // Above all a space before the colon, which some readers skip.
        return Err(Code::RequestMalformed);
    }
    let value = value.get(1..).unwrap_or_default();
    // Without a way out of the loop the compiler looks at many bytes at once.
    if value.iter().fold(false, |bad, b| bad | ((*b < b' ') & (*b != b'\t')) | (*b == 0x7f)) {
        return Err(Code::RequestMalformed);
    }
    let begin = at + colon + 1 + (value.len() - value.trim_ascii_start().len());
    let value = value.trim_ascii();
    match first | 0x20 {
        b'c' if name.eq_ignore_ascii_case(b"content-length") => {
            let digits = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
            if seen.length.is_some() || !digits {
                return Err(Code::RequestFraming);
            }
            let number = value.iter().fold(0, |n: u64, b| n * 10 + u64::from(b - b'0'));
            seen.length = Some(number);
        }
        b'c' if name.eq_ignore_ascii_case(b"connection") => {
            for token in value.split(|b| *b == b',').map(<[u8]>::trim_ascii) {
                seen.close |= token.eq_ignore_ascii_case(b"close");
                seen.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
            }
        }
        b't' if name.eq_ignore_ascii_case(b"transfer-encoding") => {
            if seen.chunked || !version_11 || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Code::RequestFraming);
            }
            seen.chunked = true;
        }
        b'e' if name.eq_ignore_ascii_case(b"expect") => {
            seen.expects_continue |= value.eq_ignore_ascii_case(b"100-continue");
        }
        b'h' if name.eq_ignore_ascii_case(b"host") => seen.hosts += 1,
        _ => {}
    }
    Ok(Field { name: at..at + colon, value: begin..begin + value.len() })
}

/// Whether a refused head asked for Chinese: `Accept-Language: zh…`.
pub(super) fn accept_language(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(16 << 10)).unwrap_or_default();
    head.split(|b| *b == b'\n').any(|line| {
        line.split_at_checked(16).is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case(b"accept-language:")
                && value.trim_ascii().get(..2).is_some_and(|v| v.eq_ignore_ascii_case(b"zh"))
        })
    })
}

fn all_in(bytes: &[u8], table: &[bool; 256]) -> bool {
    bytes.iter().all(|b| table.get(usize::from(*b)) == Some(&true))
}

const fn table(allowed: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut i = 0;
    while i < allowed.len() {
        #[expect(clippy::indexing_slicing, reason = "constant evaluation: an index out of range does not compile")]
        {
            table[allowed[i] as usize] = true;
        }
        i += 1;
    }
    table
}

/// Characters of a header name (RFC 9110 §5.6.2 `token`).
static NAME: [bool; 256] = table(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
/// Characters of a URI (RFC 3986 §2) without the fragment's.
static TARGET: [bool; 256] =
    table(b"-._~:/?[]@!$&'()*+,;=%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
