//! `RunTask`: a checked request becomes tasks, written before they are answered.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Chaos, Fault};

use super::{
    Ecs, Launch, Seat,
    capacity::Capacity,
    cluster::Cluster,
    describe, lock,
    order::Order,
    outbox::{Notice, Outbox},
    plan::plan,
    refusal::{client, no_definition},
    request::Request,
    state::State,
    task::Task,
    token::{self, Token},
};

/// Tasks that found room, and failures of those that did not.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) tasks: Vec<(Task, Vec<Launch>)>,
    pub(super) failures: Vec<Value>,
}

impl Ecs {
    pub(super) fn run_task(self: &Arc<Self>, input: &Value) -> Result<Value, Fault> {
        let request = Request::read(input)?;
        let now = self.ground.clock.now();
        let mut state = self.state();
        if state.is_closing {
            return Err(Fault {
                code: "ServerException".into(),
                ..Fault::server("this AWS is shutting down; call again when it is started")
            });
        }
        self.ground.store.write(&state.forget(now))?;
        let cluster = state.cluster(request.cluster.as_deref())?;
        let token_key = request.client_token.as_ref().map(|it| token::key(&cluster.arn, it));
        let digest = token::digest(input);
        let used = token_key.as_ref().and_then(|key| state.tokens.get(key));
        if let Some(used) = used.filter(|used| used.holds(&state.tasks, now)) {
            return used.answer(&digest);
        }
        let placed = self.place(&state, &request, &input["overrides"], cluster, now)?;
        let answer = answer(&placed);
        let ids = placed.tasks.iter().map(|(task, _)| task.id.clone()).collect();
        let ends_early = self.chaos.get().is_some_and(Chaos::ends_token_early);
        let token = token_key.map(|key| {
            (key, Token::new(digest, answer.clone(), now, ids).ending_early(ends_early))
        });
        self.admit(&mut state, &placed, token)?;
        drop(state);
        self.outbox.flush(&self.ground);
        for (task, launches) in placed.tasks {
            self.begin(task, launches);
        }
        Ok(answer)
    }

    fn place(
        &self,
        state: &State,
        request: &Request,
        overrides: &Value,
        cluster: &Cluster,
        now: Timestamp,
    ) -> Result<Placed, Fault> {
        let definition = state.definition(&request.task_definition);
        let definition = definition.ok_or_else(no_definition)?;
        if !definition.is_active() {
            return Err(client("TaskDefinition is inactive"));
        }
        let capacities = plan(request, definition, cluster)?;
        let account = &self.ground.account;
        let clock = self.ground.clock;
        let service = None;
        let order = Order { account, clock, request, overrides, definition, cluster, now, service };
        self.place_each(state, &order, capacities)
    }

    /// Makes tasks of those for which there is room.
    pub(super) fn place_each(
        &self,
        state: &State,
        order: &Order<'_>,
        capacities: Vec<Capacity>,
    ) -> Result<Placed, Fault> {
        let placement = lock(&self.placement);
        let mut placed = Placed::default();
        for capacity in capacities {
            let seat = Seat {
                alive: state.alive + placed.tasks.len(),
                launch_type: &capacity.launch_type,
                provider: capacity.provider.as_deref(),
            };
            let disturbed =
                || self.chaos.get().and_then(|chaos| chaos.refuses_task(&capacity.launch_type));
            match placement.refuse(&seat).or_else(disturbed) {
                Some(reason) => placed.failures.push(order.failure(&capacity, &reason)),
                None => placed.tasks.push(order.task(capacity)?),
            }
        }
        Ok(placed)
    }

    /// Writes tasks, their first events and the token in one, then shows them to everybody.
    fn admit(
        &self,
        state: &mut State,
        placed: &Placed,
        token: Option<(String, Token)>,
    ) -> Result<(), Fault> {
        let tasks = placed.tasks.iter().map(|(task, _)| task);
        let notices = self.outbox.number(tasks.clone().map(Notice::of));
        let mut changes: Vec<_> = tasks.clone().map(Task::row).collect();
        changes.extend(Outbox::rows(&notices));
        changes.extend(token.iter().map(|(key, token)| token.row(key)));
        self.ground.store.write(&changes)?;
        for task in tasks {
            state.put_task(task.clone());
        }
        state.tokens.extend(token);
        self.outbox.push(notices);
        Ok(())
    }
}

fn answer(placed: &Placed) -> Value {
    let tasks: Vec<Value> = placed.tasks.iter().map(|(task, _)| described(task)).collect();
    json!({"tasks": tasks, "failures": placed.failures})
}

/// `RunTask` answers tags without being asked.
fn described(task: &Task) -> Value {
    let mut shown = describe::api(task);
    shown["tags"] = json!(task.tags);
    shown
}
