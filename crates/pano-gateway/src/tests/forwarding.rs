//! What goes through, and what it looks like on both sides.

use super::*;
use crate::breaker;
use pano_snapshot::unit::ServingState;
use pano_types::Secret;

#[test]
fn the_upstream_sees_our_headers_and_not_those_of_the_connection() {
    let provider = Provider::echo();
    let mut bank = bank(&format!("{}/core/v1", provider.url()));
    bank.upstream.credential = Some("bank".into());
    let units = [Unit::App(app("good", &[&bank])), Unit::Api(bank)];
    let house = House::with(units, |o| {
        o.upstream_credentials.insert("bank".into(), Secret::new("platform-secret".into()));
    });
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = format!(
        "{}x-client-id: forged\r\nx-partner-id: forged\r\nx-customer-id: forged\r\nx-consent-id: forged\r\nx-request-id: forged\r\nx-forwarded-for: 6.6.6.6\r\nforwarded: for=6.6.6.6\r\nx-real-ip: 6.6.6.6\r\n\
         traceparent: {trace}\r\nconnection: keep-alive, x-hop\r\nx-hop: 1\r\nkeep-alive: 1\r\nte: trailers\r\nx-own: kept\r\n",
        house.bearer("good", "accounts:read")
    );
    let reply = get(house.address, "/bank/accounts/%37?a=b%20c", &headers);
    assert_eq!(reply.status, 200);
    let seen = String::from_utf8(reply.body.clone()).unwrap();
    let id = reply.header("x-request-id").unwrap();
    for line in [
        "GET /core/v1/accounts/7?a=b%20c HTTP/1.1".to_owned(),
        format!("host: {}", provider.address),
        "authorization: Bearer platform-secret".to_owned(),
        format!("x-client-id: {}", app_id("good")),
        format!("x-partner-id: {}", app("good", &[]).partner),
        format!("x-request-id: {id}"),
        "x-forwarded-for: 127.0.0.1".to_owned(),
        "x-forwarded-proto: http".to_owned(),
        "x-forwarded-host: gateway.test".to_owned(),
        "forwarded: for=127.0.0.1;proto=http".to_owned(),
        "x-own: kept".to_owned(),
    ] {
        assert_eq!(seen.lines().filter(|l| **l == line).count(), 1, "{line} in {seen}");
    }
    for gone in ["forged", "6.6.6.6", "x-hop", "keep-alive", "te:", "eyJ", "connection"] {
        assert!(!seen.contains(gone), "{gone} in {seen}");
    }
    let sent = seen.lines().find_map(|l| l.strip_prefix("traceparent: ")).unwrap();
    assert!(sent.starts_with(&trace[..36]) && sent != trace, "the trace goes on with a span of ours");
    assert_eq!((reply.header("server"), reply.header("x-powered-by")), (None, None));
    let record = house.records().remove(0);
    assert_eq!((record.id.as_str(), record.trace_id.as_str()), (id, &trace[3..35]));
    assert_eq!(record.route.as_deref(), Some("/bank/accounts/{id}"));
    assert_eq!(
        (record.operation.as_deref(), record.app, record.accepted),
        (Some("account"), Some(app_id("good")), true)
    );
    assert_eq!((record.status, record.attempts, record.bytes_out), (200, 1, reply.body.len() as u64));
    assert!(
        record.subscription.is_some()
            && record.upstream_us.is_some()
            && record.upstream_us.unwrap() <= record.duration_us
    );
}

#[test]
fn a_record_is_in_the_log_before_the_answer_is_out() {
    let provider = Provider::echo();
    let house = House::start([Unit::Api(bank(&provider.url()))]);
    let mut stream = dial(house.address);
    for n in 1..=50 {
        stream.get_mut().write_all(b"GET /bank/echo HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
        assert_eq!(read_reply(&mut stream).unwrap().status, 200);
        assert_eq!(house.records().len(), n);
    }
    let ids: std::collections::HashSet<String> = house.records().into_iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), 50);
    assert_eq!(provider.connections.load(Ordering::SeqCst), 1, "the upstream connection is kept");
}

#[test]
fn what_cannot_be_recorded_is_not_answered() {
    let provider = Provider::echo();
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(LogOptions { bytes_max: 2000, ..LogOptions::new(folder.path()) }).unwrap();
    let mut options = GatewayOptions::new("test");
    options.listeners.push(Listener { address: "127.0.0.1:0".parse().unwrap(), tls: None });
    options.metrics = Some("127.0.0.1:0".parse().unwrap());
    options.snapshot = Some(Snapshot::new(1, [Unit::Api(bank(&provider.url()))]));
    let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), log: Some(Arc::new(log)) };
    let gateway = Gateway::start(options, deps).unwrap();
    let statuses: Vec<u16> = (0..10).map(|_| get(gateway.addresses()[0], "/bank/echo", "").status).collect();
    let answered = statuses.iter().filter(|s| **s == 200).count();
    assert!((1..10).contains(&answered) && statuses.iter().all(|s| *s == 200 || *s == 503), "{statuses:?}");
    let text = String::from_utf8(get(gateway.metrics().unwrap(), "/metrics", "").body).unwrap();
    assert!(text.contains(&format!("panorama_gateway_log_failures_total {}", 10 - answered)), "{text}");
}

