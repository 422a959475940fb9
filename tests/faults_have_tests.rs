//! Every fault of `faults.md` is met by tests that exist.

use std::{collections::BTreeSet, fs, path::Path};

use crate::stand::repository;

#[test]
fn every_named_test_exists() {
    let page = fs::read_to_string(repository().join("tests/faults.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 30, "the table is there");
    let mut tests = BTreeSet::new();
    for root in ["functions", "tests"] {
        functions_of(&repository().join(root), &mut tests);
    }
    for row in rows {
        let named: Vec<&str> =
            row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for test in named {
            assert!(tests.contains(test), "`{test}` does not exist: {row}");
        }
    }
}

/// Adds the names of all functions of the Rust files under `dir`.
fn functions_of(dir: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions_of(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let declared = text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next());
            names.extend(declared.map(str::to_owned));
        }
    }
}
