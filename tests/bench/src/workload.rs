//! The workload of the sync figures: inspection events as people type them, and edits of them by two phones.
//! Seeded, so that every run measures the same bytes. A fifth of B's edits hit a field that A edits too,
//! another fifth the same record in another field.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PLACES: &str = "幸福路 解放街 人民广场 东风巷 建设大道 和平里 滨河路 朝阳小区 红旗村 青山镇 柳林屯 石桥乡 新华书店 供销社 老供电所 变电站 水渠 涵洞 林场 果园";
const OBJECTS: &str =
    "井盖 路灯 垃圾桶 电线杆 消防栓 护栏 配电箱 下水道 公交站牌 围墙 广告牌 河道 农田灌渠 变压器 通信基站";
const PROBLEMS: &str = "破损 缺失 倾斜 堵塞 漏水 冒烟 占道 裸露 锈蚀 塌陷 未关闭 被遮挡 存在安全隐患 有异味 积水严重";
const ACTIONS: &str = "已拍照上报 已联系物业处理 需要市政部门尽快维修 已设置临时警示标志 待复核 请派单 建议列入下周计划 群众多次反映 现场已劝离 已通知责任单位";
const NAMES: &str =
    "王建国 李秀英 张伟 刘洋 陈静 杨帆 赵磊 黄丽 周杰 吴敏 徐强 孙燕 胡志明 朱婷 高峰 林晓 何平 郭涛 马超 罗兰";
const TYPES: &str = "设施损坏 环境卫生 治安隐患 消防隐患 违章搭建 民生诉求 河道巡查 防汛检查";

/// Grids in which the events lie.
pub const GRIDS: u32 = 40;

/// One inspection event.
#[derive(Debug)]
pub struct Event {
    /// 0 to `GRIDS` − 1.
    pub grid: u32,
    pub category: &'static str,
    pub severity: i64,
    pub title: String,
    pub description: String,
    pub address: String,
    /// 1e-7 degrees.
    pub lat_e7: i32,
    pub lon_e7: i32,
    pub reporter: &'static str,
    /// Milliseconds UTC.
    pub created_ms: i64,
}

/// A new value of one field of one event.
#[derive(Debug)]
pub struct Edit {
    pub event: usize,
    pub field: Field,
    pub text: String,
    pub number: i64,
    /// Milliseconds after the first edit.
    pub after_ms: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Severity,
    Status,
    Description,
    Title,
    Address,
    Reporter,
}

const FIELDS: [Field; 6] =
    [Field::Severity, Field::Status, Field::Description, Field::Title, Field::Address, Field::Reporter];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    A,
    B,
}

pub struct Workload {
    pub events: Vec<Event>,
    pub by_a: Vec<Edit>,
    pub by_b: Vec<Edit>,
}

struct Writer(ChaCha8Rng);

impl Workload {
    /// `edits` by each of the two phones.
    pub fn new(seed: u64, events: usize, edits: usize) -> Self {
        let mut writer = Writer(ChaCha8Rng::seed_from_u64(seed));
        let events: Vec<Event> = (0..events).map(|at| writer.event(at)).collect();
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.shuffle(&mut writer.0);
        let by_a: Vec<Edit> = (0..edits).map(|at| writer.edit(at, order[at], Editor::A, |_| true)).collect();
        let by_b = (0..edits).map(|at| match (at * 5 / edits, &by_a[at]) {
            (0, same) => writer.edit(at, same.event, Editor::B, |field| field == same.field),
            (1, same) => writer.edit(at, same.event, Editor::B, |field| field != same.field),
            _ => writer.edit(at, order[edits + at], Editor::B, |_| true),
        });
        let by_b = by_b.collect();
        Workload { events, by_a, by_b }
    }
}

