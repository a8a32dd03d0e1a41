//! Field values between the record and the page. What is read is written back unchanged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::ActorId;
use gridpatrol_model::pack::Category;
use gridpatrol_model::schema::{FIELDS, Field, FieldNo, ValueType};
use gridpatrol_model::severity::Severity;
use gridpatrol_model::value::{Position as Place, Value as Stored};
use gridpatrol_model::workflow::Stage;

use super::grids::ring_of;
use super::marks::message_id;
use super::problems::{unknown_writes, wrong_value};
use super::view::View;
use crate::api::{
    Answer,
    cases::FieldForm,
    common::{EntityText, FieldValue, Position},
};

/// Text fields whose values are words of a closed list, with the prefix of their messages.
const CHOICES: [(FieldNo, &str); 5] = [
    (FieldNo::RESULT, "result"),
    (FieldNo::PLACE_KIND, "place-kind"),
    (FieldNo::GAP_BEFORE, "gap"),
    (FieldNo::NO_PREVIEW, "photo-no-preview"),
    (FieldNo::DAMAGE, "photo-damage"),
];

/// The name of a field, also of one that this version does not know.
pub(super) fn field_name(no: FieldNo) -> String {
    no.field().map_or_else(|| format!("field-{}", no.0), |field| field.name.to_owned())
}

pub(super) fn field_named(name: &str) -> Answer<&'static Field> {
    FIELDS.iter().find(|field| field.name == name).ok_or_else(unknown_writes)
}

fn choices(no: FieldNo) -> Option<&'static str> {
    CHOICES.iter().find(|(field, _)| *field == no).map(|(_, prefix)| *prefix)
}

impl View<'_> {
    pub fn value(&self, no: FieldNo, stored: &Stored) -> Answer<FieldValue> {
        if stored.is_null() {
            return Ok(FieldValue::Empty);
        }
        let shown = match no.field() {
            Some(field) => self.typed(field, stored)?,
            None => None,
        };
        Ok(shown.unwrap_or_else(|| FieldValue::Unknown { bytes: STANDARD.encode(stored.encoded()) }))
    }

    fn typed(&self, field: &Field, stored: &Stored) -> Answer<Option<FieldValue>> {
        Ok(match field.value {
            ValueType::Text(_) => stored.as_text().map(|text| match choices(field.no) {
                Some(prefix) => FieldValue::Choice { message: message_id(prefix, text) },
                None => FieldValue::Text { text: text.to_owned() },
            }),
            ValueType::Int => stored.as_int().map(|number| match Severity::from_code(number) {
                Some(severity) if field.no == FieldNo::SEVERITY => {
                    FieldValue::Choice { message: message_id("severity", severity.name()) }
                }
                _ => FieldValue::Number { number },
            }),
            ValueType::Bool => stored.as_bool().map(|flag| FieldValue::Flag { flag }),
            ValueType::Time => stored.as_int().map(|ms| FieldValue::Time { ms }),
            ValueType::Position => stored.as_position().map(|at| {
                let Position { lon, lat, accuracy_m } = position(at);
                FieldValue::Position { lon, lat, accuracy_m }
            }),
            ValueType::Entity => match stored.as_entity() {
                Some(id) => {
                    let title = self.reference(id)?.map(|record| record.title).unwrap_or_default();
                    Some(FieldValue::Record { id: EntityText(id.to_string()), title })
                }
                None => None,
            },
            ValueType::Actor => match stored.as_text().map(ActorId::new) {
                Some(Ok(id)) => {
                    let member = self.member(&id)?;
                    Some(FieldValue::Member { id: member.id, label: member.label })
                }
                _ => None,
            },
            ValueType::Scope => stored.as_text().and_then(|code| Scope::parse(code).ok()).map(|scope| {
                let name = match scope.grid() {
                    Some(grid) => self.grids.reference(&self.desk.divisions, grid).name,
                    None => self.desk.area(&scope).name,
                };
                FieldValue::Grid { code: scope.to_string(), name }
            }),
            ValueType::Category => Category::from_value(stored).map(|category| FieldValue::Category {
                standard_ref: category.standard_ref,
                kind: category.kind,
                code: category.code,
                name: category.name,
            }),
            ValueType::Stage => stored
                .as_int()
                .and_then(Stage::from_code)
                .map(|stage| FieldValue::Choice { message: message_id("stage", stage.name()) }),
            ValueType::Ring => {
                let ring: Vec<[f64; 2]> = ring_of(stored).iter().map(|at| degrees(*at)).collect();
                Some(FieldValue::Shape { geometry: serde_json::json!({ "type": "Polygon", "coordinates": [ring] }) })
            }
            // A photo or a block is shown through its record, a set of writes by what it decides.
            ValueType::Blob | ValueType::Bytes(_) | ValueType::Dots => None,
        })
    }
}

