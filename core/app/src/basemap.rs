//! Base maps of this phone: files in the folder `basemaps`, put there by the app or by whoever sets phones up.
//!
//! A file's name says what the map is drawn in (`NAME.gcj02.mbtiles`); `add` writes it there. All members of a phone
//! share the folder. Open maps are kept open until the app is suspended.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gridpatrol_basemap as basemap;
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::crs::tile::{Cover, Extent, MAX_ZOOM, TileCrs, TileId};

use crate::error::{GridpatrolError, Internal, Result, Rule};
use crate::import::Rejected;
use crate::map::Bounds;

/// A copy that is not whole yet.
const INCOMING: &str = ".incoming-";

/// Tiles of one view: a tablet of 2,560 by 1,600 shows 77.
const MAX_COVER: usize = 256;

/// Letters of a file's name that are kept.
const MAX_NAME: usize = 60;

/// The system in which a map's pictures are drawn. The wrong one lies 600 m off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum MapSystem {
    /// Also CGCS2000: Tianditu, OpenStreetMap.
    Wgs84,
    /// Amap, Tencent and most other street maps of China.
    Gcj02,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BaseMap {
    /// By which it is asked for and removed: the name of its file.
    pub id: String,
    pub name: String,
    /// To be shown on the map while it is; empty if there is nothing to show.
    pub attribution: String,
    /// `image/png`, …; `application/vnd.mapbox-vector-tile` needs a style of the shell's.
    pub mime: String,
    pub system: MapSystem,
    pub bounds: Bounds,
    pub min_zoom: u8,
    /// The finest that is drawn; finer ones are stretched.
    pub max_zoom: u8,
    pub bytes: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BaseMapList {
    /// By file name.
    pub maps: Vec<BaseMap>,
    /// Files in the folder that cannot be shown, and why.
    pub rejected: Vec<Rejected>,
}

/// A tile of a view, and where to draw it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BaseTileAt {
    pub z: u8,
    pub x: u32,
    /// From the north.
    pub y: u32,
    pub bounds: Bounds,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BaseTile {
    pub bytes: Vec<u8>,
    pub mime: String,
    /// `gzip`, `br` or `zstd`, if the bytes are packed: vector tiles mostly are.
    pub encoding: Option<String>,
    pub part: TilePart,
    /// Where to draw that part.
    pub bounds: Bounds,
}

/// What of the picture to draw: a square of `1 / 2^levels` of its side, `left` and `top` such squares from its upper
/// left corner. All of it at level 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct TilePart {
    pub levels: u8,
    pub left: u32,
    pub top: u32,
}

pub(crate) struct BaseMaps {
    folder: PathBuf,
    open: Mutex<BTreeMap<String, Arc<basemap::BaseMap>>>,
}

impl BaseMaps {
    /// Reads nothing yet.
    pub fn under(dir: &Path) -> Self {
        BaseMaps { folder: dir.join("basemaps"), open: Mutex::default() }
    }

    /// Lets go of all files.
    pub fn close(&self) {
        self.kept().clear();
    }

    pub fn list(&self) -> Result<BaseMapList> {
        let mut list = BaseMapList::default();
        for id in self.files()? {
            match self.map(&id).and_then(|map| self.describe(&id, &map)) {
                Ok(map) => list.maps.push(map),
                Err(error) => list.rejected.push(Rejected::of(id, &error)),
            }
        }
        Ok(list)
    }

    /// The copy is whole and readable before it gets its name.
    pub fn add(&self, from: &Path, system: Option<MapSystem>) -> Result<BaseMap> {
        let map = basemap::BaseMap::open(from, system.map(TileCrs::from))?;
        let id = format!("{}.{}.{}", stem(from), basemap::crs_word(map.about().crs), map.ending());
        let crs = map.about().crs;
        drop(map);
        fs::create_dir_all(&self.folder).map_err(file(&self.folder))?;
        let (temporary, place) = (self.folder.join(format!("{INCOMING}{id}")), self.folder.join(&id));
        let copied = copy(from, &temporary)
            .and_then(|()| Ok(basemap::BaseMap::open(&temporary, Some(crs)).map(drop)?))
            .and_then(|()| {
                // A map of the same name is replaced; it may be open.
                self.kept().remove(&id);
                Ok(fs::rename(&temporary, &place).map_err(file(&place))?)
            });
        if let Err(error) = copied {
            let _ = fs::remove_file(&temporary);
            return Err(error);
        }
        synced(&self.folder)?;
        self.describe(&id, &*self.map(&id)?)
    }

    pub fn remove(&self, id: &str) -> Result<()> {
        let id = self.known(id)?;
        self.kept().remove(&id);
        let path = self.folder.join(&id);
        fs::remove_file(&path).map_err(file(&path))?;
        synced(&self.folder)
    }

