//! Records a second that a hub keeps durably: 64 phones at once, each sending one small frame after another over
//! HTTP. The hub is a process of its own, so that what the phones cost can be told apart. Frames are encoded
//! before; requests cannot be, because each signs the challenge of the reply before it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Instant;

use gridpatrol_model::area::Scope;
use gridpatrol_model::ids::{ChainHash, Dot, EntityId, HubSeq, ReplicaId};
use gridpatrol_model::workflow::Role;
use gridpatrol_protocol::refs::Shorten;
use gridpatrol_protocol::reply::Reply;
use gridpatrol_protocol::request::Request;
use gridpatrol_protocol::{Challenge, Cursor, Head, frame};

use crate::county::Phone;
use crate::report::{Goal, Line, median};
use crate::workload::{Event, Workload};
use crate::{case, child, disk};

const ROUNDS: usize = 3;
pub const PHONES: u8 = 64;
/// Requests of a phone in a round, and records of a request.
const REQUESTS: usize = 100;
const BATCH: usize = 10;

struct Round {
    /// Records a second.
    rate: f64,
    /// Processor seconds for each second.
    hub_cpu: Option<f64>,
    phones_cpu: Option<f64>,
    /// Milliseconds to the reply, the middle one.
    wait_ms: f64,
}

pub fn measure() -> Vec<Line> {
    let events = Workload::new(1, usize::from(PHONES) * REQUESTS * BATCH, 10).events;
    let rounds: Vec<Round> = (0..ROUNDS).map(|_| round(&events)).collect();
    let middle = |value: fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    let mut lines = vec![
        Line::new("hub", format!("durable records, {PHONES} phones, {BATCH} a request"), middle(|r| r.rate), "/s")
            .goal(Goal::AtLeast(10_000.0)),
        Line::new("hub", "a phone waits for the reply", middle(|r| r.wait_ms), "ms"),
    ];
    if rounds.iter().all(|round| round.hub_cpu.is_some() && round.phones_cpu.is_some()) {
        let cores = |value: fn(&Round) -> Option<f64>| median(rounds.iter().filter_map(value).collect());
        lines.push(Line::new("hub", "the hub uses", cores(|r| r.hub_cpu), "cores"));
        lines.push(Line::new("hub", "the phones use", cores(|r| r.phones_cpu), "cores"));
    }
    lines
}

fn round(events: &[Event]) -> Round {
    let dir = disk::folder();
    let hub = Running::start(dir.path());
    let shares = events.chunks(REQUESTS * BATCH);
    let phones: Vec<Sender> = (1..=PHONES).zip(shares).map(|(number, events)| Sender::new(number, events)).collect();
    let cpu = || (child::cpu_seconds(hub.process.id()), child::cpu_seconds(std::process::id()));
    let (before, began) = (cpu(), Instant::now());
    let waits: Vec<f64> = std::thread::scope(|scope| {
        let at_work: Vec<_> = phones.into_iter().map(|phone| scope.spawn(|| phone.run(&hub.address))).collect();
        at_work.into_iter().flat_map(|phone| phone.join().expect("every request is answered")).collect()
    });
    let (seconds, after) = (began.elapsed().as_secs_f64(), cpu());
    let rows = hub.rows();
    assert_eq!(rows, events.len(), "what was acknowledged is in the log");
    let cores = |before: Option<f64>, after: Option<f64>| Some((after? - before?) / seconds);
    Round {
        rate: rows as f64 / seconds,
        hub_cpu: cores(before.0, after.0),
        phones_cpu: cores(before.1, after.1),
        wait_ms: median(waits),
    }
}

/// The hub's process; it ends when its input does.
struct Running {
    process: Child,
    address: String,
}

