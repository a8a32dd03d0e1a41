//! The one writer of a cell: a thread that takes what waits, runs it in one transaction and answers after the
//! commit. Grouping is worth a factor of four against one fsync a request (measured 2026-11).

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};

use super::batch::{Batch, Head};
use super::{CellError, Ports, Result};
use crate::deadlines::Deadlines;

/// Jobs in one transaction: enough to share an fsync, few enough that the first does not wait long.
const GROUP: usize = 256;

/// What a job leaves to be told to its caller after the commit (`None`) or instead of it.
type Answer = Box<dyn FnOnce(Option<CellError>) + Send>;
type Job = Box<dyn FnOnce(&mut Batch<'_>) -> Answer + Send>;

pub(super) struct Writer {
    jobs: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(mut connection: Connection, ports: Ports) -> Result<Self> {
        let mut head = Head::load(&connection, &ports)?;
        let deadlines = Deadlines::shipped();
        let (jobs, waiting) = sync_channel::<Job>(GROUP);
        let thread = std::thread::Builder::new()
            .name("cell-writer".into())
            .spawn(move || {
                while let Ok(first) = waiting.recv() {
                    commit_group(&mut connection, &mut head, (&ports, &deadlines), first, &waiting);
                }
            })
            .map_err(|_| CellError::Stopped)?;
        Ok(Writer { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Batch<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = sync_channel(1);
        let job: Job = Box::new(move |batch| {
            let outcome = batch.in_savepoint(job);
            // A caller that went away does not undo what it asked for.
            Box::new(move |failed| drop(tell.send(failed.map_or(outcome, Err))))
        });
        self.jobs.as_ref().ok_or(CellError::Stopped)?.send(job).map_err(|_| CellError::Stopped)?;
        told.recv().map_err(|_| CellError::Stopped)?
    }
}

impl Drop for Writer {
    /// Lets what was accepted finish.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn commit_group(
    connection: &mut Connection,
    head: &mut Head,
    (ports, deadlines): (&Ports, &Deadlines),
    first: Job,
    waiting: &Receiver<Job>,
) {
    let before = *head;
    let mut answers = Vec::new();
    let committed = run_group(connection, head, (ports, deadlines), first, waiting, &mut answers);
    if committed.is_err() {
        *head = before;
    }
    for answer in answers {
        answer(committed.as_ref().err().map(copy_of));
    }
}

fn run_group(
    connection: &mut Connection,
    head: &mut Head,
    (ports, deadlines): (&Ports, &Deadlines),
    first: Job,
    waiting: &Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut batch = Batch::new(&transaction, head, ports, deadlines);
    answers.push(first(&mut batch));
    while !batch.is_undone()
        && answers.len() < GROUP
        && let Ok(job) = waiting.try_recv()
    {
        answers.push(job(&mut batch));
    }
    match batch.undone() {
        Some(error) => Err(error),
        None => Ok(transaction.commit()?),
    }
}

/// Every job of a failed group is told the same.
fn copy_of(error: &CellError) -> CellError {
    match error {
        CellError::DiskFull => CellError::DiskFull,
        other => CellError::NotStored(other.to_string()),
    }
}
