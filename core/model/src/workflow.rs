//! The life of a case: a total, pure table of stage × target × role × fresh or stale.

/// What somebody is for an area. A person may have one in each area; a certificate names one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Member,
    Lead,
    Supervisor,
    Handler,
    Checker,
    /// Read-only.
    Auditor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    Draft,
    Reported,
    SelfHandled,
    Accepted,
    Merged,
    Declined,
    Filed,
    Dispatched,
    Signed,
    Returned,
    Handling,
    Suspended,
    Extended,
    Handled,
    Checked,
    Closed,
    Rated,
    Revisited,
    Reopened,
}

/// What becomes of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    Apply,
    /// The case is already there: the two authors agree.
    Agreement,
    /// Written on an older stage, but the step makes sense from the present one.
    Rebase,
    /// Held for a supervisor; its other effects are merged as ordinary edits.
    Park(ParkReason),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParkReason {
    /// The role may not take this step.
    NoRights,
    /// No such step from the present stage.
    NoSuchStep,
    /// The case moved on since the author looked, and the step cannot be taken blindly.
    Stale,
}

impl Role {
    pub const ALL: [Role; 6] =
        [Role::Member, Role::Lead, Role::Supervisor, Role::Handler, Role::Checker, Role::Auditor];

    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    pub fn name(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::Lead => "lead",
            Role::Supervisor => "supervisor",
            Role::Handler => "handler",
            Role::Checker => "checker",
            Role::Auditor => "auditor",
        }
    }
}

impl Stage {
    pub const ALL: [Stage; 19] = {
        use Stage::*;
        [
            Draft,
            Reported,
            SelfHandled,
            Accepted,
            Merged,
            Declined,
            Filed,
            Dispatched,
            Signed,
            Returned,
            Handling,
            Suspended,
            Extended,
            Handled,
            Checked,
            Closed,
            Rated,
            Revisited,
            Reopened,
        ]
    };

    /// Stable number in values.
    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn from_code(code: i64) -> Option<Self> {
        usize::try_from(code).ok().and_then(|at| Self::ALL.get(at)).copied()
    }

