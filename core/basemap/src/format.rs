//! What the bytes of a tile are.

/// The picture, or the vector data, of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TileFormat {
    Png,
    Jpeg,
    Webp,
    Avif,
    /// Mapbox vector tile: to be drawn by whoever has a style for it.
    Mvt,
}

/// What a tile is packed in. Vector tiles mostly are in gzip and stay so: a browser takes them as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl TileFormat {
    /// By the first bytes of a picture. Vector tiles have none to know them by.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => Self::Avif,
            _ => return None,
        })
    }

    /// By the word in the metadata of an MBTiles: short, or a media type.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().trim_start_matches("image/") {
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "webp" => Self::Webp,
            "avif" => Self::Avif,
            "pbf" | "mvt" | "application/x-protobuf" | "application/vnd.mapbox-vector-tile" => Self::Mvt,
            _ => return None,
        })
    }

    pub fn is_vector(self) -> bool {
        self == Self::Mvt
    }

    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Avif => "image/avif",
            Self::Mvt => "application/vnd.mapbox-vector-tile",
        }
    }
}

impl Encoding {
    /// By the first bytes, where a file does not say.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&[0x1f, 0x8b]) { Self::Gzip } else { Self::Identity }
    }

    /// As HTTP's `Content-Encoding` has it; none for plain bytes.
    pub fn content_encoding(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
            Self::Zstd => Some("zstd"),
        }
    }
}
