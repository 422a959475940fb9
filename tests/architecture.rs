//! The arrows between the packages, and what a package may know.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Every package of ours, and those of ours that it may depend on.
const ARROWS: [(&str, &[&str]); 11] = [
    ("longshore-eventbridge", &[]),
    ("longshore", &["longshore-eventbridge"]),
    ("longshore-engine", &["longshore"]),
    ("longshore-aws", &["longshore", "longshore-engine"]),
    ("longshore-local", &["longshore-eventbridge"]),
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
            "longshore-local",
            "observer",
            "trigger",
            "worker",
        ],
    ),
    ("longshore-tests", &["cli", "longshore", "longshore-engine"]),
];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let normal = |package: &cargo_metadata::Package| {
        let kept = package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
        kept.map(|it| it.name.clone()).collect()
    };
    metadata.packages.iter().map(|it| (it.name.to_string(), normal(it))).collect()
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
            "trigger" | "observer" => Some("lambda_runtime"),
            _ => None,
        };
        assert!(sdk.is_none() || sdk.map(String::as_str) == may, "{package} names {sdk:?}");
    }
}

#[test]
fn what_decides_and_what_carries_out_knows_no_runtime() {
    let dependencies = dependencies();
    for package in ["longshore-eventbridge", "longshore", "longshore-engine"] {
        let io = ["tokio", "hyper", "reqwest", "rusqlite", "getrandom"];
        let found = dependencies[package].iter().find(|it| io.contains(&it.as_str()));
        assert_eq!(found, None, "{package} decides or carries out, and must not touch the world");
    }
}