    /// The tiles of a view, row by row from the north-west; of a zoom further out if they are too many. Nothing outside
    /// the map.
    pub fn cover(&self, id: &str, view: &Bounds, zoom: u8) -> Result<Vec<BaseTileAt>> {
        let map = self.map(id)?;
        let (about, view) = (map.about(), view.extent()?);
        let Some(view) = view.overlap(&about.extent) else { return Ok(Vec::new()) };
        let mut zoom = zoom.min(MAX_ZOOM);
        let cover = loop {
            let cover = Cover::of(&view, zoom, about.crs);
            if cover.count() <= MAX_COVER as u64 {
                break cover;
            }
            zoom -= 1;
        };
        let at = |tile: TileId| {
            let bounds = tile.extent(about.crs).into();
            BaseTileAt { z: tile.z(), x: tile.x(), y: tile.y(), bounds }
        };
        Ok(cover.tiles().map(at).collect())
    }

    pub fn tile(&self, id: &str, tile: TileId) -> Result<Option<BaseTile>> {
        let map = self.map(id)?;
        let bounds = tile.extent(map.about().crs).into();
        Ok(map.nearest(tile)?.map(|found| BaseTile {
            mime: found.tile.format.mime().to_owned(),
            encoding: found.tile.encoding.content_encoding().map(str::to_owned),
            bytes: found.tile.bytes,
            part: TilePart { levels: found.part.levels, left: found.part.left, top: found.part.top },
            bounds,
        }))
    }

    /// Maps that show something of a place.
    pub fn touching(&self, bounds: &Bounds) -> Result<Vec<BaseMap>> {
        let extent = bounds.extent()?;
        let mut maps = self.list()?.maps;
        maps.retain(|map| map.bounds.extent().is_ok_and(|own| own.touches(&extent)));
        Ok(maps)
    }

    /// Names of the files with the endings of maps.
    fn files(&self) -> Result<Vec<String>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(file(&self.folder))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(file(&self.folder))?.file_name();
            let ending = Path::new(&name).extension().and_then(OsStr::to_str);
            if let Some(name) = name.to_str().filter(|name| !name.starts_with(INCOMING))
                && ending.is_some_and(|ending| basemap::ENDINGS.contains(&ending))
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Only what lies in the folder: an id is no path.
    fn known(&self, id: &str) -> Result<String> {
        let found = self.files()?.into_iter().find(|name| name == id);
        Ok(found.ok_or_else(|| Rule::BaseMapMissing(id.to_owned()))?)
    }

    fn map(&self, id: &str) -> Result<Arc<basemap::BaseMap>> {
        if let Some(map) = self.kept().get(id) {
            return Ok(map.clone());
        }
        let map = Arc::new(basemap::BaseMap::open(&self.folder.join(self.known(id)?), None)?);
        self.kept().insert(id.to_owned(), map.clone());
        Ok(map)
    }

    fn describe(&self, id: &str, map: &basemap::BaseMap) -> Result<BaseMap> {
        let (about, path) = (map.about(), self.folder.join(id));
        Ok(BaseMap {
            id: id.to_owned(),
            name: about.name.clone(),
            attribution: about.attribution.clone(),
            mime: about.format.mime().to_owned(),
            system: about.crs.into(),
            bounds: about.extent.into(),
            min_zoom: about.min_zoom,
            max_zoom: about.max_zoom,
            bytes: fs::metadata(&path).map_err(file(&path))?.len(),
        })
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Arc<basemap::BaseMap>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the file is called, without what its name says of the system.
fn stem(path: &Path) -> String {
    let (name, _) = basemap::of_file_name(path);
    name.trim_start_matches('.').chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let mut source = File::open(from).map_err(file(from))?;
    let mut copy = File::create(to).map_err(file(to))?;
    io::copy(&mut source, &mut copy).and_then(|_| copy.sync_all()).map_err(file(to))?;
    Ok(())
}

/// A rename is on the disk when its folder is.
fn synced(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file(folder))?;
    Ok(())
}

fn file(path: &Path) -> impl FnOnce(io::Error) -> Internal {
    move |error| Internal::File(path.to_owned(), error)
}

impl From<MapSystem> for TileCrs {
    fn from(system: MapSystem) -> Self {
        match system {
            MapSystem::Wgs84 => TileCrs::Wgs84,
            MapSystem::Gcj02 => TileCrs::Gcj02,
        }
    }
}

impl From<TileCrs> for MapSystem {
    fn from(crs: TileCrs) -> Self {
        match crs {
            TileCrs::Wgs84 => MapSystem::Wgs84,
            TileCrs::Gcj02 => MapSystem::Gcj02,
        }
    }
}

impl From<Extent> for Bounds {
    fn from(extent: Extent) -> Self {
        let (low, high) = (extent.south_west(), extent.north_east());
        Bounds { west_e7: low.lon(), south_e7: low.lat(), east_e7: high.lon(), north_e7: high.lat() }
    }
}

impl Bounds {
    fn extent(&self) -> Result<Extent> {
        let corner = |lon, lat| E7::new(lon, lat).map_err(GridpatrolError::from);
        let (low, high) = (corner(self.west_e7, self.south_e7)?, corner(self.east_e7, self.north_e7)?);
        Ok(Extent::new(low, high).ok_or_else(|| Rule::ValueUnfit("bounds".to_owned()))?)
    }
}
