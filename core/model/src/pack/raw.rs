//! A pack as it stands in JSON, and the checks on the way from there to [`Pack`].

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Class, Deadline, Evidence, Item, Kind, Net, Outcome, Pack, PackError, Rules, Way};
use crate::area::AreaLevel;

#[derive(Deserialize)]
struct RawPack {
    standard_ref: String,
    version: u32,
    effective_from: String,
    local_extension: bool,
    note: String,
    classes: Vec<Class>,
    items: Vec<RawItem>,
}

/// Rules are text here and may be absent, so that an error can name the item and not only a line.
#[derive(Deserialize)]
struct RawItem {
    kind: Kind,
    code: String,
    name: String,
    parent: Option<String>,
    #[serde(default)]
    retired: bool,
    first_level: Option<String>,
    net: Option<String>,
    deadline: Option<String>,
    evidence: Option<String>,
    outcome: Option<String>,
    #[serde(default)]
    ways: Vec<String>,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        Kind::from_key(&key).ok_or_else(|| serde::de::Error::custom(format!("unknown kind {key}")))
    }
}

pub(super) fn read(json: &str) -> Result<Pack, PackError> {
    let raw: RawPack = serde_json::from_str(json).map_err(|why| PackError::Unreadable(why.to_string()))?;
    if !is_date(&raw.effective_from) {
        return Err(PackError::Unreadable("effective_from must be a date, YYYY-MM-DD".into()));
    }
    let classes: BTreeSet<(Kind, &str)> = raw.classes.iter().map(|class| (class.kind, class.code.as_str())).collect();
    let mut seen = classes.clone();
    if classes.len() < raw.classes.len() {
        return Err(PackError::Unreadable("a class occurs twice".into()));
    }
    for item in &raw.items {
        if !seen.insert((item.kind, &item.code)) {
            return Err(PackError::DuplicateCode { code: item.code.clone() });
        }
        if let Some(parent) = &item.parent
            && !classes.contains(&(item.kind, parent.as_str()))
        {
            return Err(rule(&item.code, format!("its parent {parent} is not a class of its kind")));
        }
    }
    let items = raw.items.into_iter().map(item).collect::<Result<_, _>>()?;
    Ok(Pack {
        standard_ref: raw.standard_ref,
        version: raw.version,
        effective_from: raw.effective_from,
        local_extension: raw.local_extension,
        note: raw.note,
        classes: raw.classes,
        items,
    })
}

fn item(raw: RawItem) -> Result<Item, PackError> {
    let rules = if raw.retired { None } else { Some(rules(&raw)?) };
    Ok(Item { kind: raw.kind, code: raw.code, name: raw.name, parent: raw.parent, rules })
}

fn rules(raw: &RawItem) -> Result<Rules, PackError> {
    if raw.ways.is_empty() {
        return Err(rule(&raw.code, "no way (治): give at least one".into()));
    }
    let code = raw.code.as_str();
    let ways = raw.ways.iter().map(|key| known(code, "way", Some(key), Way::from_key)).collect::<Result<_, _>>()?;
    Ok(Rules {
        first_level: known(code, "first level", raw.first_level.as_deref(), level)?,
        net: known(code, "net", raw.net.as_deref(), Net::from_key)?,
        deadline: known(code, "deadline", raw.deadline.as_deref(), Deadline::from_key)?,
        evidence: known(code, "evidence", raw.evidence.as_deref(), Evidence::from_key)?,
        outcome: known(code, "outcome", raw.outcome.as_deref(), Outcome::from_key)?,
        ways,
    })
}

fn known<T>(code: &str, what: &str, key: Option<&str>, find: fn(&str) -> Option<T>) -> Result<T, PackError> {
    let key = key.ok_or_else(|| rule(code, format!("no {what}: an active item needs exactly one")))?;
    find(key).ok_or_else(|| rule(code, format!("the {what} {key} is not known")))
}

fn level(key: &str) -> Option<AreaLevel> {
    match key {
        "village" => Some(AreaLevel::Village),
        "town" => Some(AreaLevel::Town),
        "county" => Some(AreaLevel::County),
        "city" => Some(AreaLevel::City),
        _ => None,
    }
}

fn rule(code: &str, broken: String) -> PackError {
    PackError::Rule { code: code.into(), broken }
}

/// The shape only: whether the day exists is for those who compute with it.
fn is_date(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
}
