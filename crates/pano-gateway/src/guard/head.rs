//! One request head: where it ends, how its body is framed, whether it is acceptable.

use super::HeadLimits;
use pano_types::Code;

/// A head that was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Its length with the empty line.
    pub(super) bytes: usize,
    /// What follows it.
    pub(super) body: Body,
}

/// How a request body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Sized(u64),
    Chunked,
}

#[derive(Default)]
struct Seen {
    length: Option<u64>,
    chunked: bool,
    hosts: usize,
}

/// Reads the head at the start of `bytes`. `None`: more bytes are needed.
pub(super) fn read(bytes: &[u8], limits: HeadLimits) -> Result<Option<Head>, Code> {
    let within = bytes.get(..limits.bytes).unwrap_or(bytes);
    let mut seen = Seen::default();
    let mut version_11 = true;
    let mut lines = 0;
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', within) {
        let line = within.get(start..end).unwrap_or_default();
        // A bare line feed ends a line for some readers and not for others.
        let line = line.strip_suffix(b"\r").ok_or(Code::RequestFraming)?;
        start = end + 1;
        if lines == 0 {
            version_11 = request_line(line)?;
        } else if line.is_empty() {
            let body = seen.body(version_11)?;
            return Ok(Some(Head { bytes: start, body }));
        } else {
            header_line(line, &mut seen, version_11)?;
        }
        lines += 1;
        if lines > limits.count + 1 {
            return Err(Code::RequestHeadersTooLarge);
        }
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

/// `METHOD SP target SP HTTP/1.x`; whether it is HTTP/1.1.
fn request_line(line: &[u8]) -> Result<bool, Code> {
    let version_11 = match line.get(line.len().saturating_sub(9)..) {
        Some(b" HTTP/1.1") => true,
        Some(b" HTTP/1.0") => false,
        _ => return Err(Code::RequestMalformed),
    };
    let rest = line.get(..line.len() - 9).unwrap_or_default();
    let space = memchr::memchr(b' ', rest).ok_or(Code::RequestMalformed)?;
    let (method, target) = rest.split_at(space);
    let target = target.get(1..).unwrap_or_default();
    let good_method = !method.is_empty() && method.len() <= 32 && method.iter().all(u8::is_ascii_alphabetic);
    // CONNECT would turn the gateway into a tunnel; its target has another form.
    let good_target = matches!(target.first(), Some(b'/' | b'h' | b'H' | b'*')) && all_in(target, &TARGET);
    if good_method && good_target && method != b"CONNECT" { Ok(version_11) } else { Err(Code::RequestMalformed) }
}

fn header_line(line: &[u8], seen: &mut Seen, version_11: bool) -> Result<(), Code> {
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
    if value.iter().any(|b| (*b < b' ' && *b != b'\t') || *b == 0x7f) {
        return Err(Code::RequestMalformed);
    }
    match first | 0x20 {
        b'c' if name.eq_ignore_ascii_case(b"content-length") => {
            let value = value.trim_ascii();
            let digits = !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit);
            if seen.length.is_some() || !digits {
                return Err(Code::RequestFraming);
            }
            let number = value.iter().fold(0, |n: u64, b| n * 10 + u64::from(b - b'0'));
            seen.length = Some(number);
        }
        b't' if name.eq_ignore_ascii_case(b"transfer-encoding") => {
            if seen.chunked || !version_11 || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Code::RequestFraming);
            }
            seen.chunked = true;
        }
        b'h' if name.eq_ignore_ascii_case(b"host") => seen.hosts += 1,
        _ => {}
    }
    Ok(())
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
