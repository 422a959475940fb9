//! What is given, what is declared, and what stands in for an account.

use expect_test::expect;

use super::{demo, outputs};

const TEMPLATE: &str = "
Parameters:
  Name: {Type: String}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Size: {Type: Number, Default: 2, MinValue: 1, MaxValue: 9}
  Word: {Type: String, Default: abc, MinLength: 2, MaxLength: 4}
  Sizes: {Type: List<Number>, Default: '1, 2'}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Vpc: {Type: 'AWS::EC2::VPC::Id'}
  Groups: {Type: 'List<AWS::EC2::SecurityGroup::Id>'}
  Ami: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/ami}
  Host: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /my/host}
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
Outputs:
  Name: {Value: !Ref Name}
  Rest: {Value: !Sub '${Stage} ${Size} ${Word} ${Vpc} ${Ami} ${Host}'}
  Lists: {Value: !Sub ['${A} ${B} ${C}', {A: !Join ['+', !Ref Sizes], B: !Join ['+', !Ref Subnets], C: !Join ['+', !Ref Groups]}]}
";

#[test]
fn values_come_from_the_caller_then_the_default_then_a_placeholder() {
    expect![[r#"
        Lists = 1+2 subnet-local sg-local
        Name = n
        Rest = dev 2 abc vpc-local ami-local local
    "#]]
    .assert_eq(&outputs(TEMPLATE, &[("Name", "n")]));
    let given = [("Name", "n"), ("Stage", "prod"), ("Subnets", "subnet-1,subnet-2"), ("Ami", "a")];
    expect![[r#"
        Lists = 1+2 subnet-1+subnet-2 sg-local
        Name = n
        Rest = prod 2 abc vpc-local a local
    "#]]
    .assert_eq(&outputs(TEMPLATE, &given));
}

#[test]
fn a_bad_value_is_told_by_the_parameters_name() {
    let given =
        [("Nmae", "n"), ("Stage", "production"), ("Size", "10"), ("Word", "a"), ("Sizes", "1,x")];
    expect![[r#"
        t.yaml:3: Parameters: there is no parameter `Nmae`, and it was given a value; leave it out
        t.yaml:3: Parameters.Name: the parameter has no default, and no value was given; give one: `Name=VALUE`
        t.yaml:4: Parameters.Stage: `production` is not one of its `AllowedValues`; give one of dev, prod
        t.yaml:5: Parameters.Size: `10` is outside its `MaxValue` of 9; give 9 or less
        t.yaml:6: Parameters.Word: `a` is outside its `MinLength` of 2; give 2 characters or more
        t.yaml:7: Parameters.Sizes: `x` is not a number; give a decimal number
    "#]].assert_eq(&outputs(TEMPLATE, &given));
}

#[test]
fn a_bad_declaration_is_told() {
    let source = "
Parameters:
  A: {Type: Sting}
  B: {Default: 1}
  C: {Type: String, Defalt: 1}
  D: String
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
";
    expect![[r#"
        t.yaml:3: Parameters.A: CloudFormation has no parameter type `Sting`; write `String`, if that is meant
        t.yaml:4: Parameters.B: the parameter has no `Type`; add `Type: String`, or what it is
        t.yaml:5: Parameters.C: a parameter has no `Defalt`; write `Default`, if that is meant
        t.yaml:6: Parameters.D: a parameter is a map; write `{Type: String}`
    "#]].assert_eq(&outputs(source, &[]));
}

const PATTERNS: &str = r"
Parameters:
  Prefix: {Type: String, Default: '', AllowedPattern: '^$|^(?!dead-letter/).*/$'}
  Wait: {Type: String, Default: 60s, AllowedPattern: '[0-9]+[smhd]', ConstraintDescription: 'write it like 60s'}
  Names: {Type: CommaDelimitedList, Default: 'a,b', AllowedPattern: '[a-z]+'}
  Vpc: {Type: 'AWS::EC2::VPC::Id', AllowedPattern: 'vpc-[0-9a-f]+'}
  Host: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /my/host, AllowedPattern: '/my/.*'}
  Word: {Type: String, Default: ok, NoEcho: true, AllowedPattern: '[a-z]*'}
  Odd: {Type: String, Default: x, AllowedPattern: '\p{javaLowerCase}'}
Resources: {Q: {Type: 'AWS::SQS::Queue'}}
Outputs:
  All: {Value: !Sub '${Prefix} ${Wait} ${Vpc} ${Host} ${Word} ${Odd}'}
";

#[test]
fn a_pattern_is_of_the_whole_value() {
    for prefix in ["", "in/", "a/b/", "dead-letters/"] {
        assert!(demo(PATTERNS, &[("Prefix", prefix)]).is_ok(), "{prefix}");
    }
    for prefix in ["in", "dead-letter/", "dead-letter/in/", "in/\n", "in/x"] {
        assert!(demo(PATTERNS, &[("Prefix", prefix)]).is_err(), "{prefix}");
    }
    let given = [
        ("Prefix", "in"),
        ("Wait", "60 s"),
        ("Names", "a,B"),
        ("Vpc", "local"),
        ("Word", "Hunter2"),
    ];
    expect![[r#"
        t.yaml:3: Parameters.Prefix: `in` does not match its `AllowedPattern`, `^$|^(?!dead-letter/).*/$`; give a value that does
        t.yaml:4: Parameters.Wait: `60 s` does not match its `AllowedPattern`, `[0-9]+[smhd]`; write it like 60s
        t.yaml:5: Parameters.Names: `B` does not match its `AllowedPattern`, `[a-z]+`; give a value that does
        t.yaml:6: Parameters.Vpc: `local` does not match its `AllowedPattern`, `vpc-[0-9a-f]+`; give a value that does
        t.yaml:8: Parameters.Word: `****` does not match its `AllowedPattern`, `[a-z]*`; give a value that does
    "#]].assert_eq(&outputs(PATTERNS, &given));
    let bad_default = PATTERNS.replace("Default: 60s", "Default: soon");
    expect![[r#"
        t.yaml:4: Parameters.Wait: `soon` does not match its `AllowedPattern`, `[0-9]+[smhd]`; write it like 60s
    "#]].assert_eq(&outputs(&bad_default, &[]));
}

#[test]
fn a_pattern_that_only_java_reads_is_warned_of() {
    let stack = demo(PATTERNS, &[]).unwrap();
    let [warning] = &stack.warnings[..] else { panic!("{:?}", stack.warnings) };
    assert_eq!((warning.line, warning.path.as_str()), (9, "Parameters.Odd"));
    let is_one_line = !warning.to_string().contains(char::is_control);
    assert!(warning.what.contains("is not applied") && is_one_line, "{warning}");
}
