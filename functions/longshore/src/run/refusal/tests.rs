use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

mod passing;

/// Checks what errors of RunTask mean, each as (status, code, sentence).
#[expect(clippy::needless_pass_by_value, reason = "expect![] gives an owned value")]
fn check(errors: &[(u16, &str, &str)], expected: Expect) {
    let line = |&(status, code, said): &(u16, &str, &str)| {
        let verdict = match judge_error(status, code, said.to_owned()) {
            CallVerdict::Uncertain(_) => "uncertain".to_owned(),
            CallVerdict::Refused(refusal) => {
                assert_eq!(refusal.reason, said, "ECS's own words are kept");
                format!("{:?}", refusal.kind)
            }
        };
        format!("{verdict}: {status} {code}: {said}\n")
    };
    expected.assert_eq(&errors.iter().map(line).collect::<String>());
}

#[test]
fn every_error_of_run_task_is_judged() {
    check(
        &[
            (
                400,
                "AccessDeniedException",
                "User: x is not authorized to perform: ecs:RunTask on resource: y",
            ),
            (
                400,
                "AccessDeniedException",
                "User: x is not authorized to perform: iam:PassRole on resource: y",
            ),
            (400, "BlockedException", "Your account is currently blocked."),
            (400, "ClientException", "TaskDefinition is inactive"),
            (400, "ClientException", "TaskDefinition not found."),
            (400, "ClientException", "Unable to find task definition"),
            (
                400,
                "ClientException",
                "ECS was unable to assume the role 'r' that was provided for this task.",
            ),
            (400, "ClientException", "x is not authorized to perform: iam:PassRole on resource: y"),
            (400, "ClientException", "You've reached the PROVISIONING tasks per cluster quota"),
            (
                400,
                "ClientException",
                "Capacity is unavailable at this time. Please try again later or in a different availability zone",
            ),
            (
                400,
                "ClientException",
                "You've reached the limit on the number of vCPUs you can run concurrently",
            ),
            (400, "ClientException", "The requested CPU configuration is above your limit"),
            (400, "ClientException", "Tasks provisioning capacity limit exceeded."),
            (
                400,
                "ClientException",
                "You've reached the limit on the number of tasks you can run concurrently",
            ),
            (400, "ClusterNotFoundException", "The referenced cluster was inactive."),
            (409, "ConflictException", "The client token was used with other parameters"),
            (400, "ConflictException", "The client token was used with other parameters"),
            (400, "InvalidParameterException", "The value of count is invalid"),
            (
                400,
                "InvalidParameterException",
                "No Container Instances were found in your cluster.",
            ),
            (400, "InvalidParameterException", "Capacity is unavailable at this time."),
            (
                400,
                "PlatformTaskDefinitionIncompatibilityException",
                "The platform version does not satisfy the task definition",
            ),
            (400, "PlatformUnknownException", "The platform version does not exist"),
            (500, "ServerException", "Service Unavailable. Please try again later."),
            (400, "UnsupportedFeatureException", "The task is not supported in this Region"),
        ],
        expect![[r#"
            Permanent: 400 AccessDeniedException: User: x is not authorized to perform: ecs:RunTask on resource: y
            Permanent: 400 AccessDeniedException: User: x is not authorized to perform: iam:PassRole on resource: y
            Permanent: 400 BlockedException: Your account is currently blocked.
            Inactive: 400 ClientException: TaskDefinition is inactive
            Permanent: 400 ClientException: TaskDefinition not found.
            Permanent: 400 ClientException: Unable to find task definition
            Unknown: 400 ClientException: ECS was unable to assume the role 'r' that was provided for this task.
            Permanent: 400 ClientException: x is not authorized to perform: iam:PassRole on resource: y
            Capacity: 400 ClientException: You've reached the PROVISIONING tasks per cluster quota
            Capacity: 400 ClientException: Capacity is unavailable at this time. Please try again later or in a different availability zone
            Capacity: 400 ClientException: You've reached the limit on the number of vCPUs you can run concurrently
            Permanent: 400 ClientException: The requested CPU configuration is above your limit
            Capacity: 400 ClientException: Tasks provisioning capacity limit exceeded.
            Capacity: 400 ClientException: You've reached the limit on the number of tasks you can run concurrently
            Permanent: 400 ClusterNotFoundException: The referenced cluster was inactive.
            uncertain: 409 ConflictException: The client token was used with other parameters
            uncertain: 400 ConflictException: The client token was used with other parameters
            Permanent: 400 InvalidParameterException: The value of count is invalid
            Capacity: 400 InvalidParameterException: No Container Instances were found in your cluster.
            Capacity: 400 InvalidParameterException: Capacity is unavailable at this time.
            Permanent: 400 PlatformTaskDefinitionIncompatibilityException: The platform version does not satisfy the task definition
            Permanent: 400 PlatformUnknownException: The platform version does not exist
            uncertain: 500 ServerException: Service Unavailable. Please try again later.
            Permanent: 400 UnsupportedFeatureException: The task is not supported in this Region
        "#]],
    );
}

#[test]
fn every_reason_of_failures_is_judged() {
    let reasons = [
        "RESOURCE:CPU arn:aws:ecs:eu-west-1:111122223333:container-instance/c/1",
        "RESOURCE:MEMORY",
        "RESOURCE:PORTS",
        "RESOURCE:ENI",
        "RESOURCE:GPU",
        "RESOURCE:FARGATE",
        "AGENT",
        "Capacity is unavailable at this time. Please try again later or in a different availability zone",
        "You've reached the limit on the number of vCPUs you can run concurrently",
        "The requested CPU configuration is above your limit",
        "EMPTY CAPACITY PROVIDER",
        "NO ACTIVE INSTANCES",
        "LOCATION",
        "ATTRIBUTE",
        "MemberOf placement constraint unsatisfied.",
        "MISSING arn:aws:ecs:eu-west-1:111122223333:container-instance/c/1",
        "INACTIVE",
        "SOMETHING NEW",
        "",
    ];
    let line = |reason: &&str| {
        let refusal = judge_failure((*reason).to_owned());
        assert_eq!(refusal.reason, *reason);
        format!("{:?}: {reason}\n", refusal.kind)
    };
    expect![[r#"
        Capacity: RESOURCE:CPU arn:aws:ecs:eu-west-1:111122223333:container-instance/c/1
        Capacity: RESOURCE:MEMORY
        Capacity: RESOURCE:PORTS
        Capacity: RESOURCE:ENI
        Capacity: RESOURCE:GPU
        Capacity: RESOURCE:FARGATE
        Capacity: AGENT
        Capacity: Capacity is unavailable at this time. Please try again later or in a different availability zone
        Capacity: You've reached the limit on the number of vCPUs you can run concurrently
        Permanent: The requested CPU configuration is above your limit
        Capacity: EMPTY CAPACITY PROVIDER
        Capacity: NO ACTIVE INSTANCES
        Permanent: LOCATION
        Permanent: ATTRIBUTE
        Permanent: MemberOf placement constraint unsatisfied.
        Permanent: MISSING arn:aws:ecs:eu-west-1:111122223333:container-instance/c/1
        Inactive: INACTIVE
        Unknown: SOMETHING NEW
        Unknown: 
    "#]].assert_eq(&reasons.iter().map(line).collect::<String>());
}

proptest! {
    #[test]
    fn only_ecs_s_word_about_the_request_is_a_refusal(
        status: u16,
        code in "|[A-Z][a-zA-Z]{2,20}(Exception)?",
        said in "\\PC{0,60}",
    ) {
        let verdict = judge_error(status, &code, said);
        let may_be_refused = (400..500).contains(&status) && status != 429 && !code.is_empty();
        prop_assert!(may_be_refused || matches!(verdict, CallVerdict::Uncertain(_)));
    }
}
