//! A world of phones and a hub, and what an action does to it.

use std::collections::{BTreeMap, BTreeSet};

use gridpatrol_model::ids::{Dot, EntityId, ReplicaId};
use gridpatrol_model::record::Record;
use gridpatrol_model::row::Decision;

use crate::action::{Action, Fate};
use crate::cast::{self, OFFICE, PHONES};
use crate::fault::Fault;
use crate::hub::{Hub, Push};
use crate::oracle::Written;
use crate::phone::Phone;
use crate::pull::PullReply;

/// Clones make more phones, up to this many.
const MOST_PHONES: usize = 6;

pub struct World {
    pub fault: Fault,
    pub hub: Hub,
    pub phones: Vec<Phone>,
    images: Vec<Option<Phone>>,
    last_page: Vec<Option<PullReply>>,
    on_the_way: Vec<Push>,
    /// Pages that the console has open.
    pub pages: BTreeMap<EntityId, Record>,
    pub clock: i64,
    fresh: u8,
    /// Every op that was ever saved, with what its author was shown.
    pub written: BTreeMap<Dot, Written>,
    /// Ops of which the only copy may have gone with a rewound phone or with the hub's own disk.
    pub excused: BTreeSet<Dot>,
    /// Decisions that a phone held when the hub lost them.
    pub to_return: BTreeSet<Dot>,
}

impl World {
    pub fn new(fault: Fault) -> Self {
        let mut hub = Hub::new(fault);
        let phones: Vec<Phone> = (0..PHONES).map(|at| Phone::new(fault, at, ReplicaId([at as u8 + 1; 16]))).collect();
        for at in 0..PHONES {
            hub.members.insert(ReplicaId([at as u8 + 1; 16]), at);
        }
        World {
            fault,
            hub,
            images: vec![None; PHONES],
            last_page: vec![None; PHONES],
            phones,
            on_the_way: Vec::new(),
            pages: BTreeMap::new(),
            clock: 0,
            fresh: 0x10,
            written: BTreeMap::new(),
            excused: BTreeSet::new(),
            to_return: BTreeSet::new(),
        }
    }

    pub fn act(&mut self, action: &Action) {
        self.clock += 1;
        let phone = |nth: u8| usize::from(nth) % self.phones.len();
        match *action {
            Action::Push { phone: nth, limit, fate } => self.push(phone(nth), limit.into(), fate),
            Action::Pull { phone: nth, limit, fate } => self.pull(phone(nth), limit.into(), fate),
            Action::Late { nth } => self.late(nth),
            Action::Again { phone: nth } => {
                let at = phone(nth);
                if let Some(page) = self.last_page[at].clone() {
                    self.phones[at].pulled(page);
                }
            }
            Action::Clone { phone: nth } => self.copy(phone(nth)),
            Action::Image { phone: nth } => {
                let at = phone(nth);
                self.images[at] = Some(self.phones[at].clone());
            }
            Action::Rewind { phone: nth } => self.rewind(phone(nth)),
            Action::BackUp { behind } => {
                let rows = self.hub.committed(self.hub.rows.len().saturating_sub(behind.into()));
                self.hub.durable = self.hub.durable.max(rows);
            }
            Action::RestoreHub { more } => self.restore_hub(more),
            Action::Release { held } => self.decide(held, false),
            Action::SendBack { held } => self.decide(held, true),
            Action::Revoke { phone: nth } => {
                self.hub.revoked.insert(self.phones[phone(nth)].member);
            }
            _ => self.author(action),
        }
    }

    /// A replica id that nobody had, registered for a member.
    pub fn fresh_replica(&mut self, member: usize) -> ReplicaId {
        self.fresh += 1;
        let replica = ReplicaId([self.fresh; 16]);
        self.hub.members.insert(replica, member);
        replica
    }

    fn push(&mut self, at: usize, limit: usize, fate: Fate) {
        let request = self.phones[at].push(limit);
        let fresh = self.fresh_replica(self.phones[at].member);
        match fate {
            Fate::Delayed => self.on_the_way.push(request),
            Fate::ReplyLost => drop(self.hub.receive(&request)),
            Fate::Fine | Fate::Twice => {
                if fate == Fate::Twice {
                    self.on_the_way.push(request.clone());
                }
                let reply = self.hub.receive(&request);
                self.phones[at].pushed(request.handed_back.len(), &reply, fresh);
            }
        }
    }

