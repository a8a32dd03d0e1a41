//! Characters as masks of coverage, from the bundled font or from the shell.

use std::collections::HashMap;

use ab_glyph::{Font, FontRef, PxScale, point};

use super::RareGlyphs;

/// Stands for a character that nobody has: the sign that Chinese printers put in its place (geta).
const MISSING: char = '〓';

/// Height of the baseline above the bottom of the square that an ideograph fills, in ems (SC face of Noto Sans CJK).
const BASELINE: f32 = 0.12;

/// The font, and the masks made so far for one picture.
pub(super) struct Face<'a> {
    font: FontRef<'static>,
    rare: RareGlyphs<'a>,
    masks: HashMap<(char, usize), Mask>,
    pub missing: Vec<char>,
}

/// Coverage of one character; its place is relative to where the pen stands on the bottom of the ideographic square.
#[derive(Clone, Default)]
pub(super) struct Mask {
    pub left: i32,
    pub top: i32,
    pub width: usize,
    pub coverage: Vec<u8>,
}

impl<'a> Face<'a> {
    pub fn bundled(rare: RareGlyphs<'a>) -> Self {
        let bytes = include_bytes!("../../font/gridpatrol-stamp.otf");
        let font = FontRef::try_from_slice(bytes).expect("a test reads the font that is built in");
        Face { font, rare, masks: HashMap::new(), missing: Vec::new() }
    }

    /// How far the pen moves, in ems. What the font lacks is as wide as an ideograph.
    pub fn advance(&self, character: char) -> f32 {
        match self.font.glyph_id(character) {
            id if id.0 == 0 => 1.0,
            id => self.font.h_advance_unscaled(id) / self.font.units_per_em().unwrap_or(1000.0),
        }
    }

    pub fn width(&self, text: &str) -> f32 {
        text.chars().map(|character| self.advance(character)).sum()
    }

    /// The mask of a character whose em has `side` pixels.
    pub fn mask(&mut self, character: char, side: usize) -> &Mask {
        let key = (character, side);
        if !self.masks.contains_key(&key) {
            let mask = self.outline(character, side).or_else(|| self.rasterised_by_shell(character, side));
            let mask = mask.unwrap_or_else(|| {
                if !self.missing.contains(&character) {
                    self.missing.push(character);
                }
                self.outline(MISSING, side).unwrap_or_default()
            });
            self.masks.insert(key, mask);
        }
        &self.masks[&key]
    }

    /// `None` if the font lacks the character; a space has an empty mask.
    fn outline(&self, character: char, side: usize) -> Option<Mask> {
        let id = self.font.glyph_id(character);
        if id.0 == 0 {
            return None;
        }
        let side = side as f32;
        let em = self.font.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from(side * self.font.height_unscaled() / em);
        let pen = point(0.0, -(BASELINE * side).round());
        let Some(outline) = self.font.outline_glyph(id.with_scale_and_position(scale, pen)) else {
            return Some(Mask::default());
        };
        let bounds = outline.px_bounds();
        let (width, height) = (bounds.width() as usize, bounds.height() as usize);
        let mut coverage = vec![0; width * height];
        outline.draw(|x, y, c| {
            if let Some(place) = coverage.get_mut(y as usize * width + x as usize) {
                *place = (c.clamp(0.0, 1.0) * 255.0) as u8;
            }
        });
        Some(Mask { left: bounds.min.x as i32, top: bounds.min.y as i32, width, coverage })
    }

    fn rasterised_by_shell(&self, character: char, side: usize) -> Option<Mask> {
        let coverage = (self.rare)(character, side).filter(|coverage| coverage.len() == side * side)?;
        Some(Mask { left: 0, top: -(side as i32), width: side, coverage })
    }
}

#[cfg(test)]
mod tests {
    use gridpatrol_model::divisions::Divisions;
    use gridpatrol_model::message::Lang;
    use gridpatrol_model::pack::Pack;

    use super::*;

    #[test]
    fn the_font_has_what_places_categories_and_texts_are_written_with() {
        let face = Face::bundled(&|_, _| None);
        let packs = [Pack::city(), Pack::village()];
        let names = packs.iter().flat_map(|pack| pack.items.iter().map(|item| item.name.as_str()));
        let places = Divisions::jiangmen();
        let divisions = include_str!("../../../model/packs/divisions_4407.csv");
        assert!(places.name("4407".parse().expect("a code")).is_some());
        let all = [divisions, Lang::Zh.source(), Lang::En.source()].into_iter().chain(names);
        let lacking: Vec<char> =
            all.flat_map(str::chars).filter(|c| !c.is_control() && face.font.glyph_id(*c).0 == 0).collect();
        assert_eq!(lacking, [' '; 0]);
    }

    #[test]
    fn a_digit_is_about_half_as_wide_as_an_ideograph_and_ink_is_inside_the_square() {
        let mut face = Face::bundled(&|_, _| None);
        assert_eq!(face.advance('巡'), 1.0);
        assert!((0.5..0.6).contains(&face.advance('8')));
        let mask = face.mask('巡', 40).clone();
        let ink: u32 = mask.coverage.iter().map(|&c| u32::from(c)).sum();
        assert!(ink > 40 * 40 * 255 / 10, "a tenth of the square or more is ink");
        assert!(mask.top >= -40 && mask.left >= 0 && mask.left as usize + mask.width <= 40);
        assert!(mask.coverage.len() <= 40 * mask.width);
    }
}
