//! Who takes part, where, and which fields they write: few of each, so that histories collide.

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ActorId, HubSeq};
use gridpatrol_model::intake::{Author, Grant};
use gridpatrol_model::op::FieldKey;
use gridpatrol_model::schema::FieldNo;
use gridpatrol_model::time::TimeEvidence;
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::{Role, Stage};

/// Phones that a history begins with, one for each member; the last author is the office.
pub const PHONES: usize = 4;
pub const OFFICE: usize = PHONES;

pub const STEPS: [Stage; 6] =
    [Stage::SelfHandled, Stage::Accepted, Stage::Dispatched, Stage::Signed, Stage::Handled, Stage::Returned];

const COUNTER: FieldNo = FieldNo(900);
const TAGS: FieldNo = FieldNo(901);

pub fn villages() -> [Scope; 2] {
    ["440783108224", "440783108225"].map(|code| Scope::parse(code).expect("a village of Kaiping"))
}

/// What a member's phone subscribes to.
pub fn scopes(member: usize) -> Vec<Scope> {
    let [a, b] = villages();
    match member {
        0 => vec![a],
        1 => vec![b],
        _ => vec![a, b],
    }
}

pub fn author(member: usize, revoked: bool) -> Author {
    let role = [Role::Member, Role::Member, Role::Lead, Role::Handler, Role::Supervisor][member];
    Author { actor: actor(member), role, areas: grants(scopes(member)), revoked }
}

pub fn actor(member: usize) -> ActorId {
    ActorId::new(["仲和·01", "仲和·02", "lead", "handler", "office"][member]).expect("short")
}

fn grants(scopes: Vec<Scope>) -> Vec<Grant> {
    scopes.into_iter().map(|scope| Grant { scope, until: None }).collect()
}

/// A register, a supervisors' field, two lines of a checklist, a field that members may not write, and two
/// of a newer version: one written like a counter, one like a set.
pub fn field(nth: u8) -> FieldKey {
    match nth % 7 {
        0 => FieldNo::DESCRIPTION.into(),
        1 => FieldNo::SEVERITY.into(),
        2 => FieldKey::item(FieldNo::CHECKLIST, "门锁"),
        3 => FieldKey::item(FieldNo::CHECKLIST, "消防栓"),
        4 => FieldNo::INTERVAL_DAYS.into(),
        5 => COUNTER.into(),
        _ => FieldKey::item(TAGS, "水"),
    }
}

/// Few values, so that two authors often write the same one; now and then one that the field cannot hold.
pub fn value(key: &FieldKey, nth: u8) -> Value {
    match (key.no, nth % 8) {
        (_, 7) => Value::null(),
        (FieldNo::SEVERITY | FieldNo::INTERVAL_DAYS, 6) => Value::text("不是数字"),
        (FieldNo::SEVERITY | FieldNo::INTERVAL_DAYS | COUNTER, n) => Value::int((n % 3).into()),
        (TAGS, _) => Value::bool(true),
        (_, n) => Value::text(["甲", "乙", "丙"][usize::from(n % 3)]),
    }
}

/// A counter's delta replaces nothing, whatever is displayed.
pub fn is_delta(key: &FieldKey) -> bool {
    key.no == COUNTER
}

pub fn time(clock: i64, skew: u8) -> TimeEvidence {
    let wall_ms = clock * 1_000 + i64::from(skew % 4) * 7_000;
    TimeEvidence { wall_ms, boot_id: 1, mono_ms: clock.unsigned_abs(), gnss_ms: None }
}

/// The seq of the row at index `at` of a log that began its epochs at these indices.
pub fn seq_at(epochs: &[usize], at: usize) -> HubSeq {
    let epoch = epochs.iter().rposition(|start| *start <= at).expect("the first epoch starts at 0");
    HubSeq { epoch: epoch as u32 + 1, n: at as u64 + 1 }
}
