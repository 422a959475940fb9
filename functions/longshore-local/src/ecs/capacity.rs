//! Where tasks of one `RunTask` call run: a launch type, or capacity providers by base and weight.

use serde::{Deserialize, Serialize};

use crate::Fault;

use super::refusal::invalid;

/// Most providers in a strategy (`RunTask` API reference).
const PROVIDERS_MAX: usize = 20;

/// One item of a `capacityProviderStrategy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StrategyItem {
    pub(super) capacity_provider: String,
    #[serde(default)]
    pub(super) weight: i64,
    #[serde(default)]
    pub(super) base: i64,
}

/// What one task runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) launch_type: String,
    pub(super) provider: Option<String>,
}

impl Capacity {
    pub(super) fn of_type(launch_type: &str) -> Self {
        Self { launch_type: launch_type.into(), provider: None }
    }

    fn of_provider(name: &str) -> Self {
        let launch_type = if is_fargate(name) { "FARGATE" } else { "EC2" };
        Self { launch_type: launch_type.into(), provider: Some(name.into()) }
    }
}

fn is_fargate(provider: &str) -> bool {
    matches!(provider, "FARGATE" | "FARGATE_SPOT")
}

/// Refuses a strategy that ECS would refuse.
pub(super) fn check(strategy: &[StrategyItem]) -> Result<(), Fault> {
    if strategy.len() > PROVIDERS_MAX {
        return Err(invalid(format!(
            "A capacity provider strategy can have at most {PROVIDERS_MAX} capacity providers."
        )));
    }
    for item in strategy {
        if !(0..=1_000).contains(&item.weight) || !(0..=100_000).contains(&item.base) {
            return Err(invalid(format!(
                "Capacity provider {}: weight must be from 0 to 1000 and base from 0 to 100000.",
                item.capacity_provider
            )));
        }
    }
    if strategy.iter().all(|item| item.weight == 0) {
        return Err(invalid(
            "At least one capacity provider of the strategy must have a weight greater than 0.",
        ));
    }
    if strategy.iter().filter(|item| item.base > 0).count() > 1 {
        return Err(invalid(
            "Only one capacity provider in a capacity provider strategy can have a base defined.",
        ));
    }
    let fargate = strategy.iter().filter(|item| is_fargate(&item.capacity_provider)).count();
    if fargate != 0 && fargate != strategy.len() {
        return Err(invalid(
            "A capacity provider strategy cannot contain a mix of capacity providers using Auto \
             Scaling groups and Fargate capacity providers.",
        ));
    }
    Ok(())
}

/// Spreads `count` tasks beside those that providers have: the base first, the rest in proportion
/// to the weights.
pub(super) fn spread(strategy: &[StrategyItem], has_on: &[String], count: usize) -> Vec<Capacity> {
    let on = |name: &String| has_on.iter().filter(|it| *it == name).count();
    let counts = strategy.iter().map(|item| on(&item.capacity_provider));
    let mut given: Vec<i64> = counts.map(|has| i64::try_from(has).unwrap_or(i64::MAX)).collect();
    let mut spread = Vec::with_capacity(count);
    for _ in 0..count {
        let unmet = strategy.iter().zip(&given).position(|(item, given)| *given < item.base);
        let Some(chosen) = unmet.or_else(|| least_served(strategy, &given)) else { break };
        given[chosen] += 1;
        spread.push(Capacity::of_provider(&strategy[chosen].capacity_provider));
    }
    spread
}

/// The provider whose share above its base is smallest beside its weight; the first of equals.
fn least_served(strategy: &[StrategyItem], given: &[i64]) -> Option<usize> {
    (0..strategy.len()).filter(|index| strategy[*index].weight > 0).min_by(|a, b| {
        let next_share = |index: &usize| given[*index] - strategy[*index].base + 1;
        (next_share(a) * strategy[*b].weight).cmp(&(next_share(b) * strategy[*a].weight))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(provider: &str, weight: i64, base: i64) -> StrategyItem {
        StrategyItem { capacity_provider: provider.into(), weight, base }
    }

    fn on_spot(strategy: &[StrategyItem], count: usize) -> usize {
        let spread = spread(strategy, &[], count);
        assert_eq!(spread.len(), count);
        spread.iter().filter(|task| task.provider.as_deref() == Some("FARGATE_SPOT")).count()
    }

    #[test]
    fn tasks_follow_base_and_weight() {
        let three_to_one = [item("FARGATE_SPOT", 3, 0), item("FARGATE", 1, 0)];
        assert_eq!(on_spot(&three_to_one, 1), 1);
        assert_eq!(on_spot(&three_to_one, 8), 6);
        let based = [item("FARGATE_SPOT", 1, 0), item("FARGATE", 0, 2)];
        assert_eq!(on_spot(&based, 2), 0);
        assert_eq!(on_spot(&based, 10), 8);
        let has_on = ["FARGATE".to_owned(), "FARGATE".to_owned()];
        let one = spread(&based, &has_on, 1);
        assert_eq!(one[0].provider.as_deref(), Some("FARGATE_SPOT"), "the base is there already");
    }

    #[test]
    fn strategies_that_ecs_refuses_are_refused() {
        for refused in [
            vec![item("FARGATE", 0, 0)],
            vec![item("FARGATE", 1_001, 0)],
            vec![item("FARGATE", 1, 100_001)],
            vec![item("FARGATE", 1, 1), item("FARGATE_SPOT", 1, 1)],
            vec![item("FARGATE", 1, 0), item("my-group", 1, 0)],
            (0..21).map(|n| item(&format!("group-{n}"), 1, 0)).collect(),
        ] {
            assert!(check(&refused).is_err(), "{refused:?}");
        }
        assert_eq!(check(&[item("FARGATE_SPOT", 3, 0), item("FARGATE", 1, 1)]), Ok(()));
    }
}
