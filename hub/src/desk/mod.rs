//! The desks behind the console: every question and decision of the contract, answered from the cell.
//!
//! Blocking. Only [`Desk::log_in`] and [`Desk::session`] make a [`Session`], and nothing else is answered
//! without one: each question is put to a [`View`], which is one committed state of the cell seen through the
//! session's areas. Decisions are jobs of the cell's writer.

mod areas;
mod case_page;
mod cases;
mod conflicts;
mod coverage;
mod grid_check;
mod grids;
mod ground;
mod held;
mod looks;
mod map;
mod marks;
mod paging;
mod patrol_files;
mod patrol_page;
mod patrols;
mod people;
mod photos;
mod places;
mod problems;
mod receipts;
mod sessions;
mod settle;
mod shown_track;
mod status;
mod steps;
mod timeline;
mod track;
mod values;
mod verify;
mod view;
mod walked;

use std::sync::{Arc, Mutex};

use gridpatrol_model::divisions::Divisions;
use gridpatrol_model::message::{Lang, Messages};

use crate::api::{Answer, session::SessionInfo};
use crate::blobs::Blobs;
use crate::cell::{Batch, Cell, CellError, people::Supervisor};
use crate::deadlines::Deadlines;
use crate::door::Door;
use grids::Grids;
use ground::Ground;
use looks::Looks;
use sessions::Guesses;
use track::Outside;
use view::View;

/// Who asks. The areas of the supervisor bound every answer.
pub struct Session {
    pub(crate) token: String,
    pub(crate) info: SessionInfo,
    supervisor: Supervisor,
}

pub struct Desk {
    cell: Arc<Cell>,
    blobs: Blobs,
    door: Door,
    divisions: Divisions,
    deadlines: Deadlines,
    zh: Messages,
    en: Messages,
    guesses: Guesses,
    grids: Mutex<Option<Arc<Grids>>>,
    outside: Mutex<Outside>,
    ground: Mutex<Option<Arc<Ground>>>,
    looks: Mutex<Looks>,
    /// One file is decoded at a time: each may take the memory of a large picture.
    verifying: Mutex<()>,
    /// One file of grids is checked at a time: a large one takes seconds.
    checking: Mutex<()>,
}

impl Desk {
    pub fn new(cell: Arc<Cell>, blobs: Blobs, door: Door) -> Self {
        Desk {
            cell,
            blobs,
            door,
            divisions: Divisions::jiangmen(),
            deadlines: Deadlines::shipped(),
            zh: Messages::new(Lang::Zh),
            en: Messages::new(Lang::En),
            guesses: Guesses::default(),
            grids: Mutex::new(None),
            outside: Mutex::new(Outside::default()),
            ground: Mutex::new(None),
            looks: Mutex::new(Looks::default()),
            verifying: Mutex::new(()),
            checking: Mutex::new(()),
        }
    }

    /// Puts a question to one committed state.
    fn ask<T>(&self, session: &Session, question: impl FnOnce(&View<'_>) -> Answer<T>) -> Answer<T> {
        self.cell.read(|state| Ok(View::new(self, session, state).and_then(|view| question(&view))))?
    }

    /// Decides in the writer; answered after the commit.
    fn decide<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Batch<'_>) -> Result<T, CellError> + Send + 'static,
    ) -> Answer<T> {
        Ok(self.cell.write(job)?)
    }
}
