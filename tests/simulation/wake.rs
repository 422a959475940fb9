//! What happens at an instant.

use longshore::{
    run::Change,
    trigger::{Launch, Registered},
};

use super::{claims::OwnClaim, mates::Happening, operator::Act, ticked::Mark};

/// Number of a flow that runs.
pub(super) type FlowId = u64;

/// What happens at an instant.
#[derive(Debug)]
pub(super) enum Wake {
    /// A flow goes on.
    Flow(FlowId),
    /// A function has taken too long.
    Timeout(FlowId),
    /// A message is visible.
    Message(usize),
    /// The inbox of a trigger, by its number, hands over messages together.
    Gather(usize),
    /// The schedule of the sweep.
    Sweep,
    /// The next moment in the life of a task.
    Task(usize),
    /// A task is killed, in one way or another.
    Kill(usize),
    /// StopTask reaches a task as SIGTERM.
    Terminate(usize),
    /// It did not leave in time.
    Sigkill(usize),
    /// AWS takes the capacity of a Spot task back.
    Reclaim(usize),
    /// The revision of a trigger's task definition is replaced, and INACTIVE from now on.
    Deploy(usize),
    /// Somebody does something by hand.
    Operator(Act),
    /// Settings of a trigger are remembered late.
    LateRegister(Box<Registered>),
    /// A write of the ledger arrives late.
    LateWrite(Box<Change>),
    /// What was heard of a schedule, or looked for, arrives late.
    LateMark(String, Mark),
    /// A claim of an object arrives late.
    LateClaim(Box<OwnClaim>),
    /// A RunTask call arrives late.
    LateLaunch(Box<Launch>),
    /// A launch comes late to the queue of its pool.
    LateEnqueue(Box<Launch>),
    /// Something happens to the pool.
    Pool(Happening),
}
