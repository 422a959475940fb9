//! What RunTask's errors and `failures[]` mean: whether a task can exist, and whether another
//! launch can help (RunTask API reference; ECS developer guide, API failure reasons).

/// Why ECS did not start a task, for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchRefusal {
    /// ECS's reason.
    pub reason: String,
    /// What can help.
    pub kind: RefusalKind,
}

/// What can help after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// Time, or another subnet or capacity provider.
    Capacity,
    /// The newest settings: the revision was deregistered.
    Inactive,
    /// Nothing: settings or permissions have to change.
    Permanent,
    /// Nobody knows.
    Unknown,
}

/// What an error of RunTask says of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallVerdict {
    /// No task was started.
    Refused(LaunchRefusal),
    /// A task may have been started: only the same token may be tried again.
    Uncertain(String),
}

/// Launches of one attempt that may be refused for want of capacity: with waits of 15 minutes at
/// most, full jitter, more than a day.
const CAPACITY_REFUSALS_MAX: u32 = 200;
/// Launches of one attempt that may be refused because their revision is inactive: a deployment
/// is soon over, and the newest settings follow with the next event.
const INACTIVE_REFUSALS_MAX: u32 = 20;
/// Launches of one attempt that may be refused for reasons unknown to this version.
const UNKNOWN_REFUSALS_MAX: u32 = 5;

impl RefusalKind {
    /// Refusals of this kind before the attempt fails.
    pub(super) fn most(self) -> u32 {
        match self {
            Self::Capacity => CAPACITY_REFUSALS_MAX,
            Self::Inactive => INACTIVE_REFUSALS_MAX,
            Self::Permanent => 1,
            Self::Unknown => UNKNOWN_REFUSALS_MAX,
        }
    }
}

/// Judges an error answer of RunTask. Only what ECS says of the request itself is a refusal.
#[must_use]
pub fn judge_error(status: u16, code: &str, said: String) -> CallVerdict {
    let is_refused = (400..500).contains(&status) && status != 429 && !code.is_empty();
    if !is_refused || is_any_of(code, &PASSING_CODES) || is_any_of(&said, &THROTTLED) {
        return CallVerdict::Uncertain(said);
    }
    let kind = match by_text(&said) {
        _ if PERMANENT_CODES.contains(&code) => RefusalKind::Permanent,
        RefusalKind::Unknown if code == "InvalidParameterException" => RefusalKind::Permanent,
        kind => kind,
    };
    CallVerdict::Refused(LaunchRefusal { kind, reason: said })
}

/// Judges one of the `failures[]` of an answer with status 200.
#[must_use]
pub fn judge_failure(reason: String) -> LaunchRefusal {
    LaunchRefusal { kind: by_text(&reason), reason }
}

/// Codes that say nothing about the request: tried again with the same token, they may pass. Of a
/// conflict, an earlier try may have started a task.
const PASSING_CODES: [&str; 8] = [
    "aborted",
    "conflict",
    "expired",
    "requestlimit",
    "throttl",
    "timeout",
    "toomanyrequests",
    "unavailable",
];
/// Sentences of throttling that come under other codes, InvalidParameterException among them.
const THROTTLED: [&str; 5] =
    ["rate exceeded", "request limit exceeded", "requestlimit", "throttl", "too many requests"];
/// Codes that the same request meets for ever, whatever they say. ClientException and
/// InvalidParameterException are none of them: want of capacity comes under them too.
const PERMANENT_CODES: [&str; 7] = [
    "AccessDeniedException",
    "BlockedException",
    "ClusterNotFoundException",
    "PlatformTaskDefinitionIncompatibilityException",
    "PlatformUnknownException",
    "UnsupportedFeatureException",
    "UnrecognizedClientException",
];
/// Who may not launch is told so in sentences that name a "resource:".
const FORBIDDEN: [&str; 3] = ["not authorized", "access denied", "accessdenied"];
const INACTIVE: [&str; 1] = ["inactive"];
const CAPACITY: [&str; 10] = [
    "resource:",
    "agent",
    "capacity is unavailable",
    "empty capacity provider",
    "limit on the number of",
    "no active instances",
    "no container instances",
    "provisioning capacity limit",
    "provisioning tasks per cluster quota",
    "try again later",
];
const PERMANENT: [&str; 7] = [
    "attribute",
    "memberof",
    "location",
    "missing",
    "not found",
    "unable to find",
    "above your limit",
];

fn by_text(said: &str) -> RefusalKind {
    if is_any_of(said, &FORBIDDEN) {
        RefusalKind::Permanent
    } else if is_any_of(said, &INACTIVE) {
        RefusalKind::Inactive
    } else if is_want_of_capacity(said) {
        RefusalKind::Capacity
    } else if is_any_of(said, &PERMANENT) {
        RefusalKind::Permanent
    } else {
        RefusalKind::Unknown
    }
}

/// Whether ECS says that it has no room.
pub(super) fn is_want_of_capacity(said: &str) -> bool {
    is_any_of(said, &CAPACITY)
}

/// Whether `text` holds any of the lower-case `parts`, in whatever case.
pub(super) fn is_any_of(text: &str, parts: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    parts.iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests;
