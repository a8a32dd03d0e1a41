//! Coverages as a picture to lay over the map.

use super::area::{Area, Coverage, NotTheSame};

/// Where nobody was: orange. Where every walk was: blue. Both are told apart by the colour-blind (Okabe and Ito,
/// *Color Universal Design*, 2008), and half of the map shows through.
const UNSEEN: [f64; 3] = [230.0, 159.0, 0.0];
const SEEN: [f64; 3] = [0.0, 114.0, 178.0];
const ALPHA: u8 = 128;

/// RGBA, not premultiplied, rows from north to south.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
    /// WGS-84 degrees of its borders: west, south, east, north.
    pub bounds: [f64; 4],
}

impl Area {
    /// How much of the walks saw each spot, in pixels of so many cells that no side has more than `most` of them. What
    /// lies outside the area is transparent. Walks are counted and not named; two walks of one person are two.
    pub fn heat(&self, walks: &[Coverage], most: u32) -> Result<Picture, NotTheSame> {
        let lattice = self.lattice();
        if walks.iter().any(|walk| walk.lattice != lattice) {
            return Err(NotTheSame);
        }
        let step = lattice.columns.max(lattice.rows).div_ceil(most.max(1)) as usize;
        let (columns, rows) = (lattice.columns as usize, lattice.rows as usize);
        let (width, height) = (columns.div_ceil(step), rows.div_ceil(step));
        let mut rgba = Vec::with_capacity(width * height * 4);
        for row in (0..height).rev() {
            for column in 0..width {
                let cells = (row * step..rows.min((row + 1) * step))
                    .flat_map(|y| (column * step..columns.min((column + 1) * step)).map(move |x| (y, x)));
                let (mut inside, mut seen) = (0_usize, 0);
                for (y, x) in cells.filter(|(y, x)| self.inside.has(*y, *x)) {
                    inside += 1;
                    seen += walks.iter().filter(|walk| walk.seen.has(y, x)).count();
                }
                rgba.extend(colour(seen as f64 / (inside * walks.len()).max(1) as f64, inside > 0));
            }
        }
        let degrees =
            |from: i32, pixels: usize, units: u32| (f64::from(from) + (pixels * step) as f64 * f64::from(units)) / 1e7;
        let bounds = [
            degrees(lattice.west, 0, 0),
            degrees(lattice.south, 0, 0),
            degrees(lattice.west, width, lattice.cell_lon),
            degrees(lattice.south, height, lattice.cell_lat),
        ];
        Ok(Picture { width: width as u32, height: height as u32, rgba, bounds })
    }
}

fn colour(share: f64, is_inside: bool) -> [u8; 4] {
    if !is_inside {
        return [0; 4];
    }
    let mix = |at: usize| (UNSEEN[at] + share * (SEEN[at] - UNSEEN[at])).round() as u8;
    [mix(0), mix(1), mix(2), ALPHA]
}
