//! `--import DIR`: the files of a folder are one more member's work.

use std::path::{Path, PathBuf};

use super::Result;
use super::journal::Journal;
use super::phone::Phone;
use super::report::{Imported, Rejected};

const PHOTOS: [&str; 4] = ["jpg", "jpeg", "png", "heic"];

/// The name of the patrol for photos that belong to no walk.
const LOOSE: &str = "没有轨迹的照片";

/// Takes everything in that can be used. Photos come with the files that they came from.
pub fn import(
    folder: &Path,
    phone: &Phone,
    journal: &Journal,
    photos: &mut Vec<(String, PathBuf)>,
) -> Result<Imported> {
    let files = files(folder)?;
    let ending = |path: &PathBuf| path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let mut imported = Imported::default();
    for path in files.iter().filter(|path| ending(path).as_deref() == Some("gpx")) {
        match gpx(path, phone, journal) {
            Ok(taken) => {
                imported.tracks += taken.tracks;
                imported.segments += taken.segments;
                imported.points += taken.points;
                imported.untimed += taken.untimed;
                imported.marks += taken.marks;
            }
            Err(error) => imported.rejected.push(Rejected { file: name(path), reason: error.to_string() }),
        }
    }
    let pictures = files.iter().filter(|path| ending(path).is_some_and(|ending| PHOTOS.contains(&ending.as_str())));
    let pictures: Vec<String> = pictures.map(|path| path.to_string_lossy().into_owned()).collect();
    let taken = phone.app.patrols().import_photos(pictures, LOOSE, phone.area.as_str())?;
    imported.photos = taken.photos.len() as u64;
    imported.photos_with_position = taken.with_position;
    for gridpatrol_core::ImportedPhoto { id, path } in taken.photos {
        journal.save(&phone.member, || Ok::<_, std::convert::Infallible>(id.clone()))?;
        photos.push((id, path.into()));
    }
    let rejected = taken.rejected.into_iter();
    imported.rejected.extend(rejected.map(|file| Rejected {
        file: name(Path::new(&file.path)),
        reason: format!("{}: {}", file.reason, file.detail),
    }));
    Ok(imported)
}

fn gpx(path: &Path, phone: &Phone, journal: &Journal) -> Result<gridpatrol_core::GpxImported> {
    let bytes = std::fs::read(path)?;
    let taken = phone.app.patrols().import_gpx(&bytes, &name(path), phone.area.as_str())?;
    for id in &taken.records {
        journal.save(&phone.member, || Ok::<_, std::convert::Infallible>(id.clone()))?;
    }
    Ok(taken)
}

/// Plain files of the folder itself, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("cannot read {}: {error}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
