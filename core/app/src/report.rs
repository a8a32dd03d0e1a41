//! Reporting a case: its words, its category and its photos in one call.

use gridpatrol_model::author;
use gridpatrol_model::pack::Category;
use gridpatrol_model::photo_rule::NoPhoto;
use gridpatrol_model::schema::{FieldNo, RecordKind};
use gridpatrol_model::value::Value;
use gridpatrol_model::workflow::Stage;
use gridpatrol_store::{Draft, Query};

use crate::cases::Cases;
use crate::catalogue::{self, CategoryChoice, CategoryId};
use crate::core::{checked, create, sets};
use crate::error::Result;
use crate::import::Rejected;
use crate::photos::{NewPhoto, PhotoAdded, Photos};
use crate::types::Position;

/// Cases among which recent categories are looked for.
const LATEST_CASES: usize = 200;

/// A case as it is reported. Everything but the words may be missing; saving never waits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct NewCase {
    pub category: Option<CategoryId>,
    pub description: String,
    pub location_text: Option<String>,
    pub position: Option<Position>,
    /// The place where it was found.
    pub place: Option<String>,
    pub severity: Option<i64>,
    /// Why no photo is taken of it: a person asked, or it is about minors.
    pub no_photo: Option<NoPhoto>,
    /// Solved on the spot: reported and self-handled in one save.
    pub self_handled: bool,
    /// Taken in once the case is saved.
    pub photos: Vec<CasePhoto>,
}

/// A photo of a case that is being reported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CasePhoto {
    /// The file; it stays untouched.
    pub path: String,
    /// Chosen from the library, not taken now: labelled so.
    pub library: bool,
    /// Where the phone was when the shell took it.
    pub position: Option<Position>,
}

/// A case that is saved, whatever became of its photos.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Reported {
    pub id: String,
    pub photos: Vec<PhotoAdded>,
    /// Those that are not saved; each can be added again by itself.
    pub rejected: Vec<Rejected>,
}

impl Cases {
    /// Categories to choose from.
    pub fn categories(&self) -> Vec<CategoryChoice> {
        catalogue::choices(&self.core)
    }

    /// The active categories of this member's latest cases, the latest first, each once.
    pub fn recent_categories(&self, limit: u32) -> Result<Vec<CategoryChoice>> {
        let latest = Query { kind: Some(RecordKind::CASE), limit: LATEST_CASES, ..Query::default() };
        let cases = self.core.store.list(&latest)?.items;
        let own = cases.iter().filter(|view| view.record.author.as_ref() == Some(self.core.member()));
        let used = own.filter_map(|view| Category::from_value(view.record.value(FieldNo::CATEGORY)?));
        let offered = catalogue::choices(&self.core);
        let mut recent: Vec<CategoryChoice> = Vec::new();
        for category in used {
            let choice = offered.iter().find(|choice| choice.id.key() == category.key());
            let fresh = choice.filter(|choice| !recent.contains(choice));
            recent.extend(fresh.cloned());
        }
        recent.truncate(limit as usize);
        Ok(recent)
    }

    /// Saves a case, then its photos. On a patrol it belongs to that patrol. A photo that cannot be taken in loses
    /// neither the case nor the others.
    pub fn report(&self, mut case: NewCase) -> Result<Reported> {
        let photos = std::mem::take(&mut case.photos);
        let id = self.save(case)?;
        let mut reported = Reported { id, photos: Vec::new(), rejected: Vec::new() };
        let adding = Photos { core: self.core.clone() };
        for CasePhoto { path, library, position } in photos {
            let photo = NewPhoto { path: path.clone(), of: reported.id.clone(), library, position };
            match adding.add(photo) {
                Ok(added) => reported.photos.push(added),
                Err(error) => reported.rejected.push(Rejected::of(path, &error)),
            }
        }
        Ok(reported)
    }

    fn save(&self, case: NewCase) -> Result<String> {
        let core = &self.core;
        let place = case.place.as_deref().map(|id| core.record_of(id, RecordKind::PLACE)).transpose()?;
        let scope = core.scope_for(place.as_ref().map(|place| &place.record), case.position)?;
        let category = case.category.as_ref().map(|id| catalogue::snapshot(core, id)).transpose()?;
        let patrol = core.walk()?.walk.as_ref().map(|walk| walk.patrol);
        let position = case.position.or_else(|| place.as_ref()?.record.value(FieldNo::POSITION)?.as_position());
        let fields = checked(sets([
            (FieldNo::PARENT, patrol.map(Value::entity)),
            (FieldNo::POSITION, position.map(Value::position)),
            (FieldNo::PLACE, place.map(|place| Value::entity(place.record.entity))),
            (FieldNo::STAGE, Some(Value::int(Stage::Reported.code().into()))),
            (FieldNo::CATEGORY, category.map(|category| category.to_value())),
            (FieldNo::DESCRIPTION, Some(Value::text(&case.description))),
            (FieldNo::LOCATION_TEXT, case.location_text.as_deref().map(Value::text)),
            (FieldNo::SEVERITY, case.severity.map(Value::int)),
            (FieldNo::NO_PHOTO, case.no_photo.map(|no| Value::text(no.word()))),
            (FieldNo::FOUND_AT, Some(Value::int(core.now().wall_ms))),
        ]))?;
        let saved = core.store.save(|batch| {
            let saved = batch.add(create(RecordKind::CASE, scope, fields))?;
            if case.self_handled {
                let shown = batch.record(saved.entity)?.expect("it was added in this batch").record;
                let kind = author::step(&shown, Stage::SelfHandled, None).expect("it was reported");
                batch.add(Draft { kind, entity: Some(saved.entity), scope, sets: Vec::new() })?;
            }
            Ok(saved)
        })?;
        Ok(saved.entity.to_string())
    }
}
