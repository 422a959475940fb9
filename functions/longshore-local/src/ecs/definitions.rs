//! The actions on task definitions: register, deregister, describe, list, and find one by name.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{Fault, template::TaskDefinitionSpec};

use super::{
    Ecs,
    definition::{Container, Definition},
    page::page,
    refusal::{client, invalid, parse},
    register,
    state::State,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamedRequest {
    #[serde(default)]
    task_definition: String,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListRequest {
    family_prefix: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `family`, `family:revision` or an ARN of it, taken apart.
fn family_and_revision(named: &str) -> (&str, Option<u32>) {
    let name = named.rsplit_once(":task-definition/").map_or(named, |(_, name)| name);
    match name.rsplit_once(':') {
        Some((family, revision)) => (family, Some(revision.parse().unwrap_or(0))),
        None => (name, None),
    }
}

impl State {
    /// The revision that a request names; without a revision the latest ACTIVE one.
    pub(super) fn definition(&self, named: &str) -> Option<&Definition> {
        let (family, revision) = family_and_revision(named);
        let revisions = self.definitions.get(family)?;
        let found = match revision {
            Some(revision) => revisions.get(&revision),
            None => revisions.values().rev().find(|one| one.is_active()),
        };
        found.filter(|found| !named.starts_with("arn:") || found.arn.starts_with(named))
    }

    fn latest(&self, family: &str) -> Option<&Definition> {
        self.definitions.get(family)?.values().next_back()
    }
}

impl Ecs {
    pub(super) fn register_task_definition(&self, input: Value) -> Result<Value, Fault> {
        let mut body: Map<String, Value> = parse(input)?;
        let tags: Vec<Value> = parse(body.remove("tags").unwrap_or_else(|| json!([])))?;
        let body = register::checked(body)?;
        let family = body.get("family").and_then(Value::as_str).unwrap_or_default().to_owned();
        let raw = register::containers(&body)?;
        let mut state = self.state();
        let latest = state.latest(&family);
        let earlier = latest.map(|latest| latest.containers.clone()).unwrap_or_default();
        let revision = latest.map_or(1, |latest| latest.revision + 1);
        let definition = Definition {
            arn: self.ground.account.arn("ecs", &format!("task-definition/{family}:{revision}")),
            family,
            revision,
            registered_at: self.ground.clock.now(),
            deregistered_at: None,
            body,
            containers: raw.into_iter().map(|raw| Container::of_request(raw, &earlier)).collect(),
            tags,
        };
        self.ground.store.write(&[definition.row()])?;
        let answer =
            json!({"taskDefinition": definition.describe(), "tags": definition.tags.clone()});
        state.put_definition(definition);
        Ok(answer)
    }

    pub(super) fn register_template(&self, spec: &TaskDefinitionSpec) -> Result<(), Fault> {
        let mut body: Map<String, Value> = parse(spec.definition.clone())?;
        body.insert("family".into(), json!(spec.family));
        let tags: Vec<Value> = parse(body.remove("tags").unwrap_or_else(|| json!([])))?;
        let body = register::checked(body)?;
        let raw = register::containers(&body)?;
        let image = |name: &str| raw.iter().find(|raw| raw.name == name).map(|raw| &raw.image);
        let (_, revision) = family_and_revision(&spec.arn);
        let definition = Definition {
            arn: spec.arn.clone(),
            family: spec.family.clone(),
            revision: revision.unwrap_or(1),
            registered_at: self.ground.clock.now(),
            deregistered_at: None,
            containers: spec
                .containers
                .iter()
                .map(|one| {
                    Container::of_template(one, image(&one.name).cloned().unwrap_or_default())
                })
                .collect(),
            body,
            tags,
        };
        let mut state = self.state();
        self.ground.store.write(&[definition.row()])?;
        state.put_definition(definition);
        Ok(())
    }

    pub(super) fn deregister_task_definition(&self, input: Value) -> Result<Value, Fault> {
        let request: NamedRequest = parse(input)?;
        if family_and_revision(&request.task_definition).1.is_none() {
            return Err(invalid("taskDefinition must name a revision, as in family:1."));
        }
        let mut state = self.state();
        let found = state.definition(&request.task_definition);
        let found = found.ok_or_else(|| client("The specified task definition does not exist."))?;
        let mut definition = found.clone();
        definition.deregistered_at.get_or_insert(self.ground.clock.now());
        self.ground.store.write(&[definition.row()])?;
        let answer = json!({"taskDefinition": definition.describe()});
        state.put_definition(definition);
        Ok(answer)
    }

    pub(super) fn describe_task_definition(&self, input: Value) -> Result<Value, Fault> {
        let request: NamedRequest = parse(input)?;
        let state = self.state();
        let found = state.definition(&request.task_definition);
        let found = found.ok_or_else(|| client("Unable to describe task definition."))?;
        let mut answer = json!({"taskDefinition": found.describe()});
        if request.include.iter().any(|one| one == "TAGS") {
            answer["tags"] = json!(found.tags);
        }
        Ok(answer)
    }

    pub(super) fn list_task_definitions(&self, input: Value) -> Result<Value, Fault> {
        let request: ListRequest = parse(input)?;
        let wants_active = match request.status.as_deref() {
            None | Some("ACTIVE") => Some(true),
            Some("INACTIVE") => Some(false),
            Some("DELETE_IN_PROGRESS") => None,
            Some(other) => return Err(invalid(format!("Invalid status '{other}'."))),
        };
        let descending = match request.sort.as_deref() {
            None | Some("ASC") => false,
            Some("DESC") => true,
            Some(other) => return Err(invalid(format!("Invalid sort '{other}'."))),
        };
        let state = self.state();
        let all = state.definitions.values().flat_map(|revisions| revisions.values());
        let family = request.family_prefix.as_deref();
        let mut wanted: Vec<(String, String)> = all
            .filter(|one| wants_active == Some(one.is_active()))
            .filter(|one| family.is_none_or(|family| family == one.family))
            .map(|one| (format!("{}:{:010}", one.family, one.revision), one.arn.clone()))
            .collect();
        wanted.sort_unstable();
        if descending {
            wanted.reverse();
        }
        let token = request.next_token.as_deref();
        let (arns, next) = page(wanted.into_iter(), token, request.max_results, descending)?;
        Ok(json!({"taskDefinitionArns": arns, "nextToken": next}))
    }
}