    pub fn name(self) -> &'static str {
        use Stage::*;
        match self {
            Draft => "draft",
            Reported => "reported",
            SelfHandled => "self_handled",
            Accepted => "accepted",
            Merged => "merged",
            Declined => "declined",
            Filed => "filed",
            Dispatched => "dispatched",
            Signed => "signed",
            Returned => "returned",
            Handling => "handling",
            Suspended => "suspended",
            Extended => "extended",
            Handled => "handled",
            Checked => "checked",
            Closed => "closed",
            Rated => "rated",
            Revisited => "revisited",
            Reopened => "reopened",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// Reaching it locks what was written before: a late edit becomes an amendment.
    pub fn locks(self) -> bool {
        matches!(self, Stage::Accepted | Stage::Closed)
    }
}

/// Whether `target` follows `stage` (the drawing in the domain notes; filing and handling may be left out).
fn follows(stage: Stage, target: Stage) -> bool {
    use Stage::*;
    match stage {
        Draft => matches!(target, Reported),
        Reported => matches!(target, SelfHandled | Accepted),
        SelfHandled => matches!(target, Closed),
        Accepted => matches!(target, Merged | Declined | Filed | Dispatched),
        Filed => matches!(target, Dispatched),
        Dispatched | Reopened => matches!(target, Dispatched | Signed | Returned),
        Signed => matches!(target, Returned | Handling | Handled),
        Returned => matches!(target, Dispatched | Declined),
        Handling => matches!(target, Suspended | Extended | Handled | Returned),
        Suspended | Extended => matches!(target, Handling | Handled),
        Handled => matches!(target, Checked),
        Checked => matches!(target, Closed | Dispatched),
        Closed | Rated | Revisited => matches!(target, Rated | Revisited | Reopened),
        Merged | Declined => false,
    }
}

/// Who may take the step to `target`.
pub fn may_enter(role: Role, target: Stage) -> bool {
    use Stage::*;
    match target {
        Draft | Reported => matches!(role, Role::Member | Role::Lead | Role::Supervisor),
        // On the spot, by whoever stood there.
        SelfHandled => matches!(role, Role::Member | Role::Lead),
        Accepted | Declined | Merged | Filed | Dispatched | Suspended | Extended => {
            matches!(role, Role::Supervisor | Role::Lead)
        }
        Signed | Returned | Handling | Handled => matches!(role, Role::Handler),
        Checked => matches!(role, Role::Checker),
        Closed | Revisited | Reopened => matches!(role, Role::Supervisor),
        // The villager rates by slip; the office types it in until slips exist.
        Rated => matches!(role, Role::Supervisor),
    }
}

/// A step that stays right when the case moved underneath it: it reports a fact rather than gives an order.
fn states_a_fact(target: Stage) -> bool {
    matches!(target, Stage::Reported | Stage::SelfHandled | Stage::Signed | Stage::Handling | Stage::Handled)
}

/// What becomes of a transition to `target` on a case that stands at `stage`; `fresh` when the author had seen
/// the stage that still stands.
pub fn rule(stage: Stage, target: Stage, role: Role, fresh: bool) -> Ruling {
    if !may_enter(role, target) {
        return Ruling::Park(ParkReason::NoRights);
    }
    // A repeated dispatch is an order of its own (another level, another holder), not an agreement.
    if stage == target && !(fresh && follows(stage, target)) {
        return Ruling::Agreement;
    }
    match (follows(stage, target), fresh) {
        (false, _) => Ruling::Park(ParkReason::NoSuchStep),
        (true, true) => Ruling::Apply,
        (true, false) if states_a_fact(target) => Ruling::Rebase,
        (true, false) => Ruling::Park(ParkReason::Stale),
    }
}

/// Steps that a role may take from a stage, in table order: what a screen offers.
pub fn offered(stage: Stage, role: Role) -> impl Iterator<Item = Stage> {
    Stage::ALL.into_iter().filter(move |target| rule(stage, *target, role, true) == Ruling::Apply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_total_and_each_answer_has_its_reason() {
        let mut counts = [0usize; 4];
        for stage in Stage::ALL {
            for target in Stage::ALL {
                for role in Role::ALL {
                    for fresh in [true, false] {
                        let ruling = rule(stage, target, role, fresh);
                        match ruling {
                            Ruling::Apply => {
                                assert!(fresh && follows(stage, target) && may_enter(role, target));
                                counts[0] += 1;
                            }
                            Ruling::Agreement => {
                                assert!(stage == target && may_enter(role, target));
                                counts[1] += 1;
                            }
                            Ruling::Rebase => {
                                assert!(!fresh && states_a_fact(target));
                                counts[2] += 1;
                            }
                            Ruling::Park(reason) => {
                                assert_eq!(reason == ParkReason::NoRights, !may_enter(role, target));
                                counts[3] += 1;
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(counts.iter().sum::<usize>(), 19 * 19 * 6 * 2);
        assert_eq!(counts, [56, 58, 14, 4_204], "a change of the table is a change of this line");
    }

    #[test]
    fn an_auditor_changes_nothing_and_a_member_never_closes() {
        for stage in Stage::ALL {
            assert_eq!(offered(stage, Role::Auditor).count(), 0);
            assert!(!offered(stage, Role::Member).any(|target| target == Stage::Closed));
        }
    }

    #[test]
    fn the_common_life_of_a_case_can_be_walked() {
        let life = [
            (Stage::Accepted, Role::Supervisor),
            (Stage::Dispatched, Role::Supervisor),
            (Stage::Signed, Role::Handler),
            (Stage::Handled, Role::Handler),
            (Stage::Checked, Role::Checker),
            (Stage::Closed, Role::Supervisor),
        ];
        let mut stage = Stage::Reported;
        for (target, role) in life {
            assert_eq!(rule(stage, target, role, true), Ruling::Apply, "{stage:?} to {target:?}");
            stage = target;
        }
    }

    #[test]
    fn a_stale_order_is_parked_and_a_stale_fact_is_taken() {
        assert_eq!(rule(Stage::Reported, Stage::SelfHandled, Role::Member, false), Ruling::Rebase);
        assert_eq!(rule(Stage::Returned, Stage::Dispatched, Role::Supervisor, false), Ruling::Park(ParkReason::Stale));
        assert_eq!(rule(Stage::Closed, Stage::Closed, Role::Supervisor, false), Ruling::Agreement);
    }

    #[test]
    fn stage_names_and_codes_read_back() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_code(i64::from(stage.code())), Some(stage));
            assert_eq!(Stage::from_name(stage.name()), Some(stage));
        }
    }
}
