//! What is refused, with its code, through a listening gateway.

use super::*;
use pano_snapshot::unit::{Revocations, ServingState};
use serde_json::json;

const CONSENT: &str = "cns_01ARZ3NDEKTSV4RRFFQ69G5FAV";

fn house() -> (House, Provider) {
    let provider = Provider::echo();
    let mut bank = bank(&provider.url());
    bank.operations[4].contract = Some(1);
    let mut old = api("old", &provider.url());
    old.state = ServingState::Retired { link: Some("https://docs.test/new".into()) };
    let units = [
        Unit::App(app("good", &[&bank])),
        Unit::App(app("unsubscribed", &[])),
        Unit::Revocations(Revocations {
            tokens: vec![("taken-back".into(), START)],
            apps: vec![(app_id("revoked"), SystemClock.now().plus(Duration::from_secs(60)))],
            consents: vec![(CONSENT.parse().unwrap(), START)],
        }),
        Unit::App(app("revoked", &[&bank])),
        Unit::Api(bank),
        Unit::Api(old),
    ];
    (House::start(units), provider)
}

fn check(reply: &Reply, status: u16, code: &str, what: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (status, code), "{what}: {}", reply.head);
    let json = reply.json();
    assert_eq!(json["status"], status, "{what}");
    assert_eq!(json["trace_id"].as_str().map(str::len), Some(32), "{what}");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{what}");
    assert!(reply.header("x-request-id").is_some(), "{what}");
}

#[test]
fn requests_that_lead_nowhere() {
    let (house, _provider) = house();
    let at = house.address;
    for (what, reply, status, code) in [
        ("unknown path", get(at, "/bank/nothing", ""), 404, "gateway.route_unknown"),
        ("unknown API", get(at, "/", ""), 404, "gateway.route_unknown"),
        ("wrong method", post(at, "/bank/accounts/1", "", "{}"), 405, "request.method_not_allowed"),
        ("retired version", get(at, "/old/anything", ""), 410, "gateway.version_retired"),
        ("dot segments", get(at, "/bank/echo/../accounts", ""), 400, "request.malformed"),
        ("encoded dot segments", get(at, "/bank/echo/%2e%2e/accounts", ""), 400, "request.malformed"),
        ("encoded slash", get(at, "/bank/echo/a%2Fb", ""), 400, "request.malformed"),
        ("double slash", get(at, "/bank//echo", ""), 400, "request.malformed"),
        ("NUL", get(at, "/bank/echo/%00", ""), 400, "request.malformed"),
        ("bad escape", get(at, "/bank/echo/%4", ""), 400, "request.malformed"),
        ("two hosts", get(at, "http://other.test/bank/echo", ""), 400, "request.malformed"),
    ] {
        check(&reply, status, code, what);
    }
    assert_eq!(post(at, "/bank/accounts/1", "", "{}").header("allow"), Some("GET"));
    assert_eq!(get(at, "/old/x", "").header("link"), Some("<https://docs.test/new>; rel=\"successor-version\""));
}

