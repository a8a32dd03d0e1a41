//! Category packs: what can be reported, under which number, and what follows from it. Data with a version,
//! because standards change; parsed into a form in which a broken rule cannot be written down.
//!
//! In the city standard components and matters share numbers, so a category is known by
//! `(standard_ref, kind, code)`. A record holds a [`Category`] snapshot: a code from a future pack still syncs
//! and still shows its name.

use serde::{Deserialize, Serialize};

use crate::area::AreaLevel;
use crate::value::Value;

mod keys;
mod raw;

pub use keys::{Deadline, Due, Evidence, Kind, Net, Outcome, Span, Way};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    pub standard_ref: String,
    pub version: u32,
    /// `YYYY-MM-DD`
    pub effective_from: String,
    /// Ours or a county's own, not part of a standard.
    pub local_extension: bool,
    /// Where the data comes from and how far to trust it.
    pub note: String,
    /// The branches of the tree of categories; nothing is reported under them directly.
    pub classes: Vec<Class>,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Class {
    pub kind: Kind,
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    pub code: String,
    pub name: String,
    /// Code of its class, of the same kind.
    pub parent: Option<String>,
    /// `None`: retired. It keeps its name for the records that have it, and is not offered any more.
    pub rules: Option<Rules>,
}

/// What follows from reporting under an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The lowest level that may act.
    pub first_level: AreaLevel,
    pub net: Net,
    pub deadline: Deadline,
    pub evidence: Evidence,
    pub outcome: Outcome,
    /// At least one.
    pub ways: Vec<Way>,
}

/// What a record keeps of its category. Plain text, so that a future kind or code survives unread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Category {
    pub standard_ref: String,
    pub kind: String,
    pub code: String,
    pub name: String,
}

/// The identity of a category, whatever pack version names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryKey<'a> {
    pub standard_ref: &'a str,
    pub kind: &'a str,
    pub code: &'a str,
}

/// Why data that comes as a pack is refused. Nothing of it is used then: the version in use stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    #[error("the file cannot be read as a pack: {0}")]
    Unreadable(String),
    #[error("the code {code} occurs twice: remove or renumber one of them")]
    DuplicateCode { code: String },
    #[error("item {code}: {broken}")]
    Rule { code: String, broken: String },
}

impl Pack {
    /// Reads and checks a pack: no code twice within a kind; every active item has exactly one net, one deadline,
    /// one evidence rule, one outcome (态) and at least one way (治), all of them known.
    pub fn parse(json: &str) -> Result<Self, PackError> {
        raw::read(json)
    }

    /// The city standard as shipped.
    pub fn city() -> Self {
        Self::parse(include_str!("../packs/city_2026.json")).expect("a test parses the pack that is built in")
    }

    /// Our local extension for villages as shipped.
    pub fn village() -> Self {
        Self::parse(include_str!("../packs/village.json")).expect("a test parses the pack that is built in")
    }

    pub fn item(&self, key: CategoryKey<'_>) -> Option<&Item> {
        let item = |item: &&Item| item.kind.as_str() == key.kind && item.code == key.code;
        if key.standard_ref == self.standard_ref { self.items.iter().find(item) } else { None }
    }

    /// What a new record stores. `None` if the pack has no such item, or it is retired.
    pub fn snapshot(&self, key: CategoryKey<'_>) -> Option<Category> {
        let item = self.item(key).filter(|item| item.rules.is_some())?;
        Some(Category {
            standard_ref: self.standard_ref.clone(),
            kind: item.kind.as_str().into(),
            code: item.code.clone(),
            name: item.name.clone(),
        })
    }
}

impl Item {
    /// Whether what is reported under it may have a photo. A retired one says nothing against it.
    pub fn takes_photo(&self) -> bool {
        let evidence = self.rules.as_ref().map(|rules| rules.evidence);
        !matches!(evidence, Some(Evidence::NoPhoto | Evidence::NeverPhoto))
    }
}