/// How a field of a case is written at the console.
pub(super) fn form(field: &Field) -> FieldForm {
    match field.value {
        _ if field.no == FieldNo::SEVERITY => {
            let options = Severity::ALL.map(|severity| message_id("severity", severity.name()));
            FieldForm::Choice { options: options.to_vec() }
        }
        ValueType::Text(most) if choices(field.no).is_none() => FieldForm::Text { most: most as u32 },
        _ => FieldForm::Fixed,
    }
}

/// The stored form of what a page sends for a field.
pub(super) fn stored(field: &Field, value: &FieldValue) -> Answer<Stored> {
    let stored = match (field.value, value) {
        (_, FieldValue::Empty) => Some(Stored::null()),
        (_, FieldValue::Unknown { bytes }) => {
            STANDARD.decode(bytes).ok().and_then(|bytes| Stored::from_encoded(&bytes).ok())
        }
        (ValueType::Text(most), FieldValue::Text { text }) => (text.len() <= most).then(|| Stored::text(text)),
        (ValueType::Text(_), FieldValue::Choice { message }) => {
            choices(field.no).and_then(|prefix| message.strip_prefix(prefix)?.strip_prefix('-')).map(Stored::text)
        }
        (ValueType::Int, FieldValue::Choice { message }) if field.no == FieldNo::SEVERITY => {
            let severity = message.strip_prefix("severity-").and_then(Severity::from_name);
            severity.map(|severity| Stored::int(severity.code()))
        }
        (ValueType::Int, FieldValue::Number { number }) => Some(Stored::int(*number)),
        (ValueType::Bool, FieldValue::Flag { flag }) => Some(Stored::bool(*flag)),
        (ValueType::Time, FieldValue::Time { ms }) => Some(Stored::int(*ms)),
        (ValueType::Position, FieldValue::Position { lon, lat, accuracy_m }) => place(*lon, *lat, *accuracy_m),
        (ValueType::Entity, FieldValue::Record { id, .. }) => id.0.parse().ok().map(Stored::entity),
        (ValueType::Actor, FieldValue::Member { id, .. }) => ActorId::new(id.clone()).ok().map(|id| Stored::actor(&id)),
        (ValueType::Scope, FieldValue::Grid { code, .. }) => {
            Scope::parse(code).ok().map(|scope| Stored::text(scope.as_str()))
        }
        (ValueType::Category, FieldValue::Category { standard_ref, kind, code, name }) => {
            let parts = [standard_ref, kind, code, name].map(|part| Stored::text(part));
            Some(Stored::list(&parts))
        }
        (ValueType::Ring, FieldValue::Shape { geometry }) => ring(geometry),
        _ => None,
    };
    stored.ok_or_else(wrong_value)
}

pub(super) fn position(at: Place) -> Position {
    Position {
        lon: f64::from(at.lon_e7) / 1e7,
        lat: f64::from(at.lat_e7) / 1e7,
        accuracy_m: at.accuracy_dm.map(|dm| f64::from(dm) / 10.0),
    }
}

pub(super) fn degrees(at: gridpatrol_geo::crs::E7) -> [f64; 2] {
    let at = at.to_wgs84();
    [at.lon(), at.lat()]
}

fn place(lon: f64, lat: f64, accuracy_m: Option<f64>) -> Option<Stored> {
    let at = gridpatrol_geo::crs::Wgs84::new(lon, lat).ok()?.to_e7();
    let accuracy_dm = match accuracy_m {
        Some(metres) if !(0.0..1e8).contains(&metres) => return None,
        metres => metres.map(|metres| (metres * 10.0).round() as u32),
    };
    Some(Stored::position(Place { lon_e7: at.lon(), lat_e7: at.lat(), accuracy_dm }))
}

/// The outer ring of a GeoJSON polygon.
fn ring(geometry: &serde_json::Value) -> Option<Stored> {
    let corners = geometry.get("coordinates")?.get(0)?.as_array()?;
    let mut numbers = Vec::with_capacity(corners.len() * 2);
    for corner in corners {
        let at = gridpatrol_geo::crs::Wgs84::new(corner.get(0)?.as_f64()?, corner.get(1)?.as_f64()?).ok()?.to_e7();
        numbers.extend([Stored::int(at.lon().into()), Stored::int(at.lat().into())]);
    }
    Some(Stored::list(&numbers))
}
