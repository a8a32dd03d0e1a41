//! A day of one member, played through the core: a walk with its gaps, places, problems, photos.

use std::path::{Path, PathBuf};

use gridpatrol_core::{CategoryId, Fix, GapCause, InspectionResult, NewCase, NewInspection, NewPhoto, Place, Position};
use gridpatrol_world::{Finding, Shot, Visit, Walk, World};

use super::Result;
use super::journal::Journal;
use super::phone::Phone;

/// Fixes saved together: what a walk gives in ten seconds.
const FIXES: usize = 2;

/// One in so many places that are all right is photographed.
const PICTURED: usize = 3;

/// Where the demo's cameras put their files, and how many there are so far.
pub struct Camera<'a> {
    pub world: &'a World,
    pub folder: PathBuf,
    shots: usize,
}

impl<'a> Camera<'a> {
    pub fn new(world: &'a World, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Camera { world, folder: folder.to_owned(), shots: 0 })
    }

    /// Takes a synthetic photo and says where its file lies.
    fn shoot(&mut self, shot: Shot) -> Result<PathBuf> {
        self.shots += 1;
        let path = self.folder.join(format!("IMG_{:04}.jpg", self.shots));
        std::fs::write(&path, self.world.photo_of(self.shots, shot))?;
        Ok(path)
    }
}

/// What a day needs beside the phone.
pub struct Player<'a> {
    pub world: &'a World,
    pub journal: &'a Journal,
    pub camera: Camera<'a>,
    /// Photos with the files that they were taken in from.
    pub photos: Vec<(String, PathBuf)>,
}

