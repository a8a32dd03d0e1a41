//! Area codes (统计用区划代码) and grid codes: the scopes of records. A prefix of a code is its parent.

use std::fmt;

/// Province 2, city 4, county 6, town 9 or village 12 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode(Digits);

/// Village code + three-digit serial 001–999. Never reused: a split or merge says `superseded_by`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GridCode(Digits);

/// Where a record belongs and what a phone subscribes to: an area, or one grid of a village.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Digits);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    Province,
    City,
    County,
    Town,
    Village,
}

/// What kind of town the third part of a code says it is (domain rule for 统计用区划代码).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TownKind {
    /// 街道, 001–099
    Subdistrict,
    /// 镇, 100–199
    Town,
    /// 乡, 200–399
    Township,
    /// parks, farms and similar, 400–599
    Special,
}

/// What kind of village the fourth part of a code says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VillageKind {
    /// 居委会, 001–199
    Residents,
    /// 村委会, 200–399
    Villagers,
    /// anything else
    Virtual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    #[error("an area code has 2, 4, 6, 9 or 12 digits and a grid code 15, got {0}")]
    Length(usize),
    #[error("a code has digits only")]
    NotDigits,
    #[error("the town part runs from 001 to 599")]
    TownPart,
    #[error("the village part runs from 001 to 999")]
    VillagePart,
    #[error("the serial of a grid runs from 001 to 999")]
    GridSerial,
}

/// Up to 15 decimal digits in place: codes are copied, compared and hashed far more often than printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Digits {
    digits: [u8; 15],
    len: u8,
}

impl Digits {
    fn parse(text: &str) -> Result<Self, BadCode> {
        let bytes = text.as_bytes();
        if bytes.len() > 15 {
            return Err(BadCode::Length(bytes.len()));
        }
        if !bytes.iter().all(u8::is_ascii_digit) {
            return Err(BadCode::NotDigits);
        }
        let mut digits = [0; 15];
        digits[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { digits, len: bytes.len() as u8 })
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.digits[..usize::from(self.len)]).expect("only ASCII digits are stored")
    }

    fn part(&self, from: usize, to: usize) -> u16 {
        self.digits[from..to].iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))
    }

    fn prefix(&self, len: usize) -> Self {
        let mut digits = [0; 15];
        digits[..len].copy_from_slice(&self.digits[..len]);
        Self { digits, len: len as u8 }
    }
}

impl AreaCode {
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        let digits = Digits::parse(text)?;
        if !matches!(digits.len, 2 | 4 | 6 | 9 | 12) {
            return Err(BadCode::Length(text.len()));
        }
        if digits.len >= 9 && !matches!(digits.part(6, 9), 1..=599) {
            return Err(BadCode::TownPart);
        }
        if digits.len == 12 && digits.part(9, 12) == 0 {
            return Err(BadCode::VillagePart);
        }
        Ok(Self(digits))
    }

    pub fn level(&self) -> AreaLevel {
        match self.0.len {
            2 => AreaLevel::Province,
            4 => AreaLevel::City,
            6 => AreaLevel::County,
            9 => AreaLevel::Town,
            _ => AreaLevel::Village,
        }
    }

    pub fn parent(&self) -> Option<AreaCode> {
        let len = match self.level() {
            AreaLevel::Province => return None,
            AreaLevel::City => 2,
            AreaLevel::County => 4,
            AreaLevel::Town => 6,
            AreaLevel::Village => 9,
        };
        Some(Self(self.0.prefix(len)))
    }

    pub fn town_kind(&self) -> Option<TownKind> {
        (self.0.len >= 9).then(|| match self.0.part(6, 9) {
            ..=99 => TownKind::Subdistrict,
            100..=199 => TownKind::Town,
            200..=399 => TownKind::Township,
            _ => TownKind::Special,
        })
    }

    pub fn village_kind(&self) -> Option<VillageKind> {
        (self.0.len == 12).then(|| match self.0.part(9, 12) {
            1..=199 => VillageKind::Residents,
            200..=399 => VillageKind::Villagers,
            _ => VillageKind::Virtual,
        })
    }

    pub fn scope(&self) -> Scope {
        Scope(self.0)
    }
}

impl GridCode {
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        if text.len() != 15 {
            return Err(BadCode::Length(text.len()));
        }
        let digits = Digits::parse(text)?;
        AreaCode::parse(&text[..12])?;
        if digits.part(12, 15) == 0 {
            return Err(BadCode::GridSerial);
        }
        Ok(Self(digits))
    }

    pub fn village(&self) -> AreaCode {
        AreaCode(self.0.prefix(12))
    }

    pub fn scope(&self) -> Scope {
        Scope(self.0)
    }
}

impl Scope {
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        if text.len() == 15 {
            GridCode::parse(text).map(|grid| grid.scope())
        } else {
            AreaCode::parse(text).map(|area| area.scope())
        }
    }

    /// Whether everything in `inner` also lies in `self`.
    pub fn contains(&self, inner: &Scope) -> bool {
        inner.as_str().starts_with(self.as_str())
    }

    pub fn grid(&self) -> Option<GridCode> {
        (self.0.len == 15).then_some(GridCode(self.0))
    }

    /// The area itself, or the village of a grid.
    pub fn area(&self) -> AreaCode {
        if self.0.len == 15 { AreaCode(self.0.prefix(12)) } else { AreaCode(self.0) }
    }
}

macro_rules! code_text {
    ($($type:ident),*) => {$(
        impl $type {
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = BadCode;

            fn from_str(text: &str) -> Result<Self, BadCode> {
                Self::parse(text)
            }
        }
    )*};
}

code_text!(AreaCode, GridCode, Scope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_a_real_village_are_its_prefixes() {
        let village = AreaCode::parse("440783108224").expect("a real code");
        assert_eq!(village.level(), AreaLevel::Village);
        assert_eq!(village.town_kind(), Some(TownKind::Town));
        assert_eq!(village.village_kind(), Some(VillageKind::Villagers));
        let parents: Vec<String> =
            std::iter::successors(village.parent(), AreaCode::parent).map(|area| area.to_string()).collect();
        assert_eq!(parents, ["440783108", "440783", "4407", "44"]);
    }

    #[test]
    fn a_wrong_code_says_what_is_wrong() {
        assert_eq!(AreaCode::parse("44078"), Err(BadCode::Length(5)));
        assert_eq!(AreaCode::parse("44o783"), Err(BadCode::NotDigits));
        assert_eq!(AreaCode::parse("440783000"), Err(BadCode::TownPart));
        assert_eq!(AreaCode::parse("440783600"), Err(BadCode::TownPart));
        assert_eq!(AreaCode::parse("440783108000"), Err(BadCode::VillagePart));
        assert_eq!(GridCode::parse("440783108224000"), Err(BadCode::GridSerial));
        assert_eq!(GridCode::parse("440783108224"), Err(BadCode::Length(12)));
        assert_eq!(Scope::parse("网格员十五个字节"), Err(BadCode::Length(24)));
    }

    #[test]
    fn a_town_contains_its_grids_and_not_its_neighbours() {
        let town = Scope::parse("440783108").expect("a town");
        assert!(town.contains(&Scope::parse("440783108224001").expect("a grid")));
        assert!(!town.contains(&Scope::parse("440783109224001").expect("a grid")));
        assert!(!town.contains(&Scope::parse("440783").expect("its county")));
    }
}
