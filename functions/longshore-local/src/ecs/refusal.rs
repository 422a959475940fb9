//! The refusals of ECS, by the names that its clients match.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Fault;

/// A parameter is not what the API admits.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::client("InvalidParameterException", message)
}

/// The request is well formed but cannot be carried out.
pub(super) fn client(message: impl Into<String>) -> Fault {
    Fault::client("ClientException", message)
}

/// No revision has that name.
pub(super) fn no_definition() -> Fault {
    client("TaskDefinition not found.")
}

/// No service of that cluster has that name.
pub(super) fn service_not_found() -> Fault {
    Fault::client("ServiceNotFoundException", "Service not found.")
}

/// The service was deleted.
pub(super) fn service_not_active() -> Fault {
    Fault::client("ServiceNotActiveException", "Service was not ACTIVE.")
}

/// AWS has it, and this AWS would get it wrong.
pub(super) fn unsupported(what: &str) -> Fault {
    let message = format!("The embedded AWS does not serve {what}; leave it out.");
    Fault::client("UnsupportedFeatureException", message)
}

/// No cluster has that name.
pub(super) fn cluster_not_found() -> Fault {
    Fault::client("ClusterNotFoundException", "Cluster not found.")
}

/// A request without its absent members: AWS takes `null`, and no body at all, for absence.
pub(super) fn given(input: Value) -> Value {
    match input {
        Value::Null => Value::Object(Map::new()),
        Value::Object(mut members) => {
            members.retain(|_, value| !value.is_null());
            Value::Object(members)
        }
        other => other,
    }
}

/// Reads a request; a member of the wrong type is refused as AWS's JSON protocol does.
pub(super) fn parse<T: DeserializeOwned>(input: Value) -> Result<T, Fault> {
    serde_json::from_value(input)
        .map_err(|error| Fault::client("SerializationException", error.to_string()))
}
