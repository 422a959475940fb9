//! The source itself: what YAML may be, and how each scalar is read.

use expect_test::expect;

use super::{check_outputs, check_refused, demo, stack};

#[test]
fn json_is_read_with_its_tabs_and_lines() {
    let source = "{\n\t\"Resources\": {\n\t\t\"Q\": {\"Type\": \"AWS::SQS::Queue\"}\n\t}\n}\n";
    assert_eq!(stack(source).resources[0].line, 3);
}

#[test]
fn short_tags_and_long_forms_are_the_same() {
    check_outputs(
        "
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
Outputs:
  Ref1: {Value: !Ref Q}
  Ref2: {Value: {Ref: Q}}
  Att1: {Value: !GetAtt Q.Arn}
  Att2: {Value: {'Fn::GetAtt': [Q, Arn]}}
  Att3: {Value: {'Fn::GetAtt': Q.Arn}}
  Att4: {Value: !GetAtt [Q, Arn]}
  Block:
    Value:
      Fn::Join:
        - '/'
        - - !Select [1, !Split [',', 'a,b']]
          - c
",
        &expect![[r#"
            Att1 = arn:aws:sqs:us-east-1:000000000000:demo-Q
            Att2 = arn:aws:sqs:us-east-1:000000000000:demo-Q
            Att3 = arn:aws:sqs:us-east-1:000000000000:demo-Q
            Att4 = arn:aws:sqs:us-east-1:000000000000:demo-Q
            Block = b/c
            Ref1 = http://127.0.0.1:4566/000000000000/demo-Q
            Ref2 = http://127.0.0.1:4566/000000000000/demo-Q
        "#]],
    );
}

#[test]
fn scalars_keep_what_the_source_means() {
    check_outputs(
        "
AWSTemplateFormatVersion: 2010-09-09
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
Outputs:
  Account: {Value: 012345678901}
  Number: {Value: 12}
  Quoted: {Value: '0755'}
  Date: {Value: 2010-09-09}
  Flag: {Value: on}
  Tagged: {Value: !!str 0755}
  Folded:
    Value: >-
      one
      two
  Literal:
    Value: |
      one
      two
",
        &expect![[r#"
            Account = 012345678901
            Date = 2010-09-09
            Flag = true
            Folded = one two
            Literal = one
            two

            Number = 12
            Quoted = 0755
            Tagged = 0755
        "#]],
    );
}

#[test]
fn what_cloudformation_would_not_read_is_refused_with_its_line() {
    let cases = [
        (
            "",
            expect![[r#"
                t.yaml:1: the template is empty; declare `Resources`
            "#]],
        ),
        (
            "Resources:\n  Q:\n",
            expect![[r#"
                t.yaml:2: Resources.Q: the value is empty, and CloudFormation takes no null; give a value, or take the key away
            "#]],
        ),
        (
            "Resources: {Q: {Type: A, Type: B}}",
            expect![[r#"
                t.yaml:1: Resources.Q.Type: this key stands here twice; keep one of the two
            "#]],
        ),
        (
            "Resources:\n  Q: &a {Type: A}\n  R: *a\n",
            expect![[r#"
                t.yaml:3: Resources.R: CloudFormation reads no YAML alias; write the value out where it is used
            "#]],
        ),
        (
            "Resources:\n  Q:\n    <<: {Type: A}\n",
            expect![[r#"
                t.yaml:3: Resources.Q: CloudFormation reads no YAML merge (`<<`); write the keys out
            "#]],
        ),
        (
            "Resources:\n\tQ: {}\n",
            expect![[r#"
                t.yaml:2: Resources: this is not YAML: tabs disallowed within this context (block indentation); correct the syntax here, or just before
            "#]],
        ),
        (
            "Resources: {Q: [}\n",
            expect![[r#"
                t.yaml:1: Resources.Q[0]: this is not YAML: while parsing a node, did not find expected node content; correct the syntax here, or just before
            "#]],
        ),
        (
            "Resources: {}\n---\nResources: {}\n",
            expect![[r#"
                t.yaml:2: a second document begins; keep one template per file
            "#]],
        ),
        (
            "Resources: {[a]: b}\n",
            expect![[r#"
                t.yaml:1: Resources: a key must be a string; write the key as a word
            "#]],
        ),
        (
            "Resources: {a: !!binary b}\n",
            expect![[r#"
                t.yaml:1: Resources.a: `!!binary` does not fit a string; take the tag away, or use quotes
            "#]],
        ),
        (
            "Resources: {a: !!int b}\n",
            expect![[r#"
                t.yaml:1: Resources.a: `!!int` does not fit a string; take the tag away, or use quotes
            "#]],
        ),
        (
            "Resources: {Q: {Mode: 0755}}\n",
            expect![[r#"
                t.yaml:1: Resources.Q.Mode: readers of YAML do not agree on this number; put it in quotes, or write a plain decimal
            "#]],
        ),
        (
            "- Resources\n",
            expect![[r#"
                t.yaml:1: a template is a map, not a list; begin with `Resources:`
            "#]],
        ),
    ];
    for (source, expected) in cases {
        check_refused(source, &expected);
    }
}

#[test]
fn size_and_depth_are_bounded() {
    let long = format!("Description: {}\n", "x".repeat(1 << 20));
    check_refused(
        &long,
        &expect![[r#"
            t.yaml:1: the template has 1048590 bytes, more than 1 MiB; split it
        "#]],
    );
    let deep = format!("Resources: {}{}", "[".repeat(64), "]".repeat(64));
    check_refused(
        &deep,
        &expect![[r#"
            t.yaml:1: Resources[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: more than 64 lists and maps in one another; flatten it
        "#]],
    );
    let deeper = "[".repeat(100_000);
    assert!(demo(&deeper, &[]).is_err());
}