#[test]
fn callers_that_may_not() {
    let (house, provider) = house();
    let at = house.address;
    let account = |headers: &str| get(at, "/bank/accounts/1", headers);
    let now = SystemClock.now();
    let changed = |change: fn(&mut Value)| {
        let (header, mut claims) = house.issuer.parts(&app_id("good").to_string(), "accounts:read", now);
        change(&mut claims);
        format!("authorization: Bearer {}\r\n", house.issuer.sign(&header, &claims))
    };
    let stranger = Issuer::new("https://issuer.test").token(&app_id("good").to_string(), "accounts:read", now);
    let good = house.bearer("good", "accounts:read");
    for (what, headers, status, code) in [
        ("no token", String::new(), 401, "gateway.token_missing"),
        ("other scheme", "authorization: Basic YTpi\r\n".into(), 401, "gateway.token_missing"),
        ("no JWT", "authorization: Bearer abc\r\n".into(), 401, "gateway.token_invalid"),
        ("two tokens", format!("{good}{good}"), 401, "gateway.token_invalid"),
        ("stranger's signature", format!("authorization: Bearer {stranger}\r\n"), 401, "gateway.token_invalid"),
        ("other audience", changed(|c| c["aud"] = json!("other")), 401, "gateway.token_invalid"),
        ("expired", changed(|c| c["exp"] = json!(1_000_000_000)), 401, "gateway.token_expired"),
        ("token taken back", changed(|c| c["jti"] = json!("taken-back")), 401, "gateway.token_revoked"),
        ("consent ended", changed(|c| c["consent_id"] = json!(CONSENT)), 401, "gateway.token_revoked"),
        ("app taken back", house.bearer("revoked", "accounts:read"), 401, "gateway.token_revoked"),
        ("unknown app", house.bearer("nobody", "accounts:read"), 403, "gateway.app_unknown"),
        ("no subscription", house.bearer("unsubscribed", "accounts:read"), 403, "gateway.not_subscribed"),
        ("missing scope", house.bearer("good", "payments:write"), 403, "gateway.scope_missing"),
    ] {
        // Twice: what is remembered is refused like what is new.
        for _ in 0..2 {
            let reply = account(&headers);
            check(&reply, status, code, what);
            assert!(status != 401 || reply.header("www-authenticate").unwrap().starts_with("Bearer"), "{what}");
        }
    }
    let missing = account(&house.bearer("good", "x"));
    assert!(missing.header("www-authenticate").unwrap().contains("insufficient_scope"));
    assert_eq!(account(&good).status, 200);
    assert_eq!(provider.heads.lock().unwrap().len(), 1, "refused calls reach no upstream");
    let records = house.records();
    assert!(
        records.iter().filter(|r| r.accepted).count() == 1 && records.iter().all(|r| r.accepted == (r.status == 200))
    );
    assert!(!std::format!("{records:?}").contains("eyJ"), "no token in the log");
}

