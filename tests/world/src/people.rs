//! Who works here, by role, village and number. Nobody has a name of a person.

use gridpatrol_model::area::{AreaCode, Scope};
use gridpatrol_model::workflow::Role;

use crate::Grid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Fits an actor id: role letter, code, number, as in `m-440783108224-03`.
    pub id: String,
    /// 网格员·仲和·03
    pub name: String,
    pub role: Role,
    /// The grid, village or town that is theirs.
    pub scope: Scope,
    /// Always true: nobody is meant.
    pub synthetic: bool,
}

/// Letter in ids and Chinese title.
fn marks(role: Role) -> (char, &'static str) {
    match role {
        Role::Member => ('m', "网格员"),
        Role::Lead => ('l', "网格长"),
        Role::Supervisor => ('s', "镇街网格办"),
        Role::Handler => ('h', "承办人"),
        Role::Checker => ('c', "核查员"),
        Role::Auditor => ('a', "监督员"),
    }
}

/// One grid member for each grid.
pub(crate) fn members(village: &str, grids: &[Grid]) -> Vec<Member> {
    let member =
        |(at, grid): (usize, &Grid)| person(Role::Member, grid.code.village(), village, at + 1, grid.code.scope());
    grids.iter().enumerate().map(member).collect()
}

pub(crate) fn lead(village: AreaCode, name: &str) -> Member {
    person(Role::Lead, village, name, 1, village.scope())
}

/// The office of a town: two supervisors, two handlers, one checker, one auditor.
pub(crate) fn office(town: AreaCode, name: &str) -> Vec<Member> {
    let posts = [(Role::Supervisor, 2), (Role::Handler, 2), (Role::Checker, 1), (Role::Auditor, 1)];
    let post = |(role, count)| (1..=count).map(move |number| person(role, town, name, number, town.scope()));
    posts.into_iter().flat_map(post).collect()
}

fn person(role: Role, area: AreaCode, place: &str, number: usize, scope: Scope) -> Member {
    let (letter, title) = marks(role);
    Member {
        id: format!("{letter}-{area}-{number:02}"),
        name: format!("{title}·{place}·{number:02}"),
        role,
        scope,
        synthetic: true,
    }
}

/// 仲和 of 仲和村委会, 塘口 of 塘口镇.
pub(crate) fn short_name(name: &str) -> &str {
    const TAILS: [&str; 9] =
        ["社区居民委员会", "村民委员会", "居民委员会", "社区居委会", "村委会", "居委会", "街道", "新区", "镇"];
    TAILS.iter().find_map(|tail| name.strip_suffix(tail)).filter(|short| !short.is_empty()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_leaves_the_kind_of_place_out() {
        let names = ["仲和村委会", "塘口墟社区居委会", "裡村村委会", "长沙街道", "塘口镇", "翠山湖新区", "镇"];
        assert_eq!(names.map(short_name), ["仲和", "塘口墟", "裡村", "长沙", "塘口", "翠山湖", "镇"]);
    }
}
