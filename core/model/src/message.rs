//! Every text of the interface by its message id, in Chinese and English, once for phones, hub and console:
//! the files in `messages/` are what all of them read.

use std::borrow::Cow;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    Zh,
    En,
}

/// What stands in the place of a `{ $name }` in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg<'a> {
    Text(&'a str),
    Number(i64),
}

/// The texts of one language. Make one and share it.
pub struct Messages {
    bundle: FluentBundle<FluentResource>,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The Fluent file itself, for those who serve it.
    pub fn source(self) -> &'static str {
        match self {
            Lang::Zh => include_str!("../messages/zh.ftl"),
            Lang::En => include_str!("../messages/en.ftl"),
        }
    }

    fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }
}

impl Messages {
    pub fn new(lang: Lang) -> Self {
        let tag: LanguageIdentifier = lang.tag().parse().expect("the two tags are well-formed");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // The marks around arguments are for mixed writing directions, which we do not have.
        bundle.set_use_isolating(false);
        let source = FluentResource::try_new(lang.source().to_owned()).expect("a test parses the files");
        bundle.add_resource(source).expect("a test finds ids that occur twice");
        Self { bundle }
    }

    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }

    /// The text of `id`; the id itself if there is none, so that a hole is visible and nothing fails.
    pub fn text(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            values.set(*name, value.fluent());
        }
        // A missing argument leaves its name in the text; there is nothing better to do about it here.
        self.bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

impl Arg<'_> {
    fn fluent(&self) -> FluentValue<'_> {
        match self {
            Arg::Text(text) => FluentValue::String(Cow::Borrowed(text)),
            Arg::Number(number) => FluentValue::from(*number),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pack::{Deadline, Evidence, Kind, Net, Outcome, Way};
    use crate::row::HeldReason;
    use crate::schema::{FIELDS, RecordKind};
    use crate::workflow::{Role, Stage};

    /// Ids at the start of a line, in order; every text of ours is on one line.
    fn ids(lang: Lang) -> Vec<&'static str> {
        lang.source().lines().filter_map(|line| line.split_once(" = ")).map(|(id, _)| id).collect()
    }

    #[test]
    fn both_languages_have_the_same_ids_once_and_in_the_same_order() {
        assert_eq!(ids(Lang::Zh), ids(Lang::En));
        let distinct: BTreeSet<&str> = ids(Lang::Zh).into_iter().collect();
        assert_eq!(distinct.len(), ids(Lang::Zh).len());
        let kebab = |id: &&str| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        assert!(distinct.iter().all(kebab), "ids are kebab-case");
        for lang in Lang::ALL {
            let messages = Messages::new(lang);
            assert!(distinct.iter().all(|id| messages.has(id)), "every line of {lang:?} is a message");
        }
    }

    #[test]
    fn every_word_of_a_pack_has_its_text() {
        let messages = Messages::new(Lang::Zh);
        let words = (Kind::ALL.iter().map(|word| word.message_id()))
            .chain(Net::ALL.iter().map(|word| word.message_id()))
            .chain(Deadline::ALL.iter().map(|word| word.message_id()))
            .chain(Evidence::ALL.iter().map(|word| word.message_id()))
            .chain(Way::ALL.iter().map(|word| word.message_id()))
            .chain(Outcome::ALL.iter().map(|word| word.message_id()));
        let missing: Vec<&str> = words.filter(|id| !messages.has(id)).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn every_name_of_the_tables_has_its_text() {
        let messages = Messages::new(Lang::Zh);
        let id = |prefix: &str, name: &str| format!("{prefix}-{}", name.replace('_', "-"));
        let names = (Stage::ALL.iter().map(|stage| id("stage", stage.name())))
            .chain(Role::ALL.iter().map(|role| id("role", role.name())))
            .chain(RecordKind::NAMES.iter().map(|(_, name)| id("kind", name)))
            .chain(FIELDS.iter().map(|field| id("field", field.name)))
            .chain(HeldReason::ALL.iter().map(|reason| reason.message_id().to_owned()));
        let missing: Vec<String> = names.filter(|id| !messages.has(id)).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn the_chinese_texts_have_no_english_left_in_them() {
        // Names that Chinese text writes so too.
        let allowed = ["HEIC", "WGS"];
        let messages = Messages::new(Lang::Zh);
        for id in ids(Lang::Zh) {
            let args = [("cause", Arg::Text("原因")), ("minutes", Arg::Number(14)), ("port", Arg::Number(80))];
            let more = [("code", Arg::Text("440783")), ("why", Arg::Text("原因")), ("distance", Arg::Number(3))];
            let area = [("area", Arg::Number(12)), ("feature", Arg::Number(7)), ("named", Arg::Text("百度坐标"))];
            let file = [("stated", Arg::Text("某坐标")), ("wanted", Arg::Text("编码")), ("have", Arg::Text("名称"))];
            let text =
                messages.text(id, &[args.as_slice(), more.as_slice(), area.as_slice(), file.as_slice()].concat());
            let rest = allowed.iter().fold(text, |text, word| text.replace(word, ""));
            assert!(!rest.contains(|c: char| c.is_ascii_alphabetic() || c == '{'), "{id}: {rest}");
        }
    }

    #[test]
    fn arguments_stand_in_the_text_as_they_are() {
        let zh = Messages::new(Lang::Zh);
        let cause = zh.text("gap-permission", &[]);
        let gap = zh.text("gap-length", &[("cause", Arg::Text(&cause)), ("minutes", Arg::Number(14))]);
        assert_eq!(gap, "定位权限关闭 14 分钟");
        let port = [("port", Arg::Number(18080))];
        assert!(Messages::new(Lang::En).text("error-port-in-use", &port).starts_with("Port 18080 is in use."));
    }

    #[test]
    fn an_unknown_id_shows_itself() {
        assert_eq!(Messages::new(Lang::Zh).text("stage-of-tomorrow", &[]), "stage-of-tomorrow");
    }
}