#[test]
fn bodies_and_parameters_against_the_contract() {
    let (house, _provider) = house();
    let at = house.address;
    let token = house.bearer("good", "payments:write accounts:read");
    let json = format!("{token}content-type: application/json\r\n");
    let pay = |headers: &str, body: &str| post(at, "/bank/payments", headers, body);
    for (what, reply, status, code) in [
        ("no JSON", pay(&json, "{"), 400, "gateway.body_invalid"),
        ("wrong type", pay(&json, r#"{"amount":1}"#), 400, "gateway.body_invalid"),
        ("member missing", pay(&json, "{}"), 400, "gateway.body_invalid"),
        ("no body", pay(&token, ""), 400, "gateway.body_invalid"),
        ("other media type", pay(&token, "x"), 415, "request.unsupported_media_type"),
        ("too large", pay(&json, &"x".repeat(1001)), 413, "request.too_large"),
        ("long parameter", get(at, "/bank/accounts/123456789", &token), 400, "gateway.body_invalid"),
    ] {
        check(&reply, status, code, what);
    }
    assert_eq!(pay(&json, r#"{"amount":1}"#).json()["errors"][0]["at"], "/amount");
    let chinese = pay(&format!("{json}accept-language: zh-CN\r\n"), "{}");
    assert!(
        chinese.header("content-language") == Some("zh") && chinese.json()["title"].as_str().unwrap().contains("契约")
    );
    let head = format!("POST /bank/payments HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n{json}\r\n");
    let large = format!("{head}7d0\r\n{}\r\n0\r\n\r\n", "x".repeat(2000));
    check(&send(at, large.as_bytes()).unwrap(), 413, "request.too_large", "too large in chunks");
    assert_eq!(pay(&json, r#"{"amount":"1.00"}"#).status, 200);
}

#[test]
fn framing_that_is_ambiguous_or_no_http() {
    let (house, provider) = house();
    let long = format!("x: {}\r\n", "y".repeat(20 << 10));
    let many = "a: b\r\n".repeat(120);
    for (what, lines, body, status, code) in [
        (
            "length and chunks",
            "content-length: 5\r\ntransfer-encoding: chunked\r\n",
            "0\r\n\r\n",
            400,
            "request.framing",
        ),
        ("two lengths", "content-length: 5\r\ncontent-length: 5\r\n", "hello", 400, "request.framing"),
        ("signed length", "content-length: +5\r\n", "hello", 400, "request.framing"),
        ("other coding", "transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n", 400, "request.framing"),
        ("folded header", "x: a\r\n b\r\n", "", 400, "request.framing"),
        ("bare line feed", "x: a\ny: b\r\n", "", 400, "request.framing"),
        ("space before colon", "content-length : 5\r\n", "hello", 400, "request.malformed"),
        ("second host", "host: b\r\n", "", 400, "request.malformed"),
        ("chunk extension", "transfer-encoding: chunked\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n", 400, "request.framing"),
        ("bad chunk size", "transfer-encoding: chunked\r\n", "zz\r\n", 400, "request.framing"),
        ("trailers", "transfer-encoding: chunked\r\n", "0\r\na: b\r\n\r\n", 400, "request.framing"),
        ("long headers", &*long, "", 431, "request.headers_too_large"),
        ("many headers", &*many, "", 431, "request.headers_too_large"),
    ] {
        let bytes = format!("POST /bank/echo HTTP/1.1\r\nhost: a\r\n{lines}\r\n{body}");
        let reply = send(house.address, bytes.as_bytes()).unwrap_or_else(|| panic!("{what}: no answer"));
        check(&reply, status, code, what);
    }
    for (what, bytes) in [
        ("no HTTP", &b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\r\n\r\n"[..]),
        ("CONNECT", b"CONNECT /bank HTTP/1.1\r\nhost: a\r\n\r\n"),
        ("no host", b"GET /bank/echo HTTP/1.1\r\n\r\n"),
        ("HTTP/0.9", b"GET /bank/echo\r\n\r\n"),
        ("unknown version", b"GET /bank/echo HTTP/1.2\r\nhost: a\r\n\r\n"),
    ] {
        check(&send(house.address, bytes).unwrap(), 400, "request.malformed", what);
    }
    let chinese = b"GET / HTTP/1.1\r\naccept-language: zh\r\nx y: z\r\n\r\n";
    assert_eq!(send(house.address, chinese).unwrap().header("content-language"), Some("zh"));
    assert_eq!(provider.heads.lock().unwrap().len(), 0, "nothing of it reaches an upstream");
}

#[test]
fn a_smuggled_second_request_is_never_read() {
    let (house, provider) = house();
    let bytes = "GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\nPOST /bank/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /bank/echo/smuggled HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut stream = dial(house.address);
    stream.get_mut().write_all(bytes.as_bytes()).unwrap();
    assert_eq!(read_reply(&mut stream).unwrap().status, 200);
    check(&read_reply(&mut stream).unwrap(), 400, "request.framing", "the second");
    assert!(read_reply(&mut stream).is_none(), "the connection closes");
    assert_eq!(provider.heads.lock().unwrap().len(), 1);
}

#[test]
fn requests_that_take_too_long() {
    let provider = Provider::echo();
    let house = House::with([Unit::Api(bank(&provider.url()))], |options| {
        options.limits.times.head = Duration::from_millis(50);
        options.limits.times.body = Duration::from_millis(50);
        options.limits.times.idle = Duration::from_millis(200);
    });
    let reply = send(house.address, b"GET /bank/echo HTTP/1.1\r\nhost: a\r\nx").unwrap();
    check(&reply, 408, "request.timeout", "half a head");
    let reply = send(house.address, b"POST /bank/echo HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf").unwrap();
    check(&reply, 408, "request.timeout", "half a body");
    assert!(read_reply(&mut dial(house.address)).is_none(), "an idle connection is closed without a word");
}

#[test]
fn connections_of_one_address_are_bounded() {
    let provider = Provider::echo();
    let house = House::with([Unit::Api(bank(&provider.url()))], |o| o.limits.connections_per_address = 2);
    let request = b"GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut open = [dial(house.address), dial(house.address)];
    for stream in &mut open {
        stream.get_mut().write_all(request).unwrap();
        assert_eq!(read_reply(stream).unwrap().status, 200);
    }
    let mut third = dial(house.address);
    let _ = third.get_mut().write_all(request);
    assert!(read_reply(&mut third).is_none());
    drop(open);
    wait_until(|| {
        let mut again = dial(house.address);
        again.get_mut().write_all(request).is_ok() && read_reply(&mut again).is_some()
    });
}

#[test]
fn without_a_snapshot_nothing_is_served() {
    let issuer = Issuer::new("https://issuer.test");
    let mut options = GatewayOptions::new("test");
    options.metrics = Some("127.0.0.1:0".parse().unwrap());
    let house = House::run(options, issuer);
    let reply = get(house.address, "/bank/echo", "");
    check(&reply, 503, "gateway.no_snapshot", "no snapshot");
    assert_eq!(reply.header("retry-after"), Some("1"));
    let metrics = house.gateway.metrics().unwrap();
    assert_eq!((get(metrics, "/livez", "").status, get(metrics, "/readyz", "").status), (200, 503));
}
