//! The hub of the figure `hub`: a real one on loopback, whose phones are enrolled at the start.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use gridpatrol_hub::cell::Ports;
use gridpatrol_hub::serve::{Hub, Options};

use crate::hub::{PHONES, phone};

const COUNTY: &str = "440783";

/// Runs until its input ends; `say` hears the address.
pub fn run(dir: &Path, say: impl Fn(&str)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let options = Options::loopback(dir.to_owned(), COUNTY);
    let hub = runtime.block_on(Hub::start(options, ports())).expect("an empty folder");
    (1..=PHONES).for_each(|number| enrol(&hub, number));
    say(&hub.address.to_string());
    std::io::stdin().read_to_end(&mut Vec::new()).expect("a pipe");
    runtime.block_on(hub.stop());
}

fn enrol(hub: &Hub, number: u8) {
    let (phone, grid) = phone(number);
    let device = phone.key.verifying_key().to_bytes();
    let enrolled = hub.cell.write(move |batch| {
        let (author, code) = (&phone.author, format!("PHONE{number}"));
        batch.put_member(&author.actor, "网格员·仲和", author.role, &[grid])?;
        batch.put_code(&author.actor, &code)?;
        batch.use_code(&code, device, COUNTY)
    });
    enrolled.expect("a new code");
}

fn ports() -> Ports {
    Ports {
        now_ms: Arc::new(|| {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.expect("a clock after 1970").as_millis() as i64
        }),
        random: Arc::new(|bytes| rand::fill(bytes)),
    }
}
