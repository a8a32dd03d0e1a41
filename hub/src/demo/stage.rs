//! The county, its phones and the days that they play.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::ActorId;
use gridpatrol_world::{Walk, World};

use super::clock::{DayClock, Dice};
use super::county::{self, LogIn};
use super::day::{Camera, Player, Share};
use super::journal::Journal;
use super::phone::{Kept, Phone};
use super::{Result, child, incidents, password};
use crate::serve::Hub;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Beijing, the only zone of a Chinese county.
const ZONE_MS: i64 = 8 * HOUR_MS;

/// Three years, for the phone whose clock is wrong.
const WRONG_MS: i64 = -3 * 365 * DAY_MS;

/// Members of a village, at the most three or four: enough villages for the phones asked for.
const VILLAGES_MORE: u32 = 1;

pub struct Stage {
    pub world: World,
    pub phones: Vec<Phone>,
    pub log_ins: Vec<LogIn>,
    seed: u64,
    shared: incidents::Shared,
}

/// What the morning is set up with.
pub struct Morning<'a> {
    pub seed: u64,
    pub days: u32,
    pub dir: &'a Path,
    pub hub: &'a Hub,
    pub journal: &'a Journal,
}

impl Morning<'_> {
    /// Everybody is enrolled and has synced once, then the signal goes.
    pub fn set(&self, phones: u32, imports: bool) -> Result<Stage> {
        let mut world = World::with_villages(self.seed, (phones / 2 + VILLAGES_MORE) as usize);
        world.first_day_ms = first_day(self.days);
        county::furnish(&self.hub.cell, &world)?;
        let secrets = self.secrets();
        let log_ins = county::supervisors(&self.hub.cell, &world, || password(&secrets))?;
        let mut everybody = Vec::new();
        for at in 0..phones as usize {
            let member = world.members.get(at).ok_or("the villages have enough members")?;
            let note = match at {
                1 => "时钟错三年 clock 3 years wrong",
                _ if at + 1 == phones as usize => "存到一半断电 killed in a save",
                _ => "",
            };
            let area = Scope::parse(&member.scope.as_str()[..12])?;
            let member = Member { id: &member.id, label: &member.name, area, at: Some(at), note };
            everybody.push(self.enrol(&member, world.first_day_ms, &secrets)?);
        }
        if imports {
            let area = world.villages.first().ok_or("the county has villages")?.code.scope();
            let id = format!("m-{area}-90");
            let member = Member { id: &id, label: "导入的成员(演示)", area, at: None, note: "导入 imported" };
            everybody.push(self.enrol(&member, world.first_day_ms, &secrets)?);
        }
        sync(&everybody)?;
        let shared = incidents::report(&everybody[0], self.journal)?;
        sync(&everybody)?;
        Ok(Stage { world, phones: everybody, log_ins, seed: self.seed, shared })
    }

    /// Passwords and codes are of this run, whatever the seed.
    fn secrets(&self) -> Dice {
        let mut fresh = [0; 8];
        (self.hub.cell.ports.random)(&mut fresh);
        Dice::new(u64::from_le_bytes(fresh), 1)
    }

    fn enrol(&self, member: &Member<'_>, first_day_ms: i64, secrets: &Dice) -> Result<Phone> {
        let stream = 100 + member.at.map_or(99, |at| at as u64);
        let wrong_ms = if member.at == Some(1) { WRONG_MS } else { 0 };
        let clock = Arc::new(DayClock::new(first_day_ms + 6 * HOUR_MS, stream, wrong_ms));
        clock.set(morning_ms(self.days));
        let dir = self.dir.join("phones");
        let app = Kept { dir: &dir, member: member.id, seed: self.seed, stream }.open(clock.clone())?;
        let code = password(secrets);
        county::issue_code(&self.hub.cell, &ActorId::new(member.id)?, member.label, member.area, &code)?;
        app.sync().enrol(&format!("http://{}", self.hub.address), &code)?;
        let (member_id, label) = (member.id.to_owned(), member.label.to_owned());
        let (area, at, note) = (member.area, member.at, member.note);
        Ok(Phone { app, clock, member: member_id, label, area, at, note, dir })
    }
}

fn sync(phones: &[Phone]) -> Result<()> {
    phones.iter().try_for_each(|phone| Ok(phone.app.sync().run(&Default::default(), |_| ()).map(drop)?))
}

/// Before the first walk of the first day.
pub fn morning_ms(days: u32) -> i64 {
    first_day(days) + 7 * HOUR_MS
}

/// Midnight in Beijing of the first day: the last one is today, or yesterday before noon.
fn first_day(days: u32) -> i64 {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let today = (now_ms + ZONE_MS).div_euclid(DAY_MS) * DAY_MS - ZONE_MS;
    let last = if now_ms - today > 13 * HOUR_MS { today } else { today - DAY_MS };
    last - i64::from(days - 1) * DAY_MS
}

struct Member<'a> {
    id: &'a str,
    label: &'a str,
    area: Scope,
    at: Option<usize>,
    note: &'static str,
}

/// Plays all days, the incidents on the last one. Gives the photos with their files.
pub fn play(stage: &mut Stage, days: u32, journal: &Journal, dir: &Path) -> Result<Vec<(String, PathBuf)>> {
    let camera = Camera::new(&stage.world, &dir.join("camera"))?;
    let mut player = Player { world: &stage.world, journal, camera, photos: Vec::new() };
    let walkers = stage.phones.iter().filter(|phone| phone.at.is_some()).count();
    for day in 0..days {
        for (at, phone) in stage.phones[..walkers].iter_mut().enumerate() {
            let walk = stage.world.walk(at, day);
            if day + 1 == days && at + 1 == walkers {
                die_and_go_on(phone, &walk, stage.seed, &mut player)?;
            } else {
                player.walk(phone, &walk, Share::Whole)?;
            }
            player.end(phone, &walk)?;
        }
    }
    let (one, two) = (&stage.phones[0], &stage.phones[1]);
    incidents::clash(one, two, &stage.shared, journal)?;
    Ok(player.photos)
}

/// Half of a walk here, then a process that dies in the middle of a save, then the rest.
fn die_and_go_on(phone: &mut Phone, walk: &Walk, seed: u64, player: &mut Player<'_>) -> Result<()> {
    player.walk(phone, walk, Share::FirstHalf)?;
    phone.app.suspend();
    let (boot_ms, boot_id) = phone.clock.boot();
    let saved = child::spawn(&phone.dir, &phone.member, seed, boot_ms, boot_id, phone.clock.reading())?;
    player.journal.adopt(saved);
    phone.app.wake()?;
    if phone.app.patrols().running()?.is_none() {
        return Err("the patrol should still be on after the app died".into());
    }
    player.walk(phone, walk, Share::SecondHalf)
}