impl Player<'_> {
    /// Plays the first `share` of a walk and leaves it running.
    pub fn walk(&mut self, phone: &Phone, walk: &Walk, share: Share) -> Result<()> {
        let patrols = phone.app.patrols();
        phone.clock.set(walk.started_ms);
        let patrol = match patrols.running()? {
            Some(running) => running.id,
            None => {
                let member = phone.at.ok_or("only members of the world walk")?;
                let scope = self.world.grids[member].code.to_string();
                self.journal.save(&phone.member, || patrols.start(&scope, None))?
            }
        };
        let known = phone.app.places().all(None)?;
        let until_ms = share.until_ms(walk);
        let mut visits = share.of(&walk.visits).iter().peekable();
        for segment in &walk.track.segments {
            if let Some(gap) = &segment.gap_before
                && share.covers(gap.from_ms.unwrap_or(walk.started_ms), until_ms)
            {
                self.gap(phone, &patrol, gap.cause)?;
            }
            let of_share = segment.fixes.iter().filter(|fix| share.covers(fix.time_ms.unwrap_or(0), until_ms));
            let fixes: Vec<Fix> = of_share.map(as_given).collect();
            for part in fixes.chunks(FIXES) {
                let now_ms = part.last().and_then(|fix| fix.time_ms).unwrap_or(walk.started_ms);
                while let Some(visit) = visits.next_if(|visit| visit.left_ms <= now_ms) {
                    self.visit(phone, visit, &known)?;
                }
                phone.clock.set(now_ms);
                patrols.add_fixes(&patrol, part.to_vec())?;
            }
        }
        visits.try_for_each(|visit| self.visit(phone, visit, &known))
    }

    pub fn end(&mut self, phone: &Phone, walk: &Walk) -> Result<()> {
        phone.clock.set(walk.ended_ms);
        let patrols = phone.app.patrols();
        if let Some(running) = patrols.running()? {
            patrols.end(&running.id)?;
        }
        Ok(())
    }

    fn gap(&self, phone: &Phone, patrol: &str, cause: GapCause) -> Result<()> {
        let patrols = phone.app.patrols();
        if cause == GapCause::Paused {
            patrols.pause(patrol)?;
            patrols.resume(patrol)?;
        } else {
            patrols.fixes_stopped(patrol, cause)?;
        }
        Ok(())
    }

    fn visit(&mut self, phone: &Phone, visit: &Visit, known: &[Place]) -> Result<()> {
        phone.clock.set(visit.left_ms);
        let place = &self.world.places[visit.place];
        let Some(known) = known.iter().find(|known| known.name == place.name) else { return Ok(()) };
        let position = visit.fix.as_ref().map(at);
        let places = phone.app.places();
        let inspect = |result, note: Option<&str>| {
            let note = note.map(str::to_owned);
            let new = NewInspection { place: known.id.clone(), result, note, position, checklist: Vec::new() };
            self.journal.save(&phone.member, || places.inspect(new))
        };
        match &visit.finding {
            Finding::Normal => {
                let seen = self.journal.save(&phone.member, || places.normal(&known.id, position))?;
                if visit.place.is_multiple_of(PICTURED) {
                    self.photo(phone, &seen, visit)?;
                }
            }
            Finding::Unreachable => {
                inspect(InspectionResult::Unreachable, Some("门锁着，没有人应"))?;
            }
            Finding::Problem(problem) => {
                let seen = inspect(InspectionResult::Problem, Some(problem.description))?;
                self.photo(phone, &seen, visit)?;
                let case = NewCase {
                    category: Some(CategoryId {
                        standard_ref: problem.standard_ref.to_owned(),
                        kind: problem.kind.to_owned(),
                        code: problem.code.to_owned(),
                    }),
                    description: problem.description.to_owned(),
                    location_text: Some(place.name.clone()),
                    position,
                    place: Some(known.id.clone()),
                    severity: None,
                    no_photo: None,
                    self_handled: problem.self_handled,
                    photos: Vec::new(),
                };
                let case =
                    self.journal.save(&phone.member, || phone.app.cases().report(case).map(|reported| reported.id))?;
                self.photo(phone, &case, visit)?;
            }
        }
        Ok(())
    }

    /// A photo of a record, where its category takes one.
    pub fn photo(&mut self, phone: &Phone, of: &str, visit: &Visit) -> Result<()> {
        let shot = Shot { position: visit.fix.as_ref().map(|fix| fix.at), taken_ms: Some(visit.left_ms) };
        let path = self.camera.shoot(shot)?;
        let new = NewPhoto {
            path: path.to_string_lossy().into_owned(),
            of: of.to_owned(),
            library: false,
            position: visit.fix.as_ref().map(at),
        };
        match self.journal.save(&phone.member, || phone.app.photos().add(new).map(|added| added.id)) {
            Ok(id) => self.photos.push((id, path)),
            Err(error) if error.message() == "error-photo-not-for-category" => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

/// How much of a walk is played.
#[derive(Clone, Copy)]
pub enum Share {
    Whole,
    FirstHalf,
    SecondHalf,
}

impl Share {
    fn of(self, visits: &[Visit]) -> &[Visit] {
        let middle = visits.len() / 2;
        match self {
            Share::Whole => visits,
            Share::FirstHalf => &visits[..middle],
            Share::SecondHalf => &visits[middle..],
        }
    }

    /// When the first half ends.
    fn until_ms(self, walk: &Walk) -> i64 {
        let middle = walk.visits.len() / 2;
        walk.visits[..middle].last().map_or(walk.started_ms, |visit| visit.left_ms)
    }

    fn covers(self, ms: i64, until_ms: i64) -> bool {
        match self {
            Share::Whole => true,
            Share::FirstHalf => ms <= until_ms,
            Share::SecondHalf => ms > until_ms,
        }
    }
}

fn at(fix: &gridpatrol_geo::track::Fix) -> Position {
    Position { lon_e7: fix.at.lon(), lat_e7: fix.at.lat(), accuracy_dm: fix.accuracy_dm }
}

/// A fix as the receiver gives it: satellites have their own time.
fn as_given(fix: &gridpatrol_geo::track::Fix) -> Fix {
    Fix {
        time_ms: fix.time_ms,
        lon_e7: fix.at.lon(),
        lat_e7: fix.at.lat(),
        ele_dm: fix.ele_dm,
        accuracy_dm: fix.accuracy_dm,
        speed_cms: fix.speed_cms,
        heading_cdeg: fix.heading_cdeg,
        mock: fix.mock,
        moving: fix.moving,
    }
}