    fn pull(&mut self, at: usize, limit: usize, fate: Fate) {
        let reply = self.hub.pull(&self.phones[at].pull(limit));
        if matches!(reply, PullReply::Page { .. }) {
            self.last_page[at] = Some(reply.clone());
        }
        if fate == Fate::Twice {
            self.phones[at].pulled(reply.clone());
        }
        if fate != Fate::ReplyLost && fate != Fate::Delayed {
            self.phones[at].pulled(reply);
        }
    }

    fn late(&mut self, nth: u8) {
        if !self.on_the_way.is_empty() {
            let request = self.on_the_way.remove(usize::from(nth) % self.on_the_way.len());
            self.hub.receive(&request);
        }
    }

    fn copy(&mut self, at: usize) {
        if self.phones.len() < MOST_PHONES {
            self.phones.push(self.phones[at].clone());
            self.images.push(None);
            self.last_page.push(None);
        }
    }

    /// The phone is put back to its image: what it alone knew since is gone for good.
    fn rewind(&mut self, at: usize) {
        let Some(image) = self.images[at].clone() else { return };
        let lost = std::mem::replace(&mut self.phones[at], image);
        self.excused.extend(lost.wrote.difference(&self.phones[at].wrote));
        let kept = lost.kept.iter().chain(lost.hand_back.iter().map(|(row, _)| row));
        for row in kept {
            self.to_return.remove(&row.dot);
            if self.hub.members[&row.dot.replica] == OFFICE || !self.wrote(row.dot) {
                self.excused.insert(row.dot);
            }
        }
    }

    fn wrote(&self, dot: Dot) -> bool {
        self.phones.iter().any(|phone| phone.outbox.iter().any(|pending| pending.dot == dot))
    }

    /// What the office wrote and no phone had pulled is lost with the hub's disk; all else has to come back.
    fn restore_hub(&mut self, more: u8) {
        let kept = self.hub.committed((self.hub.durable + usize::from(more)).min(self.hub.rows.len()));
        let lost = self.hub.rows[kept..].to_vec();
        let on_a_phone = |row: &&gridpatrol_model::row::Row, phone: &Phone| {
            let copies = phone.kept.iter().chain(phone.hand_back.iter().map(|(row, _)| row));
            copies.into_iter().any(|copy| copy.dot == row.dot && copy.decision.is_some() == row.decision.is_some())
        };
        for row in &lost {
            let survives = self.phones.iter().any(|phone| on_a_phone(&row, phone));
            match (&row.decision, survives) {
                (None, false) if self.hub.members[&row.dot.replica] == OFFICE => drop(self.excused.insert(row.dot)),
                (Some(_), true) => drop(self.to_return.insert(row.dot)),
                _ => {}
            }
        }
        self.hub.restore(kept);
        self.pages.clear();
    }

    fn decide(&mut self, nth: u8, back: bool) {
        let held = self.hub.held();
        if held.is_empty() {
            return;
        }
        let reason = back.then(|| "请补充地点".to_owned());
        let decision = Decision { by: cast::actor(OFFICE), reason, due_ms: back.then_some(self.clock) };
        self.hub.decide(held[usize::from(nth) % held.len()], decision, back);
    }

    /// The network is back: everybody syncs until nothing moves. False if that does not come to an end.
    pub fn heal(&mut self) -> bool {
        while !self.on_the_way.is_empty() {
            self.late(0);
        }
        for _ in 0..30 {
            self.hub.durable = self.hub.rows.len();
            for at in 0..self.phones.len() {
                self.pull(at, usize::MAX, Fate::Fine);
                self.push(at, usize::MAX, Fate::Fine);
                self.pull(at, usize::MAX, Fate::Fine);
            }
            let head = self.hub.head();
            let durable = self.hub.durable == self.hub.rows.len();
            let quiet =
                |phone: &Phone| phone.cursor.seq == head && phone.outbox.is_empty() && phone.hand_back.is_empty();
            if durable && self.phones.iter().all(quiet) {
                return true;
            }
        }
        false
    }
}