impl Running {
    fn start(dir: &std::path::Path) -> Self {
        let mut command = child::command("hub-process");
        let started = command.arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.expect("this program runs");
        let mut address = String::new();
        let output = process.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut address).expect("the hub says where it listens");
        Running { process, address: address.trim().to_owned() }
    }

    /// Rows of the log, as the hub counts them.
    fn rows(&self) -> usize {
        let mut stream = TcpStream::connect(&self.address).expect("the hub listens");
        write!(stream, "GET /metrics HTTP/1.0\r\n\r\n").expect("the hub reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("the hub answers");
        let line = text.lines().find_map(|line| line.strip_prefix("gridpatrol_log_rows "));
        line.and_then(|count| count.parse().ok()).expect("a figure of the hub")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A phone with all its frames encoded.
struct Sender {
    phone: Phone,
    grid: Scope,
    frames: Vec<Vec<u8>>,
}

/// New records name nothing that could be named in short.
struct Nothing;

impl Shorten for Nothing {
    fn created(&self, _: EntityId) -> Option<(ReplicaId, u64)> {
        None
    }

    fn known(&self, _: &Dot) -> bool {
        false
    }

    fn chain(&self, _: &Dot) -> Option<ChainHash> {
        None
    }
}

pub fn phone(number: u8) -> (Phone, Scope) {
    let grid = case::grid(u32::from(number));
    (Phone::new(number, Role::Member, grid), grid)
}

impl Sender {
    fn new(number: u8, events: &[Event]) -> Self {
        let (mut phone, grid) = phone(number);
        for (number, event) in events.iter().enumerate() {
            let op = case::create(&phone, event, number, grid);
            phone.write(op);
        }
        let frames = phone.ops.chunks(BATCH).enumerate().map(|(at, ops)| {
            let before = (at * BATCH) as u64;
            let ops = ops.iter().map(|(op, chain)| (op, *chain));
            frame::encode(phone.start(before), ops, &Nothing, &phone.key).0
        });
        Sender { grid, frames: frames.collect(), phone }
    }

    /// Sends all its frames; says how long each reply took, in milliseconds.
    fn run(mut self, address: &str) -> Vec<f64> {
        let mut stream = BufReader::new(TcpStream::connect(address).expect("the hub listens"));
        stream.get_ref().set_nodelay(true).expect("a connection");
        let mut cursor = Cursor { seq: HubSeq::ZERO, log: [0; 8] };
        let mut challenge = first_challenge(&mut stream, &self.request(cursor, Vec::new()), &self.phone);
        let mut waits = Vec::new();
        for (at, frame) in std::mem::take(&mut self.frames).into_iter().enumerate() {
            let sealed = self.request(cursor, vec![frame]).seal(&self.phone.key, challenge);
            let began = Instant::now();
            let (status, _, body) = exchange(&mut stream, &sealed);
            waits.push(began.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(status, 200);
            let reply = Reply::decode(&body).expect("a reply");
            assert_eq!(reply.push_error, None);
            assert_eq!(reply.have.rseq, ((at + 1) * BATCH) as u64, "the frame is in the log");
            (challenge, cursor) = (reply.challenge, Cursor { seq: end_of(&reply.page), log: reply.log });
        }
        waits
    }

    fn request(&self, cursor: Cursor, frames: Vec<Vec<u8>>) -> Request {
        let now = self.phone.clocks(1_767_200_000_000);
        Request {
            replica: self.phone.replica,
            head: Head { rseq: self.phone.ops.len() as u64, chain: self.phone.head() },
            holds_from: 1,
            boot_id: now.boot_id,
            mono_ms: now.mono_ms,
            wall_ms: now.wall_ms,
            cursor,
            view: vec![self.grid],
            entering: None,
            full_ids: false,
            frames,
            handed_back: vec![],
        }
    }
}

/// Where a page ends: its second part.
fn end_of(page: &[u8]) -> HubSeq {
    let mut d = minicbor::Decoder::new(page);
    d.array().and_then(|_| d.skip()).and_then(|()| d.decode()).expect("a page")
}

/// A phone that the hub has not heard of since it started is told what to sign.
fn first_challenge(stream: &mut BufReader<TcpStream>, request: &Request, phone: &Phone) -> Challenge {
    let (status, challenge, _) = exchange(stream, &request.seal(&phone.key, Challenge::default()));
    assert_eq!(status, 401);
    let hex = challenge.expect("a refusal that helps");
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal");
    std::array::from_fn(byte)
}

/// One request on a connection that stays open: status, challenge header, body. As little HTTP as a hub needs,
/// so that the phones leave it the machine.
fn exchange(stream: &mut BufReader<TcpStream>, body: &[u8]) -> (u16, Option<String>, Vec<u8>) {
    let mut message =
        format!("POST /v1/sync HTTP/1.1\r\nhost: hub\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    message.extend_from_slice(body);
    stream.get_mut().write_all(&message).expect("the hub reads");
    let mut line = String::new();
    stream.read_line(&mut line).expect("the hub answers");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    let (mut length, mut challenge) = (0, None);
    loop {
        line.clear();
        stream.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name {
            "content-length" => length = value.parse().expect("a length"),
            "gridpatrol-challenge" => challenge = Some(value.to_owned()),
            _ => (),
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("the whole body");
    (status, challenge, body)
}
