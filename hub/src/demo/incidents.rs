//! What goes wrong on such a day: two edit one field, one deletes what the other edits, one deletes what is not
//! hers to delete.

use gridpatrol_core::{FieldValue, NewCase};

use super::Result;
use super::journal::Journal;
use super::phone::Phone;

/// Cases that both phones have seen before the signal goes.
pub struct Shared {
    pub edited: String,
    pub deleted: String,
    pub guarded: String,
}

pub fn report(phone: &Phone, journal: &Journal) -> Result<Shared> {
    let report = |description: &str| {
        let case = NewCase {
            category: None,
            description: description.to_owned(),
            location_text: None,
            position: None,
            place: None,
            severity: Some(2),
            no_photo: None,
            self_handled: false,
            photos: Vec::new(),
        };
        journal.save(&phone.member, || phone.app.cases().report(case).map(|reported| reported.id))
    };
    Ok(Shared {
        edited: report("水库溢洪道旁护栏松动")?,
        deleted: report("村口路灯不亮")?,
        guarded: report("榕树下电线垂落")?,
    })
}

/// Both phones act on the shared cases without knowing of each other.
pub fn clash(one: &Phone, two: &Phone, shared: &Shared, journal: &Journal) -> Result<()> {
    describe(one, &shared.edited, "水库溢洪道旁护栏松动约三米，已拉警戒线", journal)?;
    describe(two, &shared.edited, "水库溢洪道旁护栏松动，有一根立柱断裂", journal)?;
    delete(one, &shared.deleted)?;
    describe(two, &shared.deleted, "村口路灯不亮，灯杆底座也裂了", journal)?;
    // Only its author or a supervisor may delete it: this one is held.
    delete(two, &shared.guarded)?;
    Ok(())
}

/// Deletes what the phone shows.
fn delete(phone: &Phone, case: &str) -> Result<()> {
    let cases = phone.app.cases();
    cases.delete(case, cases.detail(case)?.shown)?;
    Ok(())
}

fn describe(phone: &Phone, case: &str, text: &str, journal: &Journal) -> Result<()> {
    let cases = phone.app.cases();
    let shown = cases.detail(case)?.fields.into_iter().find(|field| field.field == "description");
    let shown = shown.map(|field| field.dot);
    let value = FieldValue::Text { text: text.to_owned() };
    journal.edit(&phone.member, case, text, || cases.edit(case, "description", shown, value))?;
    Ok(())
}
