//! Plays histories until one breaks a law, and shrinks that one.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::action::{Action, histories};
use crate::fault::Fault;
use crate::laws::{Broken, play};

pub struct Report {
    /// Histories played, the breaking one included.
    pub histories: usize,
    pub ops: usize,
    pub rows: usize,
    pub broken: Option<Found>,
}

pub struct Found {
    pub law: Broken,
    pub actions: Vec<Action>,
}

/// Histories in one run of the laws.
pub fn wanted() -> usize {
    from_env("GRIDPATROL_HISTORIES").unwrap_or(2_500)
}

fn from_env(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

pub fn run(fault: Fault, most: usize) -> Report {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(from_env("GRIDPATROL_SEED").unwrap_or(1) as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = histories(1..120);
    let (mut ops, mut rows) = (0, 0);
    for at in 1..=most {
        let tree = strategy.new_tree(&mut runner).expect("every draw is a history");
        match play(fault, &tree.current()) {
            Ok(world) => {
                ops += world.written.len();
                rows += world.hub.rows.len();
            }
            Err(law) => {
                let found = shrink(fault, tree, law);
                return Report { histories: at, ops, rows, broken: Some(found) };
            }
        }
    }
    Report { histories: most, ops, rows, broken: None }
}

/// Leaves out whatever the history breaks without, then makes what is left simple.
fn shrink(fault: Fault, tree: impl ValueTree<Value = Vec<Action>>, law: Broken) -> Found {
    let mut found = Found { law, actions: tree.current() };
    let mut chunk = found.actions.len() / 2;
    while chunk > 0 {
        let mut at = 0;
        while at < found.actions.len() {
            let mut fewer = found.actions.clone();
            fewer.drain(at..(at + chunk).min(fewer.len()));
            match play(fault, &fewer) {
                Err(law) => found = Found { law, actions: fewer },
                Ok(_) => at += chunk,
            }
        }
        chunk /= 2;
    }
    found
}