impl Writer {
    fn one_of(&mut self, words: &'static str) -> &'static str {
        let count = words.split(' ').count();
        let at = self.0.random_range(0..count);
        words.split(' ').nth(at).expect("at is below the count")
    }

    fn title(&mut self) -> String {
        [self.one_of(PLACES), self.one_of(OBJECTS), self.one_of(PROBLEMS)].concat()
    }

    fn address(&mut self) -> String {
        format!("{}{}号", self.one_of(PLACES), self.0.random_range(1..=300))
    }

    fn description(&mut self) -> String {
        let sentences: Vec<String> = (0..self.0.random_range(1..=2))
            .map(|_| {
                let (place, thing) = (self.address(), self.one_of(OBJECTS));
                format!("{place}附近{thing}{}，{}", self.one_of(PROBLEMS), self.one_of(ACTIONS))
            })
            .collect();
        sentences.join("，") + "。"
    }

    /// One entry every 37 seconds, give or take.
    fn after_ms(&mut self, at: usize) -> i64 {
        at as i64 * 37_000 + self.0.random_range(0..=30_000)
    }

    fn event(&mut self, at: usize) -> Event {
        let created_ms = 1_735_689_600_000 + self.after_ms(at);
        Event {
            grid: self.0.random_range(0..GRIDS),
            category: self.one_of(TYPES),
            severity: self.0.random_range(1..=5),
            title: self.title(),
            description: self.description(),
            address: self.address(),
            // Six decimals of a degree over 0.2 degrees.
            lat_e7: 300_000_000 + self.0.random_range(0..200_000) * 10,
            lon_e7: 1_200_000_000 + self.0.random_range(0..200_000) * 10,
            reporter: self.one_of(NAMES),
            created_ms,
        }
    }

    /// The two phones never write the same value.
    fn edit(&mut self, at: usize, event: usize, editor: Editor, fits: impl Fn(Field) -> bool) -> Edit {
        let choice: Vec<Field> = FIELDS.into_iter().filter(|field| fits(*field)).collect();
        let field = choice[self.0.random_range(0..choice.len())];
        let (mark, tens) = if editor == Editor::A { ("A", 10) } else { ("B", 20) };
        let text = match field {
            Field::Description => self.description(),
            Field::Title => self.title(),
            Field::Address => self.address(),
            Field::Reporter => self.one_of(NAMES).to_owned(),
            Field::Severity | Field::Status => String::new(),
        };
        let number = self.0.random_range(1..=5) + tens;
        Edit { event, field, text: text + mark, number, after_ms: self.after_ms(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of the same events as lines of JSON, ids as the 36 letters of a UUID.
    fn json_bytes(events: &[Event]) -> usize {
        let fixed = r#"{"id":"","grid_id":"G330100","type":"","status":"draft","severity":1,"title":"","description":"","address":"","lat":,"lon":,"reporter":"","created_at":1735689600000}"#;
        let line = |event: &Event| {
            let texts = [event.category, &event.title, &event.description, &event.address, event.reporter];
            let degrees = |e7: i32| (f64::from(e7) / 1e7).to_string().len();
            fixed.len()
                + 36
                + texts.map(str::len).iter().sum::<usize>()
                + degrees(event.lat_e7)
                + degrees(event.lon_e7)
                + 1
        };
        events.iter().map(line).sum()
    }

    #[test]
    fn ten_thousand_events_have_the_size_of_the_reference_workload() {
        let bytes = json_bytes(&Workload::new(1, 10_000, 1_000).events);
        let reference = 3_725_388_f64;
        assert!((bytes as f64 / reference - 1.0).abs() < 0.01, "{bytes} bytes");
    }

    #[test]
    fn a_fifth_of_the_edits_collides_and_another_fifth_only_meets() {
        let load = Workload::new(1, 10_000, 1_000);
        let pairs = load.by_a.iter().zip(&load.by_b);
        let same = pairs.clone().filter(|(a, b)| a.event == b.event && a.field == b.field).count();
        let met = pairs.filter(|(a, b)| a.event == b.event && a.field != b.field).count();
        assert_eq!((same, met), (200, 200));
    }
}
