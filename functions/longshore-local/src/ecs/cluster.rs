//! Clusters: names under which tasks run, and scopes of client tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Change, Fault, template::ClusterSpec};

use super::{
    Ecs,
    capacity::{self, StrategyItem},
    page::page,
    refusal::{cluster_not_found, invalid, parse},
    state::State,
    task::Status,
};

/// Kind of a cluster's row; its key is the name.
pub(super) const CLUSTER: &str = "ecs-cluster";

/// The cluster of a request that names none.
const DEFAULT: &str = "default";

/// Longest cluster name (`CreateCluster` API reference).
const NAME_CHARS_MAX: usize = 255;

/// Most clusters of one `DescribeClusters` call.
const DESCRIBED_MAX: usize = 100;

/// One cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) arn: String,
    capacity_providers: Value,
    default_strategy: Value,
    settings: Value,
    tags: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateRequest {
    cluster_name: Option<String>,
    capacity_providers: Option<Value>,
    default_capacity_provider_strategy: Option<Value>,
    settings: Option<Value>,
    tags: Option<Value>,
}

#[derive(Deserialize)]
struct DescribeRequest {
    clusters: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListRequest {
    max_results: Option<i64>,
    next_token: Option<String>,
}

impl Cluster {
    /// A template's cluster.
    pub(super) fn of_template(spec: &ClusterSpec) -> Self {
        Self {
            name: spec.name.clone(),
            arn: spec.arn.clone(),
            capacity_providers: json!([]),
            default_strategy: json!([]),
            settings: json!([]),
            tags: json!([]),
        }
    }

    /// The strategy of tasks that name neither a launch type nor a strategy.
    pub(super) fn default_strategy(&self) -> Vec<StrategyItem> {
        serde_json::from_value(self.default_strategy.clone()).unwrap_or_default()
    }

    fn describe(&self, state: &State) -> Value {
        let count = |wanted: &[Status]| {
            let tasks = state.tasks.values().filter(|task| task.cluster_arn == self.arn);
            tasks.filter(|task| wanted.contains(&task.last_status)).count()
        };
        let services = state.services.values();
        let services = services.filter(|one| one.cluster_arn == self.arn && one.is_active());
        json!({
            "clusterArn": self.arn,
            "clusterName": self.name,
            "status": "ACTIVE",
            "runningTasksCount": count(&[Status::Running]),
            "pendingTasksCount": count(&[Status::Provisioning, Status::Pending]),
            "registeredContainerInstancesCount": 0,
            "activeServicesCount": services.count(),
            "statistics": [],
            "capacityProviders": self.capacity_providers,
            "defaultCapacityProviderStrategy": self.default_strategy,
            "settings": self.settings,
            "tags": self.tags,
        })
    }
}

impl State {
    /// The cluster of a request: a name, an ARN, or `default`.
    pub(super) fn cluster(&self, named: Option<&str>) -> Result<&Cluster, Fault> {
        let named = named.unwrap_or(DEFAULT);
        let name = named.rsplit('/').next().unwrap_or(named);
        let cluster = self.clusters.get(name).ok_or_else(cluster_not_found)?;
        let is_named = !named.starts_with("arn:") || named == cluster.arn;
        if is_named { Ok(cluster) } else { Err(cluster_not_found()) }
    }
}

impl Ecs {
    /// Makes the cluster unless one of its name exists.
    pub(super) fn ensure_cluster(&self, cluster: Cluster) -> Result<(), Fault> {
        let mut state = self.state();
        if !state.clusters.contains_key(&cluster.name) {
            self.ground.store.write(&[Change::put(CLUSTER, &cluster.name, &cluster)])?;
            state.clusters.insert(cluster.name.clone(), cluster);
        }
        Ok(())
    }

    pub(super) fn create_cluster_of(&self, input: Value) -> Result<Value, Fault> {
        let request: CreateRequest = parse(input)?;
        let name = request.cluster_name.unwrap_or_else(|| DEFAULT.into());
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || !name.chars().all(is_name) {
            return Err(invalid(
                "clusterName must have 1 to 255 letters, digits, underscores or hyphens.",
            ));
        }
        let cluster = Cluster {
            arn: self.ground.account.arn("ecs", &format!("cluster/{name}")),
            name: name.clone(),
            capacity_providers: request.capacity_providers.unwrap_or_else(|| json!([])),
            default_strategy: request
                .default_capacity_provider_strategy
                .unwrap_or_else(|| json!([])),
            settings: request.settings.unwrap_or_else(|| json!([])),
            tags: request.tags.unwrap_or_else(|| json!([])),
        };
        let strategy: Vec<StrategyItem> = parse(cluster.default_strategy.clone())?;
        if !strategy.is_empty() {
            capacity::check(&strategy)?;
        }
        self.ensure_cluster(cluster)?;
        let state = self.state();
        Ok(json!({"cluster": state.cluster(Some(&name))?.describe(&state)}))
    }

    pub(super) fn describe_clusters(&self, input: Value) -> Result<Value, Fault> {
        let request: DescribeRequest = parse(input)?;
        let named = request.clusters.filter(|named| !named.is_empty());
        let named = named.unwrap_or_else(|| vec![DEFAULT.into()]);
        if named.len() > DESCRIBED_MAX {
            return Err(invalid("clusters can have at most 100 items."));
        }
        let state = self.state();
        let (mut clusters, mut failures) = (Vec::new(), Vec::new());
        for name in named {
            match state.cluster(Some(&name)) {
                Ok(cluster) => clusters.push(cluster.describe(&state)),
                Err(_) if name.starts_with("arn:") => {
                    failures.push(json!({"arn": name, "reason": "MISSING"}));
                }
                Err(_) => {
                    let arn = self.ground.account.arn("ecs", &format!("cluster/{name}"));
                    failures.push(json!({"arn": arn, "reason": "MISSING"}));
                }
            }
        }
        Ok(json!({"clusters": clusters, "failures": failures}))
    }

    pub(super) fn list_clusters(&self, input: Value) -> Result<Value, Fault> {
        let request: ListRequest = parse(input)?;
        let state = self.state();
        let all = state.clusters.values().map(|one| (one.name.clone(), one.arn.clone()));
        let (arns, next) = page(all, request.next_token.as_deref(), request.max_results, false)?;
        Ok(json!({"clusterArns": arns, "nextToken": next}))
    }
}
