//! The closed words of a pack. Each has a key in JSON and a message id (`net-order`, `deadline-urgent`, …).

/// An enum whose cases have a text key, are listed in `ALL`, and have a message id `prefix-key`.
macro_rules! keys {
    ($(#[$doc:meta])* $type:ident, $prefix:literal, { $($(#[$case_doc:meta])* $case:ident = $key:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$case_doc])* $case),* }

        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$case),*];

            pub fn as_str(self) -> &'static str {
                match self { $($type::$case => $key),* }
            }

            pub fn from_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|case| case.as_str() == key)
            }

            pub fn message_id(self) -> &'static str {
                match self { $($type::$case => concat!($prefix, "-", $key)),* }
            }
        }
    };
}

keys!(
    /// A matter (事件) happens; a component (部件) is a thing that can be broken.
    Kind, "category-kind", { Matter = "matter", Component = "component" }
);

keys!(
    /// 网: a line of government work.
    Net, "net", {
        /// 综治
        Order = "order",
        /// 民政
        Civil = "civil",
        /// 卫健
        Health = "health",
        /// 城管
        City = "city",
        /// 应急
        Emergency = "emergency",
        /// 文旅
        Culture = "culture",
        /// 司法
        Justice = "justice",
        /// 侨务
        Overseas = "overseas",
        /// 市监
        Market = "market",
    }
);

keys!(
    /// By when something is to be solved, from its dispatch on, by the hub's clock.
    Deadline, "deadline", {
        /// Call 110, 119 or 120 first, record afterwards.
        Now = "now",
        Urgent = "urgent",
        /// Water, power, gas, heat.
        Instant = "instant",
        General = "general",
        Complex = "complex",
        Petition = "petition",
        Mediation = "mediation",
    }
);

keys!(
    /// What a report under an item may or should show. A photo is never what decides whether work counts.
    Evidence, "evidence", {
        /// A photo is asked for.
        Photo = "photo",
        /// A photo can be added.
        OptionalPhoto = "optional-photo",
        /// Care: it is about a person. Off; nobody's wish turns it on (`photo_rule`).
        NoPhoto = "no-photo",
        /// The form has no photo field.
        NeverPhoto = "never-photo",
    }
);

keys!(
    /// 五治: the ways of governing.
    Way, "way", {
        /// 政治
        Political = "political",
        /// 法治
        Legal = "legal",
        /// 德治
        Moral = "moral",
        /// 自治
        SelfRule = "self-rule",
        /// 智治
        Smart = "smart",
    }
);

keys!(
    /// 五态: what is to come of it. The choice of the five is ours, to be replaced by an authority's list.
    Outcome, "outcome", {
        /// 稳态
        Stability = "stability",
        /// 生态
        Environment = "environment",
        /// 业态
        Livelihood = "livelihood",
        /// 文态
        Culture = "culture",
        /// 心态
        Mindset = "mindset",
    }
);

/// A length of time as deadlines are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Round the clock.
    Hours(u16),
    CalendarDays(u16),
}

/// What a deadline key means unless a county says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Until the asker is told what happens.
    pub inform: Option<Span>,
    /// Until it is solved. `None`: at once, so there is no time to count.
    pub finish: Option<Span>,
    pub extend_at_most: Option<Span>,
}

impl Deadline {
    pub fn default_due(self) -> Due {
        let within = |finish| Due { inform: None, finish: Some(finish), extend_at_most: None };
        match self {
            Deadline::Now => Due { inform: None, finish: None, extend_at_most: None },
            Deadline::Urgent => within(Span::Hours(2)),
            Deadline::Instant => within(Span::Hours(24)),
            Deadline::General => within(Span::CalendarDays(7)),
            Deadline::Complex => within(Span::CalendarDays(15)),
            Deadline::Petition => Due {
                inform: Some(Span::CalendarDays(15)),
                finish: Some(Span::CalendarDays(60)),
                extend_at_most: Some(Span::CalendarDays(30)),
            },
            // Confirmation by a court is a step of its own, within 30 days of the agreement.
            Deadline::Mediation => within(Span::CalendarDays(30)),
        }
    }
}
