//! A whole object that is bad: set aside where no failure of its own tells of it.

use expect_test::{Expect, expect};

use super::*;

/// The first part of a compressed object, or the trouble of whoever opens it.
fn check(sets_object_aside: bool, trouble: Option<ObjectTrouble>, expected: &Expect) {
    let whole = gzip(b"id\n1\n");
    let shelf = Shelf::with(whole[..whole.len() - 3].to_vec());
    shelf.trouble.lock().unwrap().extend(trouble.map(|trouble| (0, trouble)));
    let plan = IngestPlan { sets_object_aside, ..plan("a.csv.gz") };
    let mut said = format!("{:?}\n", on_shelf(&shelf, &plan).unwrap_err());
    for (key, bytes) in shelf.puts.lock().unwrap().iter() {
        said.extend([key, ": ", std::str::from_utf8(bytes).unwrap()]);
    }
    expected.assert_eq(&said);
}

#[test]
fn what_is_wrong_with_its_bytes_is_a_line_of_its_dead_letters() {
    check(
        true,
        None,
        &expect![[r#"
        Bad { why: "the gzip stream ends in its middle", dead_letters: Some("dead-letter/a.csv.gz/e1.ndjson") }
        ops/dead-letter/a.csv.gz/e1.ndjson: {"bucket":"in","key":"a.csv.gz","etag":"\"e1\"","reason":"the gzip stream ends in its middle"}
    "#]],
    );
    let archived = || Some(ObjectTrouble::Archived("GLACIER".into()));
    check(
        true,
        archived(),
        &expect![[r#"
        Bad { why: "the object is archived: GLACIER; restore it, then redrive the run, or copy it over itself for the next tick", dead_letters: Some("dead-letter/a.csv.gz/e1.ndjson") }
        ops/dead-letter/a.csv.gz/e1.ndjson: {"bucket":"in","key":"a.csv.gz","etag":"\"e1\"","reason":"the object is archived: GLACIER; restore it, then redrive the run, or copy it over itself for the next tick"}
    "#]],
    );
}

#[test]
fn what_somebody_may_allow_is_no_fault_of_the_object() {
    check(
        true,
        Some(ObjectTrouble::Denied("403".into())),
        &expect![[r#"
        Rejected("access is denied: 403; allow s3:GetObject, s3:GetObjectVersion and s3:ListBucket")
    "#]],
    );
}

#[test]
fn a_run_of_one_object_tells_of_it_by_its_own_failure() {
    check(
        false,
        None,
        &expect![[r#"
        Bad { why: "the gzip stream ends in its middle", dead_letters: None }
    "#]],
    );
}
