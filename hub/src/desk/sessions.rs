//! Logging in and out. The cookie holds the token, the cell only its hash.

use std::num::NonZeroU32;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use governor::clock::DefaultClock;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::problems::too_many_guesses;
use super::{Desk, Session};
use crate::api::{
    Answer,
    common::AreaRef,
    problem::Problem,
    session::{LogIn, SessionInfo},
};
use crate::cell::people::{self, Supervisor};

/// Guesses a minute for one name.
const GUESSES: NonZeroU32 = NonZeroU32::new(10).expect("not nought");
/// Names that are remembered before those that have had their rest are forgotten.
const NAMES: usize = 1_000;
/// Longer ones belong to nobody, and would be remembered.
const NAME_BYTES: usize = 64;

/// Slows down whoever tries passwords.
pub(super) struct Guesses {
    by_name: RateLimiter<String, HashMapStateStore<String>, DefaultClock>,
    /// One password is checked at a time: each takes 19 MiB, and a flood must not take the machine.
    checking: Mutex<()>,
}

impl Default for Guesses {
    fn default() -> Self {
        Guesses { by_name: RateLimiter::hashmap(Quota::per_minute(GUESSES)), checking: Mutex::new(()) }
    }
}

impl Guesses {
    fn admit(&self, name: &str) -> bool {
        if self.by_name.len() > NAMES {
            self.by_name.retain_recent();
        }
        name.len() <= NAME_BYTES && self.by_name.check_key(&name.to_owned()).is_ok()
    }
}

impl Desk {
    pub(crate) fn log_in(&self, who: &LogIn) -> Answer<Session> {
        if !self.guesses.admit(&who.name) {
            tracing::warn!("too many guesses of a password");
            return Err(too_many_guesses());
        }
        let fits = {
            let _one = self.guesses.checking.lock().map_err(|_| Problem::unavailable())?;
            self.cell.read(|state| people::check_password(state, &who.name, &who.password))?
        };
        if !fits {
            tracing::warn!("a log-in with a wrong name or password");
            return Err(Problem::wrong_password());
        }
        let (name, token) = (who.name.clone(), self.token());
        let kept = token.clone();
        self.decide(move |batch| batch.put_session(&name, &kept))?;
        self.session(&token)
    }

    pub(crate) fn session(&self, token: &str) -> Answer<Session> {
        let now_ms = self.cell.now_ms();
        let supervisor = self.cell.read(|state| people::supervisor(state, token, now_ms))?;
        let supervisor = supervisor.ok_or_else(Problem::no_session)?;
        Ok(Session { token: token.to_owned(), info: self.info(&supervisor), supervisor })
    }

    pub(crate) fn log_out(&self, session: &Session) -> Answer<()> {
        let token = session.token.clone();
        self.decide(move |batch| batch.end_session(&token))
    }

    /// 256 bits.
    fn token(&self) -> String {
        let mut token = [0; 32];
        (self.cell.ports.random)(&mut token);
        URL_SAFE_NO_PAD.encode(token)
    }

    fn info(&self, supervisor: &Supervisor) -> SessionInfo {
        let areas = supervisor.areas.scopes().iter();
        SessionInfo {
            name: supervisor.label.clone(),
            role: supervisor.role.name().to_owned(),
            areas: areas.map(|scope| self.area(scope)).collect(),
        }
    }

    /// An area by name, or by its code where the list of divisions does not have it.
    pub(super) fn area(&self, scope: &gridpatrol_model::area::Scope) -> AreaRef {
        let name = self.divisions.name(scope.area()).unwrap_or(scope.as_str());
        AreaRef { code: scope.to_string(), name: name.to_owned() }
    }
}