impl Category {
    pub fn key(&self) -> CategoryKey<'_> {
        CategoryKey { standard_ref: &self.standard_ref, kind: &self.kind, code: &self.code }
    }

    /// As a field holds it: `[standard_ref, kind, code, name]`.
    pub fn to_value(&self) -> Value {
        let parts = [&self.standard_ref, &self.kind, &self.code, &self.name].map(|part| Value::text(part));
        Value::list(&parts)
    }

    /// `None` if the value is no category.
    pub fn from_value(value: &Value) -> Option<Self> {
        let parts = value.as_list()?;
        let [standard_ref, kind, code, name] = parts.as_slice() else { return None };
        let text = |part: &Value| part.as_text().map(str::to_owned);
        Some(Self { standard_ref: text(standard_ref)?, kind: text(kind)?, code: text(code)?, name: text(name)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key<'a>(pack: &'a Pack, kind: &'a str, code: &'a str) -> CategoryKey<'a> {
        CategoryKey { standard_ref: &pack.standard_ref, kind, code }
    }

    fn pack_of(items: &str) -> Result<Pack, PackError> {
        Pack::parse(&format!(
            r#"{{"standard_ref": "test", "version": 1, "effective_from": "2026-01-01", "local_extension": true,
                "note": "", "classes": [], "items": [{items}]}}"#
        ))
    }

    const ITEM: &str = r#"{"kind": "matter", "code": "52", "name": "安全隐患", "first_level": "village",
        "net": "emergency", "deadline": "urgent", "evidence": "photo", "outcome": "stability", "ways": ["legal"]}"#;

    #[test]
    fn the_packs_that_are_built_in_hold_what_the_domain_lists() {
        let city = Pack::city();
        let of = |kind| city.items.iter().filter(|item| item.kind == kind).count();
        assert_eq!((of(Kind::Matter), of(Kind::Component)), (21, 8));
        assert!(!city.local_extension);
        let village = Pack::village();
        let codes: Vec<&str> = village.items.iter().map(|item| item.code.as_str()).collect();
        assert_eq!(codes.first().zip(codes.last()), Some((&"51", &"64")));
        assert_eq!(codes.len(), 14);
        assert!(village.local_extension);
    }

    #[test]
    fn care_has_no_photo_and_publicity_never_one() {
        let village = Pack::village();
        let evidence = |code| {
            let item = village.item(key(&village, "matter", code)).expect("listed");
            item.rules.as_ref().map(|rules| rules.evidence)
        };
        assert_eq!(evidence("56"), Some(Evidence::NoPhoto));
        assert_eq!(evidence("60"), Some(Evidence::NeverPhoto));
    }

    #[test]
    fn a_snapshot_finds_its_item_again_and_a_future_one_keeps_its_name() {
        let city = Pack::city();
        let hatch = city.snapshot(key(&city, "component", "01003")).expect("listed");
        assert_eq!(hatch.name, "雨水井盖");
        assert_eq!(city.item(hatch.key()).map(|item| item.name.as_str()), Some("雨水井盖"));
        assert_eq!(city.snapshot(key(&city, "matter", "01003")), None, "components and matters share numbers");

        let future = r#"{"standard_ref": "GB/T 47678.5-2031", "kind": "drone", "code": "11001", "name": "低空飞行"}"#;
        let future: Category = serde_json::from_str(future).expect("plain text");
        assert_eq!((city.item(future.key()), future.name.as_str()), (None, "低空飞行"));
        assert_eq!(Category::from_value(&future.to_value()), Some(future));
        assert_eq!(Category::from_value(&Value::text("低空飞行")), None);
    }

    #[test]
    fn a_retired_item_keeps_its_name_and_is_not_offered() {
        let pack = pack_of(r#"{"kind": "matter", "code": "50", "name": "旧类别", "retired": true}"#).expect("sound");
        assert_eq!(pack.item(key(&pack, "matter", "50")).map(|item| item.name.as_str()), Some("旧类别"));
        assert_eq!(pack.snapshot(key(&pack, "matter", "50")), None);
    }

    #[test]
    fn a_code_twice_is_refused_by_name_and_fine_under_another_kind() {
        let again = format!("{ITEM}, {ITEM}");
        assert_eq!(pack_of(&again), Err(PackError::DuplicateCode { code: "52".into() }));
        let component = format!("{ITEM}, {}", ITEM.replace("matter", "component"));
        assert_eq!(pack_of(&component).map(|pack| pack.items.len()), Ok(2));
    }

    #[test]
    fn an_active_item_needs_each_rule_once_and_known() {
        let cases = [
            (r#""net": "emergency""#, r#""net": "fishery""#, "net fishery"),
            (r#""net": "emergency","#, "", "no net"),
            (r#""deadline": "urgent""#, r#""deadline": "someday""#, "deadline someday"),
            (r#""evidence": "photo","#, "", "no evidence"),
            (r#""outcome": "stability""#, r#""outcome": "wealth""#, "outcome wealth"),
            (r#"["legal"]"#, "[]", "no way"),
            (r#"["legal"]"#, r#"["force"]"#, "way force"),
            (r#""first_level": "village""#, r#""first_level": "street""#, "level street"),
            (r#""name": "安全隐患""#, r#""name": "安全隐患", "parent": "99""#, "parent 99"),
        ];
        for (from, to, says) in cases {
            let error = pack_of(&ITEM.replace(from, to)).expect_err("a broken rule");
            assert!(matches!(&error, PackError::Rule { code, .. } if code == "52"), "{error:?}");
            assert!(error.to_string().contains(says), "{error} does not say {says}");
        }
    }

    #[test]
    fn two_nets_or_a_date_that_is_none_cannot_be_read() {
        let two = ITEM.replace(r#""emergency""#, r#"["emergency", "city"]"#);
        assert!(matches!(pack_of(&two), Err(PackError::Unreadable(_))));
        let undated = Pack::parse(
            r#"{"standard_ref": "x", "version": 1, "effective_from": "soon", "local_extension": true, "note": "",
                "classes": [], "items": []}"#,
        );
        assert!(matches!(undated, Err(PackError::Unreadable(why)) if why.contains("effective_from")));
    }

    #[test]
    fn a_petition_is_answered_finished_and_extended_within_its_days() {
        let days = |n| Some(Span::CalendarDays(n));
        let due = Deadline::Petition.default_due();
        assert_eq!((due.inform, due.finish, due.extend_at_most), (days(15), days(60), days(30)));
        assert_eq!(Deadline::Now.default_due().finish, None, "call first, record afterwards");
        assert_eq!(Deadline::Urgent.default_due().finish, Some(Span::Hours(2)));
    }
}
