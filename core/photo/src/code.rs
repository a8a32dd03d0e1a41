//! The verification code: twelve characters that stand on a photo, find its manifest, and can be read over the phone.
//!
//! Eleven characters of Crockford's base32 are the first 55 bits of the SHA-256 of the canonical manifest; the twelfth
//! checks them. Characters are elements of GF(32) (modulus x⁵ + x² + 1, α = 2), and a code c₁…c₁₂ is good if
//! Σ αⁱ·cᵢ = 0. Since αⁱ ≠ 0 and αⁱ ≠ αʲ, every single wrong character and every swap of two characters, neighbours
//! or not, is found; one in 32 of all other errors is not. Crockford's own check, modulo 37, needs five signs more
//! that nobody reads aloud reliably, and weights modulo 32 cannot see both kinds of error.
//!
//! A code finds, it proves nothing: 55 bits can be hit by trying, and anyone can copy one. What proves is the hash
//! and the signature of the manifest.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Douglas Crockford's base32: no I, L, O (read as 1, 1, 0) and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What is written between each four characters.
const GROUP: usize = 4;

/// Shown as `7KQ2-9XMA-4T0C`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code([u8; Self::CHARACTERS]);

/// Why something typed is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    #[error("a verification code has 12 characters and this has {found}; compare it with the photo")]
    Length { found: usize },
    #[error("'{found}' never occurs in a verification code; compare it with the photo")]
    Character { found: char },
    #[error("a character of this code is wrong, or two are swapped; compare it with the photo")]
    Checksum,
}

impl Code {
    pub const CHARACTERS: usize = 12;

    /// The code of a manifest's canonical bytes.
    pub fn of(canonical: &[u8]) -> Self {
        let hash = Sha256::digest(canonical);
        let bits = hash[..8].iter().fold(0u64, |bits, &byte| bits << 8 | u64::from(byte));
        let mut symbols = [0; Self::CHARACTERS];
        for (at, symbol) in symbols[..Self::CHARACTERS - 1].iter_mut().enumerate() {
            *symbol = (bits >> (59 - 5 * at)) as u8 & 31;
        }
        // The last weight is α⁰ = 1, so the check is the sum of the others.
        symbols[Self::CHARACTERS - 1] = weighted_sum(&symbols);
        Code(symbols)
    }
}

/// Σ αⁱ·cᵢ with the last character at α⁰, by Horner's rule. Addition is exclusive or.
fn weighted_sum(symbols: &[u8]) -> u8 {
    symbols.iter().fold(0, |sum, symbol| times_alpha(sum) ^ symbol)
}

fn times_alpha(element: u8) -> u8 {
    let doubled = element << 1;
    if doubled & 32 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

impl FromStr for Code {
    type Err = BadCode;

    /// Takes what people type: small letters, spaces and hyphens anywhere, O for 0, I and L for 1, and the wide
    /// characters of Chinese keyboards.
    fn from_str(text: &str) -> Result<Self, BadCode> {
        let mut symbols = [0; Self::CHARACTERS];
        let mut found = 0;
        for typed in text.chars().filter(|c| !separates(*c)) {
            let symbol = symbol(typed).ok_or(BadCode::Character { found: typed })?;
            if let Some(place) = symbols.get_mut(found) {
                *place = symbol;
            }
            found += 1;
        }
        if found != Self::CHARACTERS {
            Err(BadCode::Length { found })
        } else if weighted_sum(&symbols) != 0 {
            Err(BadCode::Checksum)
        } else {
            Ok(Code(symbols))
        }
    }
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '－')
}

fn symbol(typed: char) -> Option<u8> {
    // U+FF01 to U+FF5E are ASCII at full width.
    let narrow = match typed {
        '！'..='～' => char::from_u32(typed as u32 - 0xFEE0)?,
        _ => typed,
    };
    let letter = match narrow.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|&known| char::from(known) == letter).map(|at| at as u8)
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, group) in self.0.chunks(GROUP).enumerate() {
            if at > 0 {
                f.write_str("-")?;
            }
            group.iter().try_for_each(|&symbol| write!(f, "{}", char::from(ALPHABET[usize::from(symbol)])))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_codes() -> impl Iterator<Item = Code> {
        (0..50u32).map(|n| Code::of(&n.to_be_bytes()))
    }

    fn spelled(symbols: &[u8]) -> String {
        symbols.iter().map(|&symbol| char::from(ALPHABET[usize::from(symbol)])).collect()
    }

    #[test]
    fn every_wrong_character_is_found() {
        for Code(good) in some_codes() {
            for at in 0..Code::CHARACTERS {
                for wrong in (0..32).filter(|&wrong| wrong != good[at]) {
                    let mut symbols = good;
                    symbols[at] = wrong;
                    assert_eq!(spelled(&symbols).parse::<Code>(), Err(BadCode::Checksum), "{symbols:?}");
                }
            }
        }
    }

    #[test]
    fn every_swap_of_two_characters_is_found_neighbours_or_not() {
        for Code(good) in some_codes() {
            for left in 0..Code::CHARACTERS {
                for right in (left + 1..Code::CHARACTERS).filter(|&right| good[right] != good[left]) {
                    let mut symbols = good;
                    symbols.swap(left, right);
                    assert_eq!(spelled(&symbols).parse::<Code>(), Err(BadCode::Checksum), "{symbols:?}");
                }
            }
        }
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        // SHA-256 of nothing begins e3b0c442 98fc1c14: 11100 01110 11000 01100 01000 10000 10100 11000 11111 10000 01110.
        let code = Code::of(b"");
        assert!(code.to_string().starts_with("WERC-8GMR-ZGE"), "{code}");
        let typed = code.to_string();
        for typed in [
            typed.to_lowercase(),
            typed.replace('-', ""),
            typed.replace('-', " "),
            typed.replace('-', "—"),
            typed
                .chars()
                .map(|c| if c == '-' { '　' } else { char::from_u32(c as u32 + 0xFEE0).expect("wide") })
                .collect(),
            format!("  {typed}\n"),
        ] {
            assert_eq!(typed.parse(), Ok(code), "{typed}");
        }
        let with_0_and_1 =
            some_codes().map(|code| code.to_string()).find(|code| code.contains('0') && code.contains('1'));
        let good = with_0_and_1.expect("fifty codes have all characters");
        for (zero, one) in [("O", "I"), ("o", "l"), ("O", "L"), ("o", "i")] {
            assert_eq!(
                good.replace('0', zero).replace('1', one).parse::<Code>().map(|code| code.to_string()),
                Ok(good.clone())
            );
        }
    }

    #[test]
    fn what_is_no_code_says_why() {
        let code = Code::of(b"").to_string();
        assert_eq!(code[1..].parse::<Code>(), Err(BadCode::Length { found: 11 }));
        assert_eq!(format!("{code}0").parse::<Code>(), Err(BadCode::Length { found: 13 }));
        assert_eq!("".parse::<Code>(), Err(BadCode::Length { found: 0 }));
        for odd in ['U', 'u', '巡', '!', '\u{202e}'] {
            assert_eq!(code.replacen('W', &odd.to_string(), 1).parse::<Code>(), Err(BadCode::Character { found: odd }));
        }
    }
}
