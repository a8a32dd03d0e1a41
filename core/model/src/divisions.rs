//! The list of areas that exist (统计用区划代码) and their names. Data, because codes change every year;
//! never looked up by name, because names repeat.

use std::collections::BTreeMap;

use crate::area::{AreaCode, AreaLevel};
use crate::pack::PackError;

/// Names by code. Make one and share it.
#[derive(Clone, Debug)]
pub struct Divisions {
    names: BTreeMap<AreaCode, String>,
}

/// A code of the right form that no area has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no area has the code {0} (known codes are of 2023-06-30): check its digits, or load a newer list of divisions"
)]
pub struct UnknownArea(pub AreaCode);

impl Divisions {
    /// Jiangmen (4407): 7 counties, 82 towns, 1,348 villages.
    pub fn jiangmen() -> Self {
        Self::parse(include_str!("../packs/divisions_4407.csv")).expect("a test parses the list that is built in")
    }

    /// Lines of `code,name` below that header; `#` starts a comment line. Every town and village needs its parent.
    pub fn parse(csv: &str) -> Result<Self, PackError> {
        let mut lines = csv.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
        if !matches!(lines.next(), Some((_, "code,name"))) {
            return Err(PackError::Unreadable("the first line must be code,name".into()));
        }
        let mut names = BTreeMap::new();
        for (at, line) in lines {
            let (code, name) = entry(line).map_err(|why| PackError::Unreadable(format!("line {}: {why}", at + 1)))?;
            if names.insert(code, name.to_owned()).is_some() {
                return Err(PackError::DuplicateCode { code: code.to_string() });
            }
        }
        let orphan = names.keys().find(|code| {
            code.level() > AreaLevel::County && code.parent().is_some_and(|parent| !names.contains_key(&parent))
        });
        match orphan {
            Some(code) => Err(PackError::Rule { code: code.to_string(), broken: "its parent is not listed".into() }),
            None => Ok(Self { names }),
        }
    }

    pub fn name(&self, area: AreaCode) -> Option<&str> {
        self.names.get(&area).map(String::as_str)
    }

    /// From the county down, as it is written in an address: 开平市塘口镇仲和村委会.
    pub fn full_name(&self, area: AreaCode) -> Result<String, UnknownArea> {
        self.check(area)?;
        let mut parts: Vec<&str> = std::iter::successors(Some(area), AreaCode::parent)
            .take_while(|part| *part == area || part.level() >= AreaLevel::County)
            .filter_map(|part| self.name(part))
            .collect();
        parts.reverse();
        Ok(parts.concat())
    }

    /// The areas one level down, in order of their codes.
    pub fn children(&self, area: AreaCode) -> impl Iterator<Item = AreaCode> + '_ {
        // A prefix sorts directly before everything it contains.
        self.names
            .range(area..)
            .map(|(code, _)| *code)
            .take_while(move |code| area.scope().contains(&code.scope()))
            .filter(move |code| code.parent() == Some(area))
    }

    pub fn check(&self, area: AreaCode) -> Result<(), UnknownArea> {
        if self.names.contains_key(&area) { Ok(()) } else { Err(UnknownArea(area)) }
    }
}

fn entry(line: &str) -> Result<(AreaCode, &str), String> {
    match line.split_once(',') {
        Some((code, name)) if !name.trim().is_empty() && !name.contains(',') => {
            Ok((AreaCode::parse(code).map_err(|why| why.to_string())?, name.trim()))
        }
        _ => Err("expected code,name".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(code: &str) -> AreaCode {
        AreaCode::parse(code).expect("a well-formed code")
    }

    #[test]
    fn jiangmen_has_its_counties_towns_and_villages() {
        let divisions = Divisions::jiangmen();
        let counties: Vec<AreaCode> = divisions.children(area("4407")).collect();
        let towns: Vec<AreaCode> = counties.iter().flat_map(|county| divisions.children(*county)).collect();
        let villages = towns.iter().flat_map(|town| divisions.children(*town)).count();
        assert_eq!((counties.len(), towns.len(), villages), (7, 82, 1348));
        assert_eq!(divisions.name(counties[4]), Some("开平市"));
    }

    #[test]
    fn a_full_name_reads_like_an_address() {
        let divisions = Divisions::jiangmen();
        assert_eq!(divisions.full_name(area("440783108224")).as_deref(), Ok("开平市塘口镇仲和村委会"));
        assert_eq!(divisions.full_name(area("440783")).as_deref(), Ok("开平市"));
        assert_eq!(divisions.full_name(area("4407")).as_deref(), Ok("江门市"));
    }

    #[test]
    fn a_code_that_does_not_exist_says_what_to_do() {
        let missing = area("440783108999");
        let error = Divisions::jiangmen().check(missing).expect_err("no such village");
        assert_eq!(error, UnknownArea(missing));
        assert!(error.to_string().contains("440783108999") && error.to_string().contains("check its digits"));
    }

    #[test]
    fn a_bad_list_names_the_line_or_the_code() {
        let cases = [
            ("code;name\n", "the first line must be code,name"),
            ("code,name\n440783,开平市\n44078,开平市\n", "line 3"),
            ("code,name\n440783,\n", "line 2"),
            ("code,name\n440783,开平市\n440783,开平\n", "440783"),
            ("code,name\n440783108,塘口镇\n", "parent"),
        ];
        for (csv, says) in cases {
            let error = Divisions::parse(csv).expect_err("a broken list");
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
