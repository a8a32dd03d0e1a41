//! How urgent a case is for those who plan the day. It sets no deadline: categories do.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    General = 1,
    Pressing = 2,
    Urgent = 3,
}

impl Severity {
    pub const ALL: [Severity; 3] = [Severity::General, Severity::Pressing, Severity::Urgent];

    /// As the field `severity` stores it.
    pub fn code(self) -> i64 {
        self as i64
    }

    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.code() == code)
    }

    /// Its message is `severity-{name}`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::General => "general",
            Severity::Pressing => "pressing",
            Severity::Urgent => "urgent",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }
}
