//! What somebody is told whose file was not read, in both languages. `Display` says the same to an operator, in English
//! and with the words of the program that stumbled.

use gridpatrol_model::message::{Arg, Messages};

use super::{FeatureError, ImportError};
use crate::crs::{Crs, CrsConflict};

impl Crs {
    pub fn message_id(self) -> &'static str {
        match self {
            Crs::Wgs84 => "crs-wgs",
            Crs::Cgcs2000 => "crs-cgcs",
            Crs::Gcj02 => "crs-gcj",
            Crs::Bd09 => "crs-bd",
        }
    }
}

impl ImportError {
    pub fn message_id(&self) -> &'static str {
        match self {
            ImportError::TooLarge(_) => "error-grids-too-large",
            ImportError::TooMany => "error-grids-too-many",
            ImportError::Unreadable { .. } => "error-grids-unreadable",
            ImportError::Crs(CrsConflict::Differs { .. }) => "error-grids-crs-differs",
            ImportError::Crs(CrsConflict::Projected { .. }) => "error-grids-crs-projected",
            ImportError::Crs(CrsConflict::Other { .. }) => "error-grids-crs-other",
            ImportError::NoColumn { .. } => "error-grids-no-column",
            ImportError::Feature { why, .. } => why.message_id(),
            ImportError::WhichLayer(_) => "error-grids-which-layer",
            ImportError::NoLayer(_) => "error-grids-no-layer",
            ImportError::NoEncoding | ImportError::EncodingDiffers { .. } | ImportError::UnknownEncoding(_) => {
                "error-grids-encoding"
            }
        }
    }

    /// What it is and what to do about it.
    pub fn text(&self, messages: &Messages) -> String {
        let named = |crs: Crs| messages.text(crs.message_id(), &[]);
        let say = |args: &[(&str, Arg<'_>)]| messages.text(self.message_id(), args);
        match self {
            ImportError::Crs(CrsConflict::Differs { named: said, stated }) => {
                say(&[("named", Arg::Text(&named(*said))), ("stated", Arg::Text(&named(*stated)))])
            }
            ImportError::Crs(
                CrsConflict::Projected { named: said, stated } | CrsConflict::Other { named: said, stated },
            ) => say(&[("named", Arg::Text(&named(*said))), ("stated", Arg::Text(stated))]),
            ImportError::NoColumn { wanted, have, .. } => {
                say(&[("wanted", Arg::Text(wanted)), ("have", Arg::Text(have))])
            }
            ImportError::Feature { feature, .. } => say(&[("feature", Arg::Text(&feature.to_string()))]),
            ImportError::WhichLayer(layers) => say(&[("have", Arg::Text(layers))]),
            ImportError::NoLayer(layer) => say(&[("wanted", Arg::Text(layer))]),
            ImportError::TooLarge(_)
            | ImportError::TooMany
            | ImportError::Unreadable { .. }
            | ImportError::NoEncoding
            | ImportError::EncodingDiffers { .. }
            | ImportError::UnknownEncoding(_) => say(&[]),
        }
    }
}

impl FeatureError {
    fn message_id(&self) -> &'static str {
        match self {
            FeatureError::NotPolygon(_) => "error-grids-not-polygon",
            FeatureError::NoGeometry => "error-grids-no-geometry",
            FeatureError::Coordinate(_) => "error-grids-off-the-earth",
            FeatureError::Metres(..) => "error-grids-metres",
            FeatureError::RingTooLong | FeatureError::TooManyParts => "error-grids-too-detailed",
            FeatureError::TextTooLong(_) => "error-grids-text-too-long",
            FeatureError::NotEncoded(_) => "error-grids-encoding",
            FeatureError::Unreadable(_) => "error-grids-feature-unreadable",
        }
    }
}

#[cfg(test)]
mod tests {
    use gridpatrol_model::message::Lang;

    use super::*;

    #[test]
    fn every_error_has_its_text_with_nothing_left_to_fill_in() {
        let of = |why| ImportError::Feature { feature: 7, why };
        let crs = |error| ImportError::Crs(error);
        let text = String::from;
        let errors = [
            ImportError::TooLarge(1),
            ImportError::TooMany,
            ImportError::Unreadable { format: "GeoJSON", why: text("it ends early") },
            crs(CrsConflict::Differs { named: Crs::Gcj02, stated: Crs::Wgs84 }),
            crs(CrsConflict::Projected { named: Crs::Cgcs2000, stated: text("EPSG:4547") }),
            crs(CrsConflict::Other { named: Crs::Bd09, stated: text("EPSG:4610") }),
            ImportError::NoColumn { what: "grid codes", wanted: text("code"), have: text("bh") },
            ImportError::WhichLayer(text("a, b")),
            ImportError::NoLayer(text("c")),
            ImportError::NoEncoding,
            of(FeatureError::NotPolygon(text("a line"))),
            of(FeatureError::NoGeometry),
            of(FeatureError::Metres(4e7, 2e6)),
            of(FeatureError::RingTooLong),
            of(FeatureError::TextTooLong("the name")),
            of(FeatureError::NotEncoded("gbk")),
            of(FeatureError::Unreadable(text("no number"))),
        ];
        for messages in Lang::ALL.map(Messages::new) {
            for error in &errors {
                let said = error.text(&messages);
                assert!(messages.has(error.message_id()) && !said.contains(['{', '}']), "{error}: {said}");
            }
            let said = errors[3].text(&messages);
            assert!([Crs::Gcj02, Crs::Wgs84].iter().all(|crs| said.contains(&messages.text(crs.message_id(), &[]))));
        }
    }
}
