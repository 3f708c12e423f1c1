use super::wire::Framing;
use super::*;
use pano_types::Code;
use proptest::prelude::*;

const LIMITS: HeadLimits = HeadLimits { bytes: 1024, count: 20 };

/// Feeds `bytes` in pieces of `step`; what was understood, and why the rest was not.
fn feed(bytes: &[u8], step: usize) -> (usize, Option<Code>) {
    let (mut framing, mut fields) = (Framing::Head, Vec::new());
    let (mut at, mut end) = (0, 0);
    while end < bytes.len() {
        end = (end + step).min(bytes.len());
        while at < end {
            let understood = match framing {
                Framing::Head => framing.head(&bytes[at..end], LIMITS, &mut fields).map(|h| h.map_or(0, |h| h.bytes)),
                _ => framing.data(&bytes[at..end]).map(|(size, _)| size),
            };
            match understood {
                Ok(0) => break,
                Ok(size) => at += size,
                Err(code) => return (at, Some(code)),
            }
        }
    }
    (at, None)
}

#[test]
fn acceptable_requests_pass_whole_in_any_pieces() {
    for text in [
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /a?b=c HTTP/1.0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0A\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nhost: a\r\nx-empty:\r\nx-tab: a\tb\r\n\r\n",
    ] {
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(feed(text.as_bytes(), step), (text.len(), None), "{text:?} by {step}");
        }
    }
}

#[test]
fn ambiguous_and_malformed_requests_are_refused() {
    let head = |lines: &str| format!("POST / HTTP/1.1\r\nhost: a\r\n{lines}\r\n\r\n");
    let chunked = |body: &str| format!("{}{body}", head("transfer-encoding: chunked"));
    let long = format!("x: {}", "y".repeat(1100));
    for (text, code) in [
        (head("content-length: 1\r\ntransfer-encoding: chunked"), Code::RequestFraming),
        (head("transfer-encoding: chunked\r\ncontent-length: 1"), Code::RequestFraming),
        (head("content-length: 1\r\ncontent-length: 1"), Code::RequestFraming),
        (head("content-length: 1\r\ncontent-length: 2"), Code::RequestFraming),
        (head("content-length: 1, 1"), Code::RequestFraming),
        (head("content-length: +1"), Code::RequestFraming),
        (head("content-length: 0x1"), Code::RequestFraming),
        (head("content-length:"), Code::RequestFraming),
        (head("content-length: 99999999999999999999"), Code::RequestFraming),
        (head("transfer-encoding: gzip, chunked"), Code::RequestFraming),
        (head("transfer-encoding: identity"), Code::RequestFraming),
        (head("transfer-encoding: chunked\r\ntransfer-encoding: chunked"), Code::RequestFraming),
        (head("transfer-encoding: \x0bchunked"), Code::RequestMalformed),
        ("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n".into(), Code::RequestFraming),
        (head("x: a\r\n folded"), Code::RequestFraming),
        (head("x: a\ny: b"), Code::RequestFraming),
        ("GET / HTTP/1.1\nhost: a\n\n".into(), Code::RequestFraming),
        (head("content-length : 1"), Code::RequestMalformed),
        (head("x: a\0b"), Code::RequestMalformed),
        (head("x: a\rb"), Code::RequestMalformed),
        (head("no colon"), Code::RequestMalformed),
        (head(": no name"), Code::RequestMalformed),
        (head("host: b"), Code::RequestMalformed),
        ("GET / HTTP/1.1\r\nx: y\r\n\r\n".into(), Code::RequestMalformed),
        ("GET /\r\n\r\n".into(), Code::RequestMalformed),
        ("GET  / HTTP/1.1\r\nhost: a\r\n\r\n".into(), Code::RequestMalformed),
        ("GET /a b HTTP/1.1\r\nhost: a\r\n\r\n".into(), Code::RequestMalformed),
        ("GET / HTTP/2.0\r\nhost: a\r\n\r\n".into(), Code::RequestMalformed),
        ("\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n".into(), Code::RequestMalformed),
        ("\nGET / HTTP/1.1\r\nhost: a\r\n\r\n".into(), Code::RequestFraming),
        ("CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n".into(), Code::RequestMalformed),
        ("CONNECT /a HTTP/1.1\r\nhost: a\r\n\r\n".into(), Code::RequestMalformed),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n".into(), Code::RequestMalformed),
        (head(&long), Code::RequestHeadersTooLarge),
        (head(&"a: b\r\n".repeat(30)), Code::RequestHeadersTooLarge),
        (chunked("5;ext=1\r\nhello\r\n0\r\n\r\n"), Code::RequestFraming),
        (chunked("5 \r\nhello\r\n0\r\n\r\n"), Code::RequestFraming),
        (chunked("5\nhello\r\n0\r\n\r\n"), Code::RequestFraming),
        (chunked("5\r\nhello0\r\n\r\n"), Code::RequestFraming),
        (chunked("-5\r\nhello\r\n0\r\n\r\n"), Code::RequestFraming),
        (chunked("\r\nhello\r\n0\r\n\r\n"), Code::RequestFraming),
        (chunked("0\r\nx-trailer: a\r\n\r\n"), Code::RequestFraming),
        (chunked("10000000000000000\r\n"), Code::RequestFraming),
    ] {
        for step in [1, 3, 5000] {
            assert_eq!(feed(text.as_bytes(), step).1, Some(code), "{text:?} by {step}");
        }
    }
}

