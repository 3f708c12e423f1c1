use super::*;
use crate::world::World;
use pano_crypto::VerifyingKey;
use pano_types::Secret;
use pano_types::clock::SeededEntropy;
use proptest::prelude::{prop_assert, proptest};

fn parcel(scheme: Scheme, generations: Vec<u32>) -> Parcel {
    let (at, entropy) = (Instant::from_unix_seconds(1_614_265_330), SeededEntropy::new(1));
    Parcel {
        id: WebhookDeliveryId::new(at, &entropy),
        event: EventId::new(at, &entropy),
        payload: r#"{"test": 2432232314}"#.to_owned(),
        url: "https://partner.example/".to_owned(),
        endpoint: WebhookEndpointId::new(at, &entropy),
        scheme,
        generations,
    }
}

#[test]
fn the_symmetric_signature_is_that_of_standard_webhooks() {
    // The example of the specification's reference implementations.
    let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let parts: [&[u8]; 5] = [b"msg_p5jXN8AQM9LWM0D4loKWxJek", b".", b"1614265330", b".", br#"{"test": 2432232314}"#];
    let signed = STANDARD.encode(hmac_sha256(&secret, &parts));
    assert_eq!(signed, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn both_secrets_sign_after_a_rotation_and_each_verifies() {
    let (keys, at) = (Keys::new(Secret::new("of the bank".to_owned())), Instant::from_unix_seconds(1_614_265_330));
    for scheme in [Scheme::V1, Scheme::V1a] {
        let parcel = parcel(scheme, vec![2, 1]);
        let headers = sign(&keys, &parcel, at).unwrap();
        assert_eq!(headers["webhook-id"], parcel.event.to_string().as_str());
        assert_eq!(headers["webhook-timestamp"], "1614265330");
        let message = format!("{}.1614265330.{}", parcel.event, parcel.payload);
        let signatures = headers["webhook-signature"].to_str().unwrap().split(' ');
        for (signature, generation) in signatures.zip([2, 1]) {
            let (version, value) = signature.split_once(',').unwrap();
            let value = STANDARD.decode(value).unwrap();
            let endpoint = parcel.endpoint.to_string();
            match scheme {
                Scheme::V1 => {
                    let secret = keys.endpoint_secret(&endpoint, generation).unwrap();
                    let want = hmac_sha256(secret.as_slice(), &[message.as_bytes()]);
                    assert_eq!((version, value.as_slice()), ("v1", want.as_slice()));
                }
                Scheme::V1a => {
                    let key = keys.endpoint_key(&endpoint, generation).unwrap();
                    VerifyingKey::new(key.public()).unwrap().verify(message.as_bytes(), &value).unwrap();
                    assert_eq!(version, "v1a");
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn pauses_are_those_of_the_schedule_and_differ(tries in 1u32..200, drawn: u128) {
        let least = PAUSES.get(tries as usize - 1).map(|seconds| Duration::from_secs(*seconds));
        match (pause(tries, drawn), least) {
            (Some(pause), Some(least)) => prop_assert!(pause >= least && pause < least + least / 4),
            (pause, least) => prop_assert!(pause.is_none() && least.is_none()),
        }
    }
}

/// What became of an endpoint whose only attempts failed at these hours.
fn failing_at(hours: &[u64]) -> bool {
    let start = Instant::from_unix_seconds(1_614_265_330);
    let mut world = World::new(start);
    let id = WebhookEndpointId::new(start, &SeededEntropy::new(1));
    world.put(Endpoint {
        id,
        app: "app".to_owned(),
        url: "https://partner.example/".to_owned(),
        event_types: Vec::new(),
        scheme: Scheme::V1,
        enabled: true,
        generation: 1,
        previous_until: None,
        failing_since: None,
        attempted_at: None,
        crowded_out: 0,
        created_at: start,
    });
    for (seed, hour) in (0..).zip(hours) {
        let now = start.plus(Duration::from_secs(hour * 3_600));
        let mut call = Call::new(&mut world, "app", seed);
        call.event("bank.payment.settled", "pay_1", serde_json::Value::Null);
        let delivery = call.world.pending_deliveries().last().unwrap().id;
        let attempt = Attempt { at: now, status: Some(500), failure: None, duration_ms: 1 };
        note(&mut call, delivery, attempt, now);
    }
    world.get::<Endpoint>(&id).unwrap().enabled
}

#[test]
fn an_endpoint_is_switched_off_for_what_was_tried_and_failed() {
    assert!(failing_at(&[0, 24, 48, 72, 96]), "not yet five days");
    assert!(!failing_at(&[0, 24, 48, 72, 96, 120]));
    assert!(failing_at(&[0, 240]), "nothing was tried meanwhile");
    assert!(failing_at(&[0, 24, 240, 264]));
    let schedule: Vec<u64> = PAUSES
        .iter()
        .scan(0, |at, pause| {
            Some({
                *at += pause * 5 / 4;
                *at / 3_600
            })
        })
        .collect();
    assert!(failing_at(&schedule), "one dead letter is no reason: {schedule:?}");
}
