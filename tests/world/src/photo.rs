//! Photos: a drawn scene without any text or face, as a JPEG with the EXIF of a phone. Textured like a photo
//! in its size, so that transfer and storage see real work.

use gridpatrol_geo::crs::E7;
use gridpatrol_photo::exif_write::{ExifFields, with_exif};
use gridpatrol_photo::{Position, TakenAt};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use jiff::Timestamp;
use jiff::tz::{Offset, offset};

use crate::World;
use crate::dice::{Dice, Part};

/// As large as can be drawn and encoded in 30 ms.
const WIDTH: usize = 1024;
const HEIGHT: usize = 768;
/// Where the field begins, and where the building stands, from the top.
const HORIZON: usize = 450;
const FOOT: usize = 560;
const QUALITY: u8 = 80;
const CHINA: Offset = offset(8);
/// In a comment segment of every file, for whoever comes across one.
const MARK: &[u8] = b"synthetic: drawn by gridpatrol-world";

/// What the camera knew. A phone without a fix takes photos all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shot {
    pub position: Option<E7>,
    /// Milliseconds UTC; written as local time of China with its offset.
    pub taken_ms: Option<i64>,
}

impl World {
    /// Photo `n`: of the n-th place, going round, in the morning of day 0.
    pub fn photo(&self, n: usize) -> Vec<u8> {
        let position = Some(self.places[n % self.places.len()].position);
        let taken_ms = Some(self.first_day_ms + 9 * 3_600_000 + (n as i64 % 10_000) * 1_000);
        self.photo_of(n, Shot { position, taken_ms })
    }

    /// The scene of photo `n` with other evidence. 100–300 KB.
    pub fn photo_of(&self, n: usize, shot: Shot) -> Vec<u8> {
        let jpeg = encode(&Scene::new(self.seed, n as u64).draw());
        with_exif(&jpeg, &shot.exif()).expect("it was encoded as a JPEG")
    }
}

impl Shot {
    fn exif(self) -> ExifFields {
        let position = |at: E7| Position { lon_e7: at.lon(), lat_e7: at.lat(), alt_dm: None, accuracy_dm: Some(60) };
        let taken = |ms: i64| TakenAt {
            local: Some(CHINA.to_datetime(Timestamp::from_millisecond(ms).expect("a time of our days"))),
            offset_min: Some(8 * 60),
            // The time of a fix comes with the fix.
            gps_utc_ms: self.position.map(|_| ms),
        };
        ExifFields { position: self.position.map(position), taken: self.taken_ms.map(taken), orientation: Some(1) }
    }
}

fn encode(rgb: &[u8]) -> Vec<u8> {
    let mut jpeg = Vec::with_capacity(300_000);
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .write_image(rgb, WIDTH as u32, HEIGHT as u32, ExtendedColorType::Rgb8)
        .expect("writing to memory, with the size of the buffer");
    let comment = [b"\xff\xfe".as_slice(), &(MARK.len() as u16 + 2).to_be_bytes(), MARK].concat();
    jpeg.splice(2..2, comment);
    jpeg
}

/// Sky, two lines of hills, a field in rows, a building with windows — tower or low house — and often a pond.
struct Scene {
    sky: [u8; 3],
    hill: [u8; 3],
    field: [u8; 3],
    wall: [u8; 3],
    /// Height of both ridges at every sixteenth of the width.
    ridges: [[usize; 17]; 2],
    /// Left, top, width; it stands on the field.
    building: (usize, usize, usize),
    /// Middle from the left, half width; its height is a fifth of its width.
    pond: Option<(i32, i32)>,
    grain: u32,
}

impl Scene {
    fn new(seed: u64, n: u64) -> Self {
        let mut dice = Dice::new(seed, Part::Photo, n);
        let mut tint =
            |red: usize, green: usize, blue: usize| [red, green, blue].map(|part| (part + dice.below(40)) as u8);
        let (sky, hill, field, wall) = (tint(120, 160, 200), tint(50, 90, 60), tint(90, 130, 50), tint(170, 150, 130));
        let mut ridge = |base: usize| {
            let mut height = base;
            std::array::from_fn(|_| {
                height = (height + dice.below(48)).saturating_sub(24).clamp(base - 70, base + 50);
                height
            })
        };
        let ridges = [ridge(265), ridge(350)];
        let tall = dice.percent(50);
        let (top, width) = if tall {
            (dice.between(140, 240), dice.between(110, 190))
        } else {
            (dice.between(370, 430), dice.between(260, 420))
        };
        let building = (dice.between(60, 560), top, width);
        let pond = dice.percent(60).then(|| (dice.between(200, 820) as i32, dice.between(120, 300) as i32));
        Self { sky, hill, field, wall, ridges, building, pond, grain: dice.bits() | 1 }
    }

    fn draw(&self) -> Vec<u8> {
        let mut rgb = Vec::with_capacity(WIDTH * HEIGHT * 3);
        let mut grain = self.grain;
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                // A plain xorshift: there is a million of these, and any grain will do.
                grain ^= grain << 13;
                grain ^= grain >> 17;
                grain ^= grain << 5;
                let (colour, light, rough) = self.at(x, y);
                let shift = light + (grain % (2 * rough + 1)) as i32 - rough as i32;
                rgb.extend(colour.map(|part| (i32::from(part) + shift).clamp(0, 255) as u8));
            }
        }
        rgb
    }

    /// Colour, how much lighter, and how rough it is at a point.
    fn at(&self, x: usize, y: usize) -> ([u8; 3], i32, u32) {
        let (left, top, width) = self.building;
        if (left..left + width).contains(&x) && (top..FOOT).contains(&y) {
            let window = (x - left) % 56 > 32 && (y - top) % 88 > 48;
            return (self.wall, if window { -110 } else { ((left + width - x) / 8) as i32 }, 14);
        }
        let ridge = |line: &[usize; 17]| {
            let (at, part) = (x * 16 / WIDTH, x * 16 % WIDTH);
            (line[at] * (WIDTH - part) + line[at + 1] * part) / WIDTH
        };
        if y < ridge(&self.ridges[0]) {
            (self.sky, (y / 8) as i32, 3)
        } else if y < ridge(&self.ridges[1]) {
            (self.hill, 30, 10)
        } else if y < HORIZON {
            (self.hill, 0, 16)
        } else if self.in_pond(x as i32, y as i32) {
            (self.sky, -40, 6)
        } else {
            (self.field, if (x * HORIZON / y + y / 3) % 32 < 14 { -25 } else { 10 }, 18)
        }
    }
    fn in_pond(&self, x: i32, y: i32) -> bool {
        self.pond.is_some_and(|(middle, half)| {
            let (across, along) = (x - middle, 5 * (y - 670));
            across * across + along * along < half * half
        })
    }
}
