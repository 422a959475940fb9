//! template ─▶ what a schedule would send the scaler ─▶ judged as the scaler would

use longshore::fleet::Queue;
use longshore_local::template::{Declared, Problem, Resource, Stack};
use serde_json::Value;

use super::dead::{TODO, dead};

/// A queue that can be scaled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scaled {
    pub(super) queue: String,
    /// Logical id of the schedule.
    pub(super) by: String,
    pub(super) warning: Option<String>,
}

/// The queues whose fleets a template's schedules have scaled, and what is wrong with them.
pub(super) fn scaled(stack: &Stack) -> (Vec<Scaled>, Vec<Problem>) {
    let (mut queues, mut problems): (Vec<Scaled>, _) = (Vec::new(), Vec::new());
    for declared in &stack.resources {
        let Some(input) = input(declared) else { continue };
        let by = declared.logical_id.clone();
        let judged = Queue::parse_all(input).unwrap_or_else(|rejected| vec![Err(rejected)]);
        for queue in judged {
            let problem = |what: String, remedy: &str| Problem {
                line: declared.line,
                path: format!("Resources.{by}"),
                what,
                remedy: remedy.to_owned(),
            };
            match queue {
                Err(wrong) => {
                    problems.push(problem(format!("{}: {}", wrong.at, wrong.why), wrong.todo));
                }
                Ok(queue) => {
                    let known = queues.iter().find(|known| known.queue == queue.name());
                    match (dead(stack, &queue.settings.queue), known) {
                        (Some(dead), _) => problems.push(problem(format!("queues: {dead}"), TODO)),
                        (None, Some(known)) => problems.push(problem(
                            format!("queues: `{}` is scaled by {} too", known.queue, known.by),
                            "name a queue in one schedule: two would take it from each other",
                        )),
                        (None, None) => queues.push(of(&queue, &by)),
                    }
                }
            }
        }
    }
    (queues, problems)
}

fn of(queue: &Queue, by: &str) -> Scaled {
    let warning = queue.policy.warning(None);
    let warning = warning.map(|warning| format!("{}: {warning}", queue.name()));
    Scaled { queue: queue.name().to_owned(), by: by.to_owned(), warning }
}

/// What a schedule sends, if it is about queues.
fn input(declared: &Declared) -> Option<Value> {
    let Resource::Schedule(schedule) = &declared.resource else { return None };
    let input: Value = serde_json::from_str(&schedule.input).ok()?;
    input.get("queues").is_some().then_some(input)
}
