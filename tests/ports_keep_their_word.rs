//! The ports mean over the wire what the flows take them for.

mod marks;
mod services;

use std::sync::Arc;

use longshore_aws::Clients;
use longshore_local::{Gate, Local, Options};

/// An AWS in this process, made of `resources`, and our clients for it.
async fn aws(resources: &str, gate: Arc<dyn Gate>) -> (Local, Clients) {
    let template = format!("Resources:\n{resources}");
    let options = Options { gate, ..Options::new(template, "template.yaml") };
    let local = Local::start(options).await.unwrap();
    let variables = [
        ("AWS_ENDPOINT_URL", local.endpoint()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let clients = Clients::connect(&variables.into_iter().collect()).await.unwrap();
    (local, clients)
}