#[test]
fn a_head_is_taken_apart() {
    let text = b"PUT /a?b HTTP/1.1\r\nHost:a\r\nX-Two: \t b c \t\r\nConnection: x, Close\r\nexpect: 100-Continue\r\nx:\r\n\r\nrest";
    let (mut framing, mut fields) = (Framing::Head, Vec::new());
    let head = framing.head(text, LIMITS, &mut fields).unwrap().unwrap();
    assert_eq!((&text[head.method.clone()], &text[head.target.clone()]), (&b"PUT"[..], &b"/a?b"[..]));
    assert_eq!(
        (head.bytes, head.version_11, head.keep_alive, head.expects_continue),
        (text.len() - 4, true, false, true)
    );
    let lines: Vec<_> = fields.iter().map(|f| (&text[f.name.clone()], &text[f.value.clone()])).collect();
    let expected: [(&[u8], &[u8]); 5] =
        [(b"Host", b"a"), (b"X-Two", b"b c"), (b"Connection", b"x, Close"), (b"expect", b"100-Continue"), (b"x", b"")];
    assert_eq!(lines, expected);
    for (text, keep_alive) in [
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n", true),
        ("GET / HTTP/1.0\r\nconnection: keep-alive, close\r\n\r\n", false),
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", true),
    ] {
        let head = Framing::Head.head(text.as_bytes(), LIMITS, &mut fields).unwrap().unwrap();
        assert_eq!(head.keep_alive, keep_alive, "{text:?}");
    }
}

#[test]
fn chunks_come_out_as_their_data_in_any_pieces() {
    let text = b"5\r\nhello\r\n0A\r\n0123456789\r\n0\r\n\r\n";
    for step in 1..text.len() {
        let mut framing = Framing::Chunked(Default::default());
        let mut out = Vec::new();
        for piece in text.chunks(step) {
            let (size, data) = framing.data(piece).unwrap();
            assert_eq!(size, piece.len());
            out.extend_from_slice(&data);
        }
        assert_eq!(out, b"hello0123456789", "by {step}");
        assert!(matches!(framing, Framing::Head));
    }
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_come_to_the_same_end(
        text in "(GET|POST) / HTTP/1\\.[01]\r\n(host: a\r\n|content-length: [0-9]\r\n|transfer-encoding: chunked\r\n|x: y\r?\n){0,4}\r\n[0-9a-f\r\n]{0,24}",
        step in 1usize..9,
    ) {
        let (in_pieces, at_once) = (feed(text.as_bytes(), step), feed(text.as_bytes(), text.len()));
        prop_assert_eq!(in_pieces.1, at_once.1);
        // A chunked body goes on as far as it makes sense, and that depends on how it came.
        prop_assert!(in_pieces.1.is_some() || in_pieces.0 == at_once.0);
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), step in 1usize..50) {
        let _ = feed(&bytes, step);
    }
}
