//! Advice on how often to ask for a position, and the energy it may cost.

use std::collections::{BTreeMap, VecDeque};

use gridpatrol_geo::sampling::{Advice, Priority, Sampler, Scene, Signs, Warrant};
use gridpatrol_model::ids::{ActorId, Dot, EntityId, ReplicaId};
use gridpatrol_model::record::{FieldState, Record, Write};
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::time::{EffectiveTime, TimeQuality};
use gridpatrol_model::value::Value;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

fn member() -> ActorId {
    ActorId::new("m-440783108224-03").expect("a member's id")
}

fn patrol(fields: &[FieldNo]) -> Record {
    let write = |no: &FieldNo| Write {
        dot: Dot { replica: ReplicaId([1; 16]), rseq: 1, tag: [0; 8] },
        rank: 0,
        eff: EffectiveTime { ms: 0, quality: TimeQuality::Wall },
        author: member(),
        value: Value::int(i64::from(no.0)),
        pending: false,
    };
    let mut record = Record::new(EntityId([7; 16]));
    (record.kind, record.author) = (Some(RecordKind::PATROL), Some(member()));
    let state = |no| FieldState { live: vec![write(no)], ..FieldState::default() };
    record.fields.extend(fields.iter().map(|no| ((*no).into(), state(no))));
    record
}

fn on_patrol() -> Warrant {
    Warrant::patrol(&patrol(&[FieldNo::STARTED]), &member()).expect("it runs")
}

fn flood(to_ms: i64) -> Warrant {
    Warrant::scene(Scene { allows_track: true, from_ms: 0, to_ms }, 0).expect("it is on")
}

#[test]
fn there_is_no_track_without_a_running_patrol_or_a_scene() {
    let running = patrol(&[FieldNo::STARTED]);
    assert!(Warrant::patrol(&running, &member()).is_some());
    assert_eq!(Warrant::patrol(&patrol(&[FieldNo::STARTED, FieldNo::ENDED]), &member()), None, "it ended");
    assert_eq!(Warrant::patrol(&patrol(&[]), &member()), None, "it never began");
    let other = ActorId::new("m-440783108224-04").expect("a member's id");
    assert_eq!(Warrant::patrol(&running, &other), None, "it is somebody else's");
    let inspection = Record { kind: Some(RecordKind::INSPECTION), ..running };
    assert_eq!(Warrant::patrol(&inspection, &member()), None);

    let scene = Scene { allows_track: true, from_ms: 100, to_ms: 200 };
    assert!(Warrant::scene(scene, 100).is_some());
    assert_eq!(Warrant::scene(scene, 99), None);
    assert_eq!(Warrant::scene(scene, 200), None);
    assert_eq!(Warrant::scene(Scene { allows_track: false, ..scene }, 150), None, "it allows check-ins only");
}

#[test]
fn a_scene_ends_at_its_end() {
    let mut sampler = Sampler::new(flood(HOUR), 0);
    assert!(sampler.advise(HOUR - 1, Signs::default()).is_some());
    assert_eq!(sampler.advise(HOUR, Signs::default()), None);
}

#[test]
fn each_state_has_its_advice() {
    let table = [
        (on_patrol(), true, 80, (3_000, Priority::High, 1_200)),
        (on_patrol(), false, 80, (60_000, Priority::Balanced, 60)),
        (on_patrol(), true, 10, (15_000, Priority::High, 240)),
        (on_patrol(), false, 10, (300_000, Priority::Balanced, 12)),
        (flood(HOUR), true, 80, (1_000, Priority::High, 3_600)),
        (flood(HOUR), false, 80, (30_000, Priority::High, 120)),
        (flood(HOUR), true, 10, (5_000, Priority::High, 720)),
        (flood(HOUR), false, 10, (120_000, Priority::Balanced, 30)),
    ];
    for (warrant, moving, battery, (interval_ms, priority, budget)) in table {
        let mut sampler = Sampler::new(warrant, 0);
        let signs = Signs { moving: Some(moving), battery_percent: Some(battery), ..Signs::default() };
        let expected = Advice { interval_ms, priority, budget };
        assert_eq!(sampler.advise(60_000, signs), Some(expected), "{warrant:?}, moving {moving}, {battery} %");
    }
}

