//! What becomes of a call: served, throttled, failed or left without an answer.

use std::sync::Arc;

use super::{
    Chaos,
    draw::{Draw, Kind, Rate},
    faults,
};
use crate::{Call, Gate, Verdict};

/// What can happen to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Refused as one too many.
    Throttled,
    /// The connection ends before anything has happened.
    HangUpBefore,
    /// It takes effect, and the connection ends without an answer.
    HangUpAfter,
    /// 500 or 503 before anything has happened.
    FailBefore,
    /// It takes effect, and the answer is 500 or 503.
    FailAfter,
    /// No task can be started, which `RunTask` says as an error.
    NoCapacity,
    /// A throttle of what ECS itself calls, which `RunTask` passes on as a wrong parameter.
    ThrottledWithin,
}

/// About one call in 25, so that a call that is tried three times fails once in 15,000. Every
/// AWS service may answer each of these, and an SDK tries again after each ("Retry behavior",
/// AWS SDKs and Tools Reference Guide); a connection may end at any instant.
pub(super) const CALLS: [Rate<Trouble>; 5] = [
    (15, Trouble::Throttled),
    (8, Trouble::HangUpBefore),
    (8, Trouble::HangUpAfter),
    (5, Trouble::FailBefore),
    (5, Trouble::FailAfter),
];

/// `RunTask` has more ways to fail, of which an SDK repeats none ("RunTask", Amazon ECS API
/// Reference, and "API failure reasons", Developer Guide).
pub(super) const RUN_TASK: [Rate<Trouble>; 7] = [
    (15, Trouble::Throttled),
    (10, Trouble::HangUpBefore),
    (15, Trouble::HangUpAfter),
    (5, Trouble::FailBefore),
    (10, Trouble::FailAfter),
    (15, Trouble::NoCapacity),
    (5, Trouble::ThrottledWithin),
];

/// The services that are disturbed. Not the metadata of a container, which is of its own machine,
/// and not STS, which nobody asks twice. What a container asks of the agent about its protection
/// is a call of ECS, and disturbed as one.
const SERVICES: [&str; 6] = ["dynamodb", "ecs", "events", "lambda", "s3", "sqs"];

impl Chaos {
    /// What becomes of this call.
    pub(super) fn call(&self, call: Call<'_>) -> Verdict {
        if !SERVICES.contains(&call.service) {
            return Verdict::Serve;
        }
        let subject = format!("{} {}", call.service, call.operation);
        let Some((trouble, draw)) = self.next(Kind::Call, &subject, rates(call)) else {
            return Verdict::Serve;
        };
        let verdict = verdict(call, trouble, draw);
        self.tell(format!("{subject}: {}", said(&verdict)));
        verdict
    }
}

pub(super) fn rates(call: Call<'_>) -> &'static [Rate<Trouble>] {
    if call.operation == "RunTask" { &RUN_TASK } else { &CALLS }
}

pub(super) fn verdict(call: Call<'_>, trouble: Trouble, draw: Draw) -> Verdict {
    match trouble {
        Trouble::Throttled => Verdict::Refuse(faults::throttled(call, draw)),
        Trouble::HangUpBefore => Verdict::HangUp,
        Trouble::HangUpAfter => Verdict::ServeThenHangUp,
        Trouble::FailBefore => Verdict::Refuse(faults::failed(call, draw)),
        Trouble::FailAfter => Verdict::ServeThenFail(faults::failed(call, draw)),
        Trouble::NoCapacity => Verdict::Refuse(faults::no_capacity(draw)),
        Trouble::ThrottledWithin => Verdict::Refuse(faults::throttled_within()),
    }
}

/// A verdict in words.
pub(super) fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Serve => "served".into(),
        Verdict::Refuse(fault) => format!("{} {} before its effect", fault.status, fault.code),
        Verdict::ServeThenFail(fault) => {
            format!("{} {} after its effect", fault.status, fault.code)
        }
        Verdict::HangUp => "connection closed before its effect".into(),
        Verdict::ServeThenHangUp => "connection closed after its effect".into(),
    }
}

/// A gate with chaos behind it.
#[derive(Debug)]
pub(crate) struct Behind {
    gate: Arc<dyn Gate>,
    chaos: Chaos,
}

impl Behind {
    pub(crate) fn new(gate: Arc<dyn Gate>, chaos: Chaos) -> Self {
        Self { gate, chaos }
    }
}

impl Gate for Behind {
    fn check(&self, call: Call<'_>) -> Verdict {
        match self.gate.check(call) {
            Verdict::Serve => self.chaos.call(call),
            decided => decided,
        }
    }
}
