//! Bugs that are planted around the machine, to see that the properties would show them.

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Tasks work without asking for the fence.
    NoFence,
    /// ECS starts a task for every call.
    NoToken,
    /// A refusal counts whoever has claimed the launch since.
    RefusalOfAnyClaim,
    /// The end of any task counts as the end of the run's.
    EndOfAnyTask,
    /// A client token is used for as long as its launch is not recorded.
    TokenForEver,
    /// Who does not get the fence leaves as if the work were done.
    FencedLeavesWithZero,
}
