//! `gridpatrol photo`: what a photo is worth as evidence, without a network. Says "genuine", and ends with success,
//! only for the original file with a good signature of a phone that a hub enrolled.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::VerifyingKey;
use gridpatrol_hub::cell::{Cell, people};
use gridpatrol_hub::public_key;
use gridpatrol_model::message::{Lang, Messages};
use gridpatrol_photo::{Code, Manifest, Origin, Place, Seen, Sidecar, Verdict, WGS_84, verify};
use gridpatrol_protocol::auth::Certificate;
use gridpatrol_protocol::request::key_id;
use jiff::Timestamp;

use super::{Outcome, ports};

#[derive(clap::Subcommand)]
pub enum Photo {
    /// Compare a photo with its manifest, and the manifest's signature with the hub that enrolled the phone.
    Verify(Box<Verify>),
    /// Print the public key by which others know the phones of this hub: give it to whoever verifies.
    Key {
        /// The hub's folder.
        #[arg(long)]
        dir: PathBuf,
    },
}

#[derive(clap::Args)]
pub struct Verify {
    /// The photo: the original, a copy from a messenger, a screenshot.
    file: PathBuf,
    /// The manifest that belongs to it; FILE.gpm beside the photo if left out.
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// The verification code, read off the stamp.
    #[arg(long)]
    code: Option<Code>,
    /// Folder of the hub that enrolled the phone.
    #[arg(long, conflicts_with = "hub_key")]
    dir: Option<PathBuf>,
    /// Public key of the hub that enrolled the phone, as `gridpatrol photo key` prints it.
    #[arg(long, value_parser = hub_key)]
    hub_key: Option<VerifyingKey>,
}

pub fn run(asked: &Photo) -> Outcome {
    match asked {
        Photo::Verify(asked) => check(asked),
        Photo::Key { dir } => {
            let key = public_key(dir)?;
            Ok(writeln!(std::io::stdout(), "{}", hex(key.as_bytes()))?)
        }
    }
}

fn check(asked: &Verify) -> Outcome {
    let photo = std::fs::read(&asked.file).map_err(|error| format!("{}: {error}", asked.file.display()))?;
    let sidecar = sidecar(asked)?;
    let signer = Signer::of(asked, &sidecar)?;
    let seen = Seen::of(&photo, asked.code);
    let verdict = verify(&seen, std::slice::from_ref(&sidecar.signed), |_| signer.vouched).verdict;
    report(verdict, &sidecar.signed.manifest, &signer)?;
    match verdict {
        Verdict::Intact => Ok(()),
        Verdict::UnknownSigner if asked.dir.is_none() && asked.hub_key.is_none() => {
            Err("say which hub enrolled the phone: --hub-key KEY, or --dir with the hub's folder".into())
        }
        _ => Err("this photo was not shown to be genuine".into()),
    }
}

/// The manifest that was named, or the one beside the photo.
fn sidecar(asked: &Verify) -> Result<Sidecar, Box<dyn Error + Send + Sync>> {
    let beside = || {
        let mut name = asked.file.clone().into_os_string();
        name.push(".gpm");
        PathBuf::from(name)
    };
    let path = asked.manifest.clone().unwrap_or_else(beside);
    let read = |path: &Path| {
        let mut bytes = Vec::new();
        File::open(path)?.take(Sidecar::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(bytes)
    };
    let bytes = read(&path).map_err(|error| {
        format!("{}: {error}. The manifest travels beside its photo; name it with --manifest", path.display())
    })?;
    Ok(Sidecar::decode(&bytes).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// Who signed, as far as a hub says.
struct Signer {
    vouched: bool,
    /// Role, village and number of the member; never a person's name.
    label: Option<String>,
}

impl Signer {
    fn of(asked: &Verify, sidecar: &Sidecar) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let device = sidecar.signed.manifest.device;
        let certified = |key: &VerifyingKey| {
            let certificate = Certificate::verify(sidecar.certificate.as_deref()?, key).ok()?;
            (certificate.device == device).then_some(certificate.label)
        };
        let Some(dir) = &asked.dir else {
            let label = asked.hub_key.as_ref().and_then(certified);
            return Ok(Signer { vouched: label.is_some(), label });
        };
        if !dir.join("cell.db").is_file() {
            return Err(format!("{} is not a hub's folder", dir.display()).into());
        }
        let cell = Cell::open(dir, ports())?;
        let enrolled = match VerifyingKey::from_bytes(&device) {
            Ok(key) => cell.read(|state| people::device(state, &key_id(&key)))?.filter(|found| found.key == device),
            Err(_) => None,
        };
        let label = certified(&public_key(dir)?);
        // For a phone that was reported lost nobody vouches any more.
        let vouched = enrolled.map_or(label.is_some(), |phone| !phone.author.revoked);
        Ok(Signer { vouched, label })
    }
}

/// The verdict in both languages; what the manifest says, if it is worth anything.
fn report(verdict: Verdict, manifest: &Manifest, signer: &Signer) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for lang in Lang::ALL {
        writeln!(out, "{}", Messages::new(lang).text(verdict.message_id(), &verdict.args()))?;
    }
    if matches!(verdict, Verdict::BadSignature | Verdict::Unrelated) {
        return Ok(());
    }
    let utc = |ms| Timestamp::from_millisecond(ms).map_or_else(|_| "?".to_owned(), |at| at.to_string());
    writeln!(out, "code        {}", manifest.code())?;
    writeln!(out, "phone       {}", hex(&manifest.device))?;
    if let Some(label) = &signer.label {
        writeln!(out, "enrolled as {label}")?;
    }
    writeln!(out, "record      {}", manifest.record)?;
    let library = if manifest.origin == Origin::Library { " (from the library)" } else { "" };
    writeln!(out, "phone time  {}{library}", utc(manifest.time.wall_ms))?;
    for (name, ms) in [("satellites", manifest.time.gnss_ms), ("last sync", manifest.last_hub_ms)] {
        if let Some(ms) = ms {
            writeln!(out, "{name:11} {}", utc(ms))?;
        }
    }
    if let Some(place) = manifest.place {
        writeln!(out, "place       {}", place_text(place))?;
    }
    if let Some(category) = &manifest.category {
        writeln!(out, "category    {} {} ({})", category.code, category.name, category.standard_ref)?;
    }
    Ok(())
}

/// Longitude, latitude, system and accuracy.
fn place_text(place: Place) -> String {
    let degrees = |e7: i32| f64::from(e7) / 1e7;
    let crs = if place.crs == WGS_84 { "WGS-84".to_owned() } else { format!("EPSG:{}", place.crs) };
    let accuracy = place.accuracy_dm.map(|dm| format!(" ±{} m", f64::from(dm) / 10.0)).unwrap_or_default();
    format!("{:.7}, {:.7} {crs}{accuracy}", degrees(place.lon_e7), degrees(place.lat_e7))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A public key as 64 hexadecimal digits.
fn hub_key(text: &str) -> Result<VerifyingKey, String> {
    let digits = text.trim();
    let byte = |at: usize| digits.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let bytes: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(byte).collect();
    let bytes: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
    key.ok_or_else(|| "a hub's key has 64 hexadecimal digits, as `gridpatrol photo key` prints it".to_owned())
}
