//! The arrows between the packages, and what a package may know.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// Every package of ours, and those of ours that it may depend on.
const ARROWS: [(&str, &[&str]); 12] = [
    ("longshore-eventbridge", &[]),
    ("longshore", &["longshore-eventbridge"]),
    ("longshore-engine", &["longshore"]),
    ("longshore-aws", &["longshore", "longshore-engine"]),
    ("longshore-local", &["longshore-eventbridge"]),
    ("longshore-simulate", &["longshore"]),
    ("trigger", &["longshore", "longshore-aws", "longshore-engine"]),
    ("observer", &["longshore", "longshore-aws", "longshore-engine"]),
    ("scaler", &["longshore", "longshore-aws", "longshore-engine"]),
    ("worker", &["longshore", "longshore-aws", "longshore-engine"]),
    (
        "cli",
        &[
            "longshore",
            "longshore-aws",
            "longshore-engine",
            "longshore-eventbridge",
            "longshore-local",
            "longshore-simulate",
            "observer",
            "scaler",
            "trigger",
            "worker",
        ],
    ),
    ("longshore-tests", &["cli", "longshore", "longshore-engine"]),
];

/// Every package with what it depends on, but for its tests.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
    let normal = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|it| it["kind"].is_null()).map(name).collect()
    };
    metadata["packages"].as_array().unwrap().iter().map(|it| (name(it), normal(it))).collect()
}

#[test]
fn packages_depend_only_along_the_arrows() {
    let dependencies = dependencies();
    let known: BTreeMap<&str, &[&str]> = BTreeMap::from(ARROWS);
    assert_eq!(dependencies.keys().collect::<Vec<_>>(), known.keys().collect::<Vec<_>>());
    for (package, needs) in &dependencies {
        let ours: Vec<&str> =
            needs.iter().map(String::as_str).filter(|it| known.contains_key(it)).collect();
        assert_eq!(ours, known[package.as_str()], "arrows of {package}");
    }
}

#[test]
fn only_longshore_aws_names_the_sdk() {
    for (package, needs) in dependencies() {
        let sdk = needs.iter().find(|it| it.starts_with("aws-") || *it == "lambda_runtime");
        let may = match package.as_str() {
            "longshore-aws" => continue,
            "trigger" | "observer" | "scaler" => Some("lambda_runtime"),
            _ => None,
        };
        assert!(sdk.is_none() || sdk.map(String::as_str) == may, "{package} names {sdk:?}");
    }
}

#[test]
fn what_decides_and_what_carries_out_knows_no_runtime() {
    let dependencies = dependencies();
    for package in ["longshore-eventbridge", "longshore", "longshore-engine", "longshore-simulate"]
    {
        let io = ["tokio", "hyper", "reqwest", "rusqlite", "getrandom"];
        let found = dependencies[package].iter().find(|it| io.contains(&it.as_str()));
        assert_eq!(found, None, "{package} decides or carries out, and must not touch the world");
    }
}
