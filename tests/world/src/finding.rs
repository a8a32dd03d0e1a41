//! What is found at a place: mostly nothing, and otherwise something that a grid member would write down.

use crate::PlaceKind;
use crate::dice::Dice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    Normal,
    Unreachable,
    Problem(Problem),
}

/// Something to report, under a category of the packs that ship with the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    pub standard_ref: &'static str,
    pub kind: &'static str,
    pub code: &'static str,
    pub description: &'static str,
    /// Small enough to be put right on the spot.
    pub self_handled: bool,
}

impl Finding {
    pub(crate) fn draw(kind: PlaceKind, dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..82 => Finding::Normal,
            82..86 => Finding::Unreachable,
            _ => Finding::Problem(problem(kind, dice.below(2))),
        }
    }
}

/// Two things that go wrong with each kind of place.
fn problem(kind: PlaceKind, which: usize) -> Problem {
    let city = |kind, code, description, self_handled| Problem {
        standard_ref: "GB/T 47678.5-2026",
        kind,
        code,
        description,
        self_handled,
    };
    let village = |code, description, self_handled| Problem {
        standard_ref: "gridpatrol-village",
        kind: "matter",
        code,
        description,
        self_handled,
    };
    match (kind, which) {
        (PlaceKind::Reservoir, 0) => village("54", "警示牌倒了，旁边有小孩玩水的脚印", false),
        (PlaceKind::Reservoir, _) => city("matter", "06023", "坝坡有一处约两米长的裂缝", false),
        (PlaceKind::RentalHouse, 0) => village("52", "楼梯间停放电动车并拉线充电", false),
        (PlaceKind::RentalHouse, _) => city("matter", "06036", "门口堆放纸箱，已当场清走", true),
        (PlaceKind::FireHydrant, 0) => city("component", "01013", "消防栓出水口的盖子不见了", false),
        (PlaceKind::FireHydrant, _) => city("matter", "09009", "面包车挡住消防栓，已请车主移走", true),
        (PlaceKind::Watchtower, 0) => village("58", "三楼窗框松动，墙面有新的渗水", false),
        (PlaceKind::Watchtower, _) => city("component", "02037", "文物标志牌被藤蔓遮住，已清理", true),
        (PlaceKind::School, 0) => city("matter", "09012", "校门口消防通道停了两辆车", false),
        (PlaceKind::School, _) => city("matter", "07001", "围墙上贴了小广告，已撕掉", true),
        (PlaceKind::Market, 0) => city("matter", "06010", "市场后门垃圾没有清运，有异味", false),
        (PlaceKind::Market, _) => city("matter", "09005", "摊档摆到人行道上，已劝回", true),
        (PlaceKind::Pond, 0) => city("matter", "06025", "水面有死鱼和塑料袋", false),
        (PlaceKind::Pond, _) => village("54", "救生圈不见了", false),
        (PlaceKind::Slope, 0) => city("matter", "06048", "挡土墙中段鼓起，雨后有碎石", false),
        (PlaceKind::Slope, _) => village("53", "坡顶排水沟被落叶堵住，已清通", true),
        (PlaceKind::OldTree, 0) => city("component", "04001", "古树有一根大枝枯了，下面是路", false),
        (PlaceKind::OldTree, _) => village("55", "树下有香烛余火，已浇灭", true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_a_category_of_the_packs_that_ship() {
        use gridpatrol_model::pack::{CategoryKey, Pack};
        let packs = [Pack::city(), Pack::village()];
        for (kind, which) in PlaceKind::ALL.into_iter().flat_map(|kind| [(kind, 0), (kind, 1)]) {
            let Problem { standard_ref, kind, code, .. } = problem(kind, which);
            let key = CategoryKey { standard_ref, kind, code };
            assert!(packs.iter().any(|pack| pack.snapshot(key).is_some()), "{key:?}");
        }
    }
}
