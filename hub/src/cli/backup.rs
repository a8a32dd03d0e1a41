//! `gridpatrol backup`: the database by SQLite's own backup, then what it names. Content is never changed
//! once it is there, so copying it after the database leaves nothing out.

use std::fs;
use std::path::Path;

use gridpatrol_hub::cell::Cell;

use super::{Backup, Outcome, ports};

pub fn run(asked: &Backup) -> Outcome {
    if !asked.dir.join("cell.db").is_file() {
        return Err(format!("{} is not a hub's folder", asked.dir.display()).into());
    }
    if asked.to.exists() {
        return Err(format!("{} is there already: name a new folder", asked.to.display()).into());
    }
    fs::create_dir_all(&asked.to)?;
    let cell = Cell::open(&asked.dir, ports())?;
    let end = cell.backup(&asked.to.join("cell.db"))?;
    for part in ["blobs", "keys"] {
        copy(&asked.dir.join(part), &asked.to.join(part))?;
    }
    // Only now may phones let go of what they wrote.
    Ok(cell.write(move |batch| batch.note_backup(end))?)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}
