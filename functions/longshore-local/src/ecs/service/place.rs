//! New tasks of a service: made from its PRIMARY deployment, placed as those of `RunTask` are.

use jiff::Timestamp;
use serde_json::Value;

use crate::Fault;

use super::{
    super::{
        Ecs, launch::Placed, order::Order, plan::plan, refusal::no_definition, request::Request,
        state::State,
    },
    record::Service,
};

impl Ecs {
    /// Places tasks of the PRIMARY deployment; one that finds no room counts as a failed start.
    pub(super) fn place_of(
        &self,
        state: &State,
        service: &mut Service,
        count: usize,
        now: Timestamp,
    ) -> Placed {
        let request = service.primary().map(|primary| service.order_of(primary));
        let Some(request) = request.filter(|_| count > 0) else { return Placed::default() };
        match self.try_to_place(state, service, &request, count, now) {
            Ok(placed) => {
                if let Some(failure) = placed.failures.first() {
                    let reason = failure["reason"].as_str().unwrap_or_default();
                    service.unplaced(placed.failures.len(), reason, now);
                }
                placed
            }
            Err(fault) => {
                service.unplaced(count, &fault.message, now);
                Placed::default()
            }
        }
    }

    fn try_to_place(
        &self,
        state: &State,
        service: &Service,
        request: &Value,
        count: usize,
        now: Timestamp,
    ) -> Result<Placed, Fault> {
        let mut request = Request::read(request)?;
        let tasks = state.tasks_of(&service.key());
        request.has_on = tasks.iter().filter_map(|task| task.capacity_provider.clone()).collect();
        request.count = i64::try_from(count).ok();
        let cluster = state.cluster(Some(&service.cluster_arn))?;
        let definition = state.definition(&request.task_definition).ok_or_else(no_definition)?;
        let capacities = plan(&request, definition, cluster)?;
        let order = Order {
            account: &self.ground.account,
            clock: self.ground.clock,
            request: &request,
            overrides: &Value::Null,
            definition,
            cluster,
            now,
            service: Some(&service.name),
        };
        self.place_each(state, &order, capacities)
    }
}
