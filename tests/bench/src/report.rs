//! What was measured: a table for people, one line of JSON for programs.

use serde::Serialize;

#[derive(Serialize)]
pub struct Line {
    /// The subcommand that measures it.
    pub figure: &'static str,
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    pub goal: Option<Goal>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Line {
    pub fn new(figure: &'static str, what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Line { figure, what: what.into(), value, unit, goal: None }
    }

    pub fn goal(self, goal: Goal) -> Self {
        Line { goal: Some(goal), ..self }
    }

    pub fn row(&self) -> String {
        let goal = match self.goal {
            None => String::new(),
            Some(Goal::AtMost(most)) => format!("goal ≤ {most}: {}", word(self.value <= most)),
            Some(Goal::AtLeast(least)) => format!("goal ≥ {least}: {}", word(self.value >= least)),
        };
        let digits = if self.value.abs() < 100.0 && self.value.fract() != 0.0 { 2 } else { 0 };
        format!("{:<9}{:<46}{:>12.digits$} {:<7} {goal}", self.figure, self.what, self.value, self.unit)
    }
}

fn word(reached: bool) -> &'static str {
    if reached { "reached" } else { "missed" }
}

/// Of an odd number of values the middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