#[test]
fn deprecated_versions_say_so() {
    let provider = Provider::echo();
    let mut bank = bank(&provider.url());
    let sunset = Some(Instant::parse("2030-01-01T00:00:00Z").unwrap());
    bank.state = ServingState::Deprecated { since: START, sunset, link: Some("https://docs.test/v2".into()) };
    let house = House::start([Unit::Api(bank)]);
    let reply = get(house.address, "/bank/echo", "");
    assert_eq!(reply.header("deprecation"), Some("@1770000000"));
    assert_eq!(reply.header("sunset"), Some("Tue, 01 Jan 2030 00:00:00 GMT"));
    assert_eq!(reply.header("link"), Some("<https://docs.test/v2>; rel=\"successor-version\""));
}

#[test]
fn rates_and_quotas_are_exact_over_all_workers() {
    let provider = Provider::echo();
    let bank = bank(&provider.url());
    let limited = |name: &str, change: fn(&mut AppUnit)| {
        let mut unit = app(name, &[&bank]);
        change(&mut unit);
        Unit::App(unit)
    };
    let units = [
        limited("app", |a| a.rate = rate(1, 3600, 7)),
        limited("partner", |a| a.partner_rate = rate(1, 3600, 5)),
        limited("subscription", |a| a.subscriptions[0].rate = rate(1, 3600, 3)),
        limited("quota", |a| a.subscriptions[0].quota_per_day = Some(9)),
        Unit::Api(bank),
    ];
    let house = House::start(units);
    for (name, allowed, code) in [
        ("app", 7, "gateway.rate_limited"),
        ("partner", 5, "gateway.rate_limited"),
        ("subscription", 3, "gateway.rate_limited"),
        ("quota", 9, "gateway.quota_exceeded"),
    ] {
        let token = house.bearer(name, "accounts:read");
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let call = || (0..5).map(|_| get(house.address, "/bank/accounts/1", &token)).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(call)).collect();
            threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
        });
        let (good, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 200);
        assert_eq!(good.len(), allowed, "{name}");
        for reply in refused {
            assert_eq!((reply.status, reply.code().as_str()), (429, code), "{name}");
            assert!(reply.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
        }
        if name == "app" {
            assert_eq!(good[0].header("ratelimit-policy"), Some("\"app\";q=1;w=3600"));
            assert!(good[0].header("ratelimit").unwrap().starts_with("\"app\";r="));
        }
    }
}

#[test]
fn quotas_survive_a_restart() {
    let provider = Provider::echo();
    let bank = bank(&provider.url());
    let mut unit = app("quota", &[&bank]);
    unit.subscriptions[0].quota_per_day = Some(5);
    let issuer = Issuer::new("https://issuer.test");
    let token = issuer.token(&app_id("quota").to_string(), "accounts:read", SystemClock.now());
    let header = format!("authorization: Bearer {token}\r\n");
    let snapshot = Snapshot::new(1, [Unit::App(unit), Unit::Api(bank), Unit::Issuer(issuer.unit())]);
    let folder = tempfile::tempdir().unwrap();
    let call = |count: usize| {
        let log = FileLog::open(LogOptions::new(folder.path())).unwrap();
        let mut options = GatewayOptions::new("test");
        options.listeners.push(Listener { address: "127.0.0.1:0".parse().unwrap(), tls: None });
        options.snapshot = Some(snapshot.clone());
        let deps = Deps { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), log: Some(Arc::new(log)) };
        let gateway = Gateway::start(options, deps).unwrap();
        let statuses = (0..count).map(|_| get(gateway.addresses()[0], "/bank/accounts/1", &header).status).collect();
        gateway.stop();
        statuses
    };
    let first: Vec<u16> = call(3);
    let second: Vec<u16> = call(3);
    assert_eq!((first, second), (vec![200; 3], vec![200, 200, 429]));
}

#[test]
fn safe_calls_are_repeated_on_a_fresh_connection_and_others_are_not() {
    // Closes each connection after its first answer, without saying so.
    let closing = || {
        let count = AtomicUsize::new(0);
        Provider::start(move |head, _| {
            if head.contains("x-close") {
                return None;
            }
            count.fetch_add(1, Ordering::SeqCst);
            Some(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec())
        })
    };
    let provider = closing();
    let house = House::with([Unit::Api(bank(&provider.url()))], |o| o.workers = 1);
    assert_eq!(get(house.address, "/bank/echo", "").status, 200);
    let before = provider.connections.load(Ordering::SeqCst);
    // On the kept connection the upstream hangs up at the sight of it; the fresh one does the same, so the call fails, but twice.
    let reply = get(house.address, "/bank/echo", "x-close: 1\r\n");
    assert_eq!((reply.status, reply.code().as_str()), (502, "gateway.upstream_failed"));
    assert_eq!(provider.connections.load(Ordering::SeqCst), before + 1);
    assert_eq!(house.records_when(2)[1].attempts, 2);
    assert_eq!(get(house.address, "/bank/echo", "").status, 200);
    let reply = post(house.address, "/bank/echo", "x-close: 1\r\n", "pay once");
    assert_eq!((reply.status, reply.code().as_str()), (502, "gateway.upstream_failed"));
    assert_eq!(house.records_when(4)[3].attempts, 1, "a payment is not sent twice");
}

