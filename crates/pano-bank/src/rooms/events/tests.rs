use super::*;
use pano_types::Instant;
use pano_types::clock::SeededEntropy;

const NOW: Instant = Instant::from_unix_micros(1_772_400_000_000_000);

/// A world with an endpoint that wants everything.
fn world() -> (World, WebhookEndpointId) {
    let (mut world, id) = (World::new(NOW), WebhookEndpointId::new(NOW, &SeededEntropy::new(1)));
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
        created_at: NOW,
    });
    (world, id)
}

fn happen(world: &mut World, seed: u64) {
    Call::new(world, "app", seed).event("bank.payment.settled", "pay_1", json!({}));
    world.keep().unwrap();
}

fn count(world: &World, state: DeliveryState, reason: Option<Reason>) -> usize {
    world.all::<Delivery>().filter(|one| one.state == state && one.reason == reason).count()
}

#[test]
fn what_waits_is_given_up_only_when_too_much_waits_and_that_is_told() {
    let (mut world, id) = world();
    for seed in 0..1_010 {
        happen(&mut world, seed);
        if seed < 10 {
            let last = world.pending_deliveries().last().unwrap().id;
            world.edit::<Delivery>(&last, |one| one.end(DeliveryState::Delivered, None, NOW));
        }
    }
    assert_eq!(count(&world, DeliveryState::Pending, None), 1_000, "what has ended takes no room");
    assert_eq!(count(&world, DeliveryState::Delivered, None), 10);
    let first = world.pending_deliveries().next().unwrap().id;
    for seed in 2_000..2_003 {
        happen(&mut world, seed);
    }
    assert_eq!(count(&world, DeliveryState::Pending, None), 1_000);
    assert_eq!(count(&world, DeliveryState::Dead, Some(Reason::Crowded)), 3);
    assert_eq!(world.get::<Delivery>(&first).unwrap().reason, Some(Reason::Crowded), "the oldest");
    assert_eq!(world.get::<Endpoint>(&id).unwrap().crowded_out, 3);
    // What has ended is bounded too.
    for seed in 3_000..4_000 {
        happen(&mut world, seed);
    }
    assert!(world.all::<Delivery>().count() <= 2_001);
    assert_eq!(world.get::<Endpoint>(&id).unwrap().crowded_out, 1_003, "counted, though no longer kept");
}

#[test]
fn ended_deliveries_are_kept_for_a_week_of_the_machine() {
    let (mut world, _) = world();
    happen(&mut world, 1);
    let one = world.pending_deliveries().next().unwrap().id;
    world.edit::<Delivery>(&one, |delivery| delivery.end(DeliveryState::Dead, Some(Reason::Exhausted), NOW));
    let later = NOW.plus(Duration::from_secs(365 * 86_400));
    world.set_clock(NOW, later);
    world.set_now(later);
    forget(&mut Call::of_the_bank(&mut world, 1), pano_types::Date::parse("2027-03-02").unwrap()).unwrap();
    assert!(world.get::<Delivery>(&one).is_some(), "the sandbox's clock was moved, that is all");
    world.set_machine(NOW.plus(Duration::from_secs(8 * 86_400)));
    forget(&mut Call::of_the_bank(&mut world, 1), pano_types::Date::parse("2027-03-02").unwrap()).unwrap();
    assert!(world.get::<Delivery>(&one).is_none());
}
