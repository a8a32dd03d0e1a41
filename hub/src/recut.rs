//! A map in GCJ-02 for a browser that draws WGS-84: its tiles cut anew, each from the two to nine that lie under it.
//!
//! The corners of a tile say where it lies among the tiles of the map, and every pixel between them takes the nearest
//! pixel there. So lines stay sharp, and a point lies where it must to within a pixel (tested at zooms 16 to 18 on
//! points whose place in both systems is known). The browser could cut as well, but then the shift would be written
//! twice, in two languages.
//!
//! Cutting a tile of 256 pixels costs the decoding of mostly four and the packing of one; what was cut is kept.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

use gridpatrol_basemap::{BaseMap, Encoding, Result, Tile, TileFormat};
use gridpatrol_geo::crs::E7;
use gridpatrol_geo::crs::tile::{TileCrs, TileId};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Rgba, RgbaImage};

/// Pixels of a tile's side; makers use 256 and 512.
const LARGEST: u32 = 1_024;
/// Bytes of cut tiles that are kept: some thousand.
const KEPT_BYTES: usize = 32 << 20;
/// Where the source is JPEG, its losses are in the picture already.
const JPEG_QUALITY: u8 = 90;

/// The tiles that were cut; a map is known by its number.
#[derive(Default)]
pub(crate) struct Recut(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    tiles: HashMap<(usize, TileId), Tile>,
    bytes: usize,
}

impl Recut {
    /// The WGS-84 tile of a map in GCJ-02; none where the map has nothing. One at a time, so that a view that asks for
    /// thirty needs the memory of one.
    pub fn tile(&self, number: usize, map: &BaseMap, id: TileId) -> Result<Option<Tile>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tile) = kept.tiles.get(&(number, id)) {
            return Ok(Some(tile.clone()));
        }
        let Some(tile) = cut(map, id)? else { return Ok(None) };
        kept.bytes += tile.bytes.len();
        if kept.bytes > KEPT_BYTES {
            *kept = Kept { tiles: HashMap::new(), bytes: tile.bytes.len() };
        }
        kept.tiles.insert((number, id), tile.clone());
        Ok(Some(tile))
    }
}

/// Whether the pixels of such tiles can be had.
pub(crate) fn can_cut(format: TileFormat) -> bool {
    kind(format).is_some()
}

fn kind(format: TileFormat) -> Option<ImageFormat> {
    match format {
        TileFormat::Png => Some(ImageFormat::Png),
        TileFormat::Jpeg => Some(ImageFormat::Jpeg),
        TileFormat::Webp => Some(ImageFormat::WebP),
        TileFormat::Avif | TileFormat::Mvt => None,
    }
}

fn cut(map: &BaseMap, id: TileId) -> Result<Option<Tile>> {
    let quad = Quad::under(id);
    let mut pictures = HashMap::new();
    let (mut side, mut format, mut holes) = (None, TileFormat::Jpeg, false);
    for (x, y) in quad.tiles() {
        let found = TileId::new(id.z(), x, y).map(|id| map.tile(id)).transpose()?.flatten();
        let Some((picture, of)) = found.and_then(|tile| Some((pixels(&tile)?, tile.format))) else {
            holes = true;
            continue;
        };
        // The first one says how large they are; another size is a hole.
        if *side.get_or_insert(picture.width()) != picture.width() {
            holes = true;
            continue;
        }
        if of != TileFormat::Jpeg {
            format = TileFormat::Png;
        }
        pictures.insert((x, y), picture);
    }
    let Some(side) = side else { return Ok(None) };
    let drawn = RgbaImage::from_fn(side, side, |column, row| {
        let middle = |at: u32| (f64::from(at) + 0.5) / f64::from(side);
        let [x, y] = quad.at(middle(column), middle(row));
        let pixel = |at: f64| ((at.fract() * f64::from(side)) as u32).min(side - 1);
        pictures.get(&(x as u32, y as u32)).map_or(Rgba([0; 4]), |picture| *picture.get_pixel(pixel(x), pixel(y)))
    });
    Ok(packed(drawn, if holes { TileFormat::Png } else { format }))
}

/// A picture of a bounded size; a tile that is none is a hole in the map.
fn pixels(tile: &Tile) -> Option<RgbaImage> {
    let mut reader = ImageReader::with_format(Cursor::new(&tile.bytes), kind(tile.format)?);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST), Some(LARGEST));
    limits.max_alloc = Some(u64::from(LARGEST * LARGEST) * 8);
    reader.limits(limits);
    let picture = reader.decode().ok()?.into_rgba8();
    (picture.width() == picture.height()).then_some(picture)
}

fn packed(drawn: RgbaImage, format: TileFormat) -> Option<Tile> {
    let mut bytes = Vec::new();
    let written = match format {
        TileFormat::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
            .encode_image(&DynamicImage::ImageRgba8(drawn).into_rgb8()),
        _ => drawn.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png),
    };
    written.inspect_err(|error| tracing::error!(%error, "a tile could not be written")).ok()?;
    Some(Tile { bytes, format, encoding: Encoding::Identity })
}

/// Where the corners of a WGS-84 tile lie among the tiles of the map: north-west, north-east, south-west, south-east.
struct Quad([[f64; 2]; 4]);

impl Quad {
    fn under(id: TileId) -> Self {
        let extent = id.extent(TileCrs::Wgs84);
        let (low, high) = (extent.south_west(), extent.north_east());
        let corner = |lon, lat| {
            let at = E7::new(lon, lat).unwrap_or(low);
            TileId::spot(at, id.z(), TileCrs::Gcj02)
        };
        Quad([
            corner(low.lon(), high.lat()),
            corner(high.lon(), high.lat()),
            corner(low.lon(), low.lat()),
            corner(high.lon(), low.lat()),
        ])
    }

    /// So far from the west and from the north, each from 0 to 1. Straight between the corners: within a tile the
    /// shift bends by a tenth of a pixel at most.
    fn at(&self, east: f64, south: f64) -> [f64; 2] {
        let [nw, ne, sw, se] = self.0;
        [0, 1].map(|axis| {
            let north = nw[axis] + (ne[axis] - nw[axis]) * east;
            let below = sw[axis] + (se[axis] - sw[axis]) * east;
            north + (below - north) * south
        })
    }

    /// Those that it touches; four in most places.
    fn tiles(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let range = |axis: usize| {
            let ends = self.0.map(|corner| corner[axis]);
            let (low, high) = (ends.into_iter().fold(f64::MAX, f64::min), ends.into_iter().fold(0.0, f64::max));
            low as u32..=high as u32
        };
        let (columns, rows) = (range(0), range(1));
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }
}