#[test]
fn a_connection_that_died_while_idle_is_noticed() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let (closed, closes) = std::sync::mpsc::sync_channel(1);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = BufReader::new(stream);
            if read_request(&mut stream).is_some() {
                seen.fetch_add(1, Ordering::SeqCst);
                let _ = stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            }
            drop(stream);
            let _ = closed.send(());
        }
    });
    let house = House::with([Unit::Api(bank(&url))], |o| o.workers = 1);
    for _ in 0..20 {
        assert_eq!(post(house.address, "/bank/echo", "", "x").status, 200);
        // Idle means idle: a provider that closes while the next POST is on its way may have carried it out, so that is a 502.
        closes.recv().unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 20);
}

#[test]
fn other_targets_stand_in_and_all_down_is_said() {
    let provider = Provider::echo();
    let dead = || format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let mut bank = bank(&provider.url());
    bank.upstream.targets.insert(0, dead());
    let mut gone = api("gone", &dead());
    gone.operations = vec![operation("x", "POST", "/x")];
    let house = House::start([Unit::Api(bank), Unit::Api(gone)]);
    for _ in 0..10 {
        assert_eq!(post(house.address, "/bank/echo", "", "x").status, 200);
    }
    let reply = post(house.address, "/gone/x", "", "x");
    assert_eq!((reply.status, reply.code().as_str()), (502, "gateway.upstream_unreachable"));
}

#[test]
fn slow_and_failing_upstreams_are_cut_off() {
    let provider = Provider::start(|head, _| {
        if head.contains("/slow") {
            std::thread::park_timeout(Duration::from_secs(2));
        }
        Some(b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy".to_vec())
    });
    let mut bank = bank(&provider.url());
    bank.operations[1].deadline_ms = Some(50);
    let house = House::with([Unit::Api(bank)], |o| {
        o.breaker = breaker::Options { calls_min: 3, ..breaker::Options::default() };
    });
    let reply = get(house.address, "/bank/echo/slow", "");
    assert_eq!((reply.status, reply.code().as_str()), (504, "gateway.upstream_timeout"));
    for _ in 0..3 {
        assert_eq!(get(house.address, "/bank/echo", "").body, b"busy", "an upstream's own refusal goes through");
    }
    let reply = get(house.address, "/bank/echo", "");
    assert_eq!((reply.status, reply.code().as_str()), (503, "gateway.circuit_open"));
    assert!(reply.header("retry-after").is_some());
    assert!(!house.records().last().unwrap().accepted, "what was not called is not metered");
}

#[test]
fn an_upstream_takes_no_more_calls_than_it_may() {
    let provider = Provider::start(|_, _| {
        std::thread::park_timeout(Duration::from_millis(300));
        Some(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec())
    });
    let mut bank = bank(&provider.url());
    bank.upstream.max_in_flight = 2;
    let house = House::start([Unit::Api(bank)]);
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| get(house.address, "/bank/echo", "").status)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 503, 503]);
}

#[test]
fn answers_that_make_no_sense_are_not_passed_on() {
    let provider = Provider::start(|head, _| {
        let text = match head.split(' ').nth(1).unwrap_or_default() {
            "/echo/two-lengths" => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
            "/echo/both" => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nok",
            "/echo/coding" => "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nok",
            "/echo/upgrade" => "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n",
            "/echo/noise" => "hello\r\n\r\n",
            "/echo/interim" => {
                "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
            }
            "/echo/none" => "HTTP/1.1 204 No Content\r\n\r\n",
            _ => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
        };
        Some(text.as_bytes().to_vec())
    });
    let house = House::with([Unit::Api(bank(&provider.url()))], |o| o.breaker.calls_min = 1000);
    for path in ["two-lengths", "both", "coding", "upgrade", "noise"] {
        let reply = get(house.address, &format!("/bank/echo/{path}"), "");
        assert_eq!((reply.status, reply.code().as_str()), (502, "gateway.upstream_failed"), "{path}");
    }
    assert_eq!(get(house.address, "/bank/echo/interim", "").body, b"ok");
    assert_eq!(get(house.address, "/bank/echo/none", "").status, 204);
    for _ in 0..5 {
        assert_eq!(get(house.address, "/bank/echo/extra", "").body, b"ok", "what nobody asked for reaches nobody");
    }
}
