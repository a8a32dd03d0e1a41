//! The areas and grids that a filter can name.

use gridpatrol_model::area::{AreaCode, AreaLevel};

use super::view::View;
use super::{Desk, Session};
use crate::api::{
    Answer,
    areas::{Area, Areas, Level},
};

impl Desk {
    pub(crate) fn areas(&self, session: &Session) -> Answer<Areas> {
        self.ask(session, |view| {
            let mut areas = Vec::new();
            for scope in view.areas().scopes().iter().filter(|scope| scope.grid().is_none()) {
                view.collect(scope.area(), &mut areas);
            }
            areas.sort_by(|a: &Area, b| a.code.cmp(&b.code));
            areas.dedup();
            let mine = view.grids.by_code.keys().filter(|grid| view.areas().covers(&grid.scope()));
            let grids = mine.map(|grid| view.grids.reference(&self.divisions, *grid)).collect();
            Ok(Areas { areas, grids })
        })
    }
}

impl View<'_> {
    /// An area and those below it, as far as a filter can name them.
    fn collect(&self, area: AreaCode, areas: &mut Vec<Area>) {
        let level = match area.level() {
            AreaLevel::Province | AreaLevel::City => None,
            AreaLevel::County => Some(Level::County),
            AreaLevel::Town => Some(Level::Town),
            AreaLevel::Village => Some(Level::Village),
        };
        if let Some(level) = level {
            let name = self.desk.area(&area.scope()).name;
            areas.push(Area { code: area.to_string(), name, level, synthetic: false });
        }
        for child in self.desk.divisions.children(area) {
            self.collect(child, areas);
        }
    }
}
