//! Task definitions.

use expect_test::expect;

use super::{Resource, check, check_properties, check_refused, only};

#[test]
fn task_definitions() {
    check(
        "
Resources:
  Definition:
    Type: AWS::ECS::TaskDefinition
    Metadata: {Local: {Command: {app: [./app, serve]}}}
    Properties:
      Cpu: 256
      Memory: 512
      RequiresCompatibilities: [FARGATE]
      EphemeralStorage: {SizeInGiB: '21'}
      Tags: [{Key: Team, Value: 1}]
      Volumes:
        - Name: work
          EFSVolumeConfiguration: {FilesystemId: fs-1, AuthorizationConfig: {IAM: ENABLED}}
        - {Name: scratch, DockerVolumeConfiguration: {DriverOpts: {Type: tmpfs}, Autoprovision: true}}
      ContainerDefinitions:
        - Name: app
          Image: i
          Cpu: '128'
          Memory: 256
          Essential: 'true'
          StopTimeout: '120'
          Command: [serve, 8080]
          Environment: [{Name: PORT, Value: 8080}, {Name: FLAG, Value: true}]
          Secrets: [{Name: TOKEN, ValueFrom: arn}]
          DockerLabels: {Com.Example: 1}
          PortMappings: [{ContainerPort: '8080', Protocol: tcp}]
          LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: g, Mode: non-blocking}}
          RestartPolicy: {Enabled: true, IgnoredExitCodes: [0, '3']}
        - {Name: side, Image: j, Essential: false, ReadonlyRootFilesystem: true}
",
        &expect![[r#"
            {"containerDefinitions":[{"command":["serve","8080"],"cpu":128,"dockerLabels":{"Com.Example":"1"},"environment":[{"name":"PORT","value":"8080"},{"name":"FLAG","value":"true"}],"essential":true,"image":"i","logConfiguration":{"logDriver":"awslogs","options":{"Mode":"non-blocking","awslogs-group":"g"}},"memory":256,"name":"app","portMappings":[{"containerPort":8080,"protocol":"tcp"}],"restartPolicy":{"enabled":true,"ignoredExitCodes":[0,3]},"secrets":[{"name":"TOKEN","valueFrom":"arn"}],"stopTimeout":120},{"essential":false,"image":"j","name":"side","readonlyRootFilesystem":true}],"cpu":"256","ephemeralStorage":{"sizeInGiB":21},"family":"demo-Definition","memory":"512","requiresCompatibilities":["FARGATE"],"tags":[{"key":"Team","value":"1"}],"volumes":[{"efsVolumeConfiguration":{"authorizationConfig":{"iam":"ENABLED"},"fileSystemId":"fs-1"},"name":"work"},{"dockerVolumeConfiguration":{"autoprovision":true,"driverOpts":{"Type":"tmpfs"}},"name":"scratch"}]}
            [
                ContainerSpec {
                    name: "app",
                    essential: true,
                    command: [
                        "serve",
                        "8080",
                    ],
                    environment: {
                        "FLAG": "true",
                        "PORT": "8080",
                    },
                    stop_timeout_secs: 120,
                    entrypoint: Some(
                        [
                            "./app",
                            "serve",
                        ],
                    ),
                },
                ContainerSpec {
                    name: "side",
                    essential: false,
                    command: [],
                    environment: {},
                    stop_timeout_secs: 30,
                    entrypoint: None,
                },
            ]
        "#]],
    );
}

#[test]
fn bad_task_definitions_are_refused() {
    check_properties(
        "AWS::ECS::TaskDefinition",
        &[
            "{ContainerDefinitions: []}",
            "{ContainerDefinitions: [{Name: a}]}",
            "{ContainerDefinitions: [{Name: a, Image: i}, {Name: a, Image: i}]}",
            "{ContainerDefinitions: [{Name: a, Image: i, Enviroment: []}]}",
            "{ContainerDefinitions: [{Name: a, Image: i, Cpu: many}]}",
            "{ContainerDefinitions: [{Name: a, Image: i, Environment: [{Name: A}]}]}",
            "{RequiresCompatibilities: [FARGATE], ContainerDefinitions: [{Name: a, Image: i, StopTimeout: 121}]}",
        ],
        &expect![[r#"
            .ContainerDefinitions: no container is essential, so the task would never stop; set `Essential: true` on one
            .ContainerDefinitions[0]: `Image` is missing; add `Image`
            .ContainerDefinitions: two containers have the same name; rename one
            .ContainerDefinitions[0].Enviroment: `Enviroment` is not known here; write `Environment`, if that is meant
            .ContainerDefinitions[0].Cpu: `many` is not an integer; give a whole number
            .ContainerDefinitions[0].Environment[0]: `Value` is missing; add `Value`
            .ContainerDefinitions[0].StopTimeout: `121` is not an integer from 0 to 120; give one within these limits
        "#]],
    );
}

#[test]
fn a_command_names_a_container_that_is_there() {
    check_refused(
        "
Resources:
  Definition:
    Type: AWS::ECS::TaskDefinition
    Metadata: {Local: {Command: {ap: [./app]}}}
    Properties: {ContainerDefinitions: [{Name: app, Image: i}]}
",
        &expect![[r#"
            t.yaml:5: Resources.Definition.Metadata.Local.Command.ap: there is no container `ap`; write `app`, if that is meant
        "#]],
    );
}

#[test]
fn a_command_in_a_list_is_every_containers() {
    let source = "
Resources:
  Definition:
    Type: AWS::ECS::TaskDefinition
    Metadata: {Local: {Command: [./app]}}
    Properties: {ContainerDefinitions: [{Name: a, Image: i}, {Name: b, Image: i}]}
";
    let Resource::TaskDefinition(definition) = only(source) else { panic!("a task definition") };
    for container in definition.containers {
        assert_eq!(container.entrypoint, Some(vec!["./app".to_owned()]), "{}", container.name);
    }
}