#[test]
fn a_pause_at_a_door_changes_nothing_and_a_first_step_does_at_once() {
    let mut sampler = Sampler::new(on_patrol(), 0);
    let mut interval = |second: i64, speed: u32| {
        let signs = Signs { speed_cms: Some(speed), ..Signs::default() };
        sampler.advise(second * 1_000, signs).expect("the patrol runs").interval_ms
    };
    assert_eq!(interval(10, 120), 3_000);
    assert_eq!(interval(40, 0), 3_000, "half a minute at a door");
    assert_eq!(interval(50, 120), 3_000);
    assert_eq!(interval(109, 0), 3_000);
    assert_eq!(interval(110, 0), 60_000, "a minute without a step");
    assert_eq!(interval(170, 40), 60_000, "a lazy receiver is no step");
    assert_eq!(interval(230, 50), 3_000);
}

#[test]
fn the_sensor_is_believed_before_the_speed() {
    let mut sampler = Sampler::new(on_patrol(), 0);
    let still = Signs { moving: Some(false), speed_cms: Some(300), ..Signs::default() };
    assert_eq!(sampler.advise(60_000, still).map(|advice| advice.interval_ms), Some(60_000));
}

#[test]
fn a_battery_at_the_edge_does_not_flicker() {
    let mut sampler = Sampler::new(on_patrol(), 0);
    let mut budget = |battery_percent: Option<u8>, charging: bool| {
        let signs = Signs { moving: Some(true), battery_percent, charging, ..Signs::default() };
        sampler.advise(1_000, signs).expect("the patrol runs").budget
    };
    assert_eq!(budget(Some(20), false), 1_200);
    assert_eq!(budget(Some(19), false), 240);
    assert_eq!(budget(Some(24), false), 240);
    assert_eq!(budget(None, false), 240, "unknown is as before");
    assert_eq!(budget(Some(25), false), 1_200);
    assert_eq!(budget(Some(5), true), 1_200, "on a charger");
}

fn any_signs() -> impl Strategy<Value = Signs> {
    let speed = proptest::option::of(0..300_u32);
    (any::<Option<bool>>(), speed, proptest::option::of(0..=100_u8), any::<bool>()).prop_map(
        |(moving, speed_cms, battery_percent, charging)| Signs { moving, speed_cms, battery_percent, charging },
    )
}

proptest! {
    /// A shell that is given every sign there can be, asks at any moment, and takes each fix as soon as it may.
    #[test]
    fn no_hour_costs_more_than_the_budget_of_its_dearest_state(
        scene in any::<bool>(),
        asked in proptest::collection::vec((1..400_i64, any_signs()), 1..200),
        holds in 1..40_usize,
    ) {
        let mut sampler = Sampler::new(if scene { flood(i64::MAX) } else { on_patrol() }, 0);
        let (mut now, mut last_fix) = (0, None::<i64>);
        let mut hour = VecDeque::new();
        let mut last_of_budget = BTreeMap::new();
        for (place, (seconds, _)) in asked.iter().enumerate() {
            // Signs last for a while, as in life, or not at all.
            let signs = asked[place / holds * holds].1;
            for _ in 0..*seconds {
                now += 1_000;
                let advice = sampler.advise(now, signs).expect("the warrant lasts");
                last_of_budget.insert(advice.budget, now);
                if last_fix.is_none_or(|last| now - last >= advice.interval_ms) {
                    last_fix = Some(now);
                    hour.push_back(now);
                }
                while hour.front().is_some_and(|at| *at <= now - HOUR) {
                    hour.pop_front();
                }
                let dearest = last_of_budget.iter().rev().find(|(_, last)| **last > now - HOUR);
                let (dearest, _) = dearest.expect("an advice was just given");
                prop_assert!(hour.len() <= *dearest as usize, "{} fixes of {dearest} in the hour to {now}", hour.len());
            }
        }
    }
}
