//! The laws of the merge: random histories of phones and a hub, with everything that goes wrong between them,
//! end with the same bytes everywhere and lose nothing that anybody was not shown.
//!
//! Model-based on purpose: phones and hub are small stand-ins for the store and the log, and all that decides
//! is the real `intake`, `fold` and `author`. `GRIDPATROL_HISTORIES` and `GRIDPATROL_SEED` run more, or others.

mod action;
mod apply;
mod cast;
mod desk;
mod fault;
mod found;
mod history;
mod hub;
mod laws;
mod mutants;
mod oracle;
mod phone;
mod pull;
mod run;
mod spoil;

use fault::Fault;

#[test]
fn random_histories_keep_every_law() {
    let histories = run::wanted();
    let report = run::run(Fault::None, histories);
    if let Some(found) = report.broken {
        let actions: Vec<String> = found.actions.iter().map(|action| format!("{action:?}")).collect();
        panic!("history {} breaks a law: {}\nshrunk to\n{}", report.histories, found.law, actions.join("\n"));
    }
    println!("{} histories, {} ops and {} rows kept every law", report.histories, report.ops, report.rows);
}
