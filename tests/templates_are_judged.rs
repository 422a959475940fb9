//! A template that would be served wrong is refused, with where and what to do; ours starts.

use std::io::Write;

use crate::stand::dev;

/// Exit code and standard error of `longshore dev` on a template.
fn judged(template: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    file.write_all(template.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let output = dev(&[&["dev", path, "--port", "0", "--once"], arguments].concat());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let cases: [(&str, &[&str], &[&str]); 5] = [
        (
            "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Frob x\n",
            &[],
            &[":5:", "Frob"],
        ),
        (
            "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimeOut: 5\n",
            &[],
            &[":5:", "VisibilityTimeout"],
        ),
        (
            "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Ref Nope}\n",
            &[],
            &[":4:", "Nope"],
        ),
        ("Resources:\n  Q: {Type: AWS::SQS::Queue}\n", &["--parameter", "Nope=1"], &["Nope"]),
        (
            "Resources:\n  Q: {Type: AWS::SQS::Queue}\n",
            &["--task", "Nope=true"],
            &["Nope", "logical ids"],
        ),
    ];
    for (template, arguments, parts) in cases {
        let (code, said) = judged(template, arguments);
        assert_eq!(code, Some(1), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
}

#[test]
fn a_template_that_is_not_there_is_said_so() {
    let output = dev(&["dev", "no/such.yaml", "--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("cannot read the template `no/such.yaml`")
    );
}

#[test]
fn once_ends_well_only_if_every_row_arrived() {
    let good = dev(&["dev", "--once", "--port", "0"]);
    let page = String::from_utf8(good.stdout).unwrap();
    assert!(good.status.success(), "{page}");
    assert!(page.contains("read 3376 = written 3376 + replaced 0 + dead-lettered 0"), "{page}");
    let bad = dev(&["dev", "--once", "--port", "0", "--task", "WorkerTask=true"]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(String::from_utf8(bad.stderr).unwrap().contains("0 of 3376 rows arrived"));
}
