//! What a function's process sees of the machine and of Lambda.

use std::collections::BTreeMap;

use super::ids;
use crate::{CLOCK_VARIABLE, Ground, template::FunctionSpec};

/// What of the machine's environment is passed on.
const PASSED_ON: [&str; 3] = ["PATH", "HOME", "TMPDIR"];

/// The reserved variables of the execution environment (Lambda Developer Guide, "Defined runtime
/// environment variables"), then the function's own, which win: on a laptop one may want to.
pub(super) fn environment(
    spec: &FunctionSpec,
    ground: &Ground,
    api: &str,
) -> BTreeMap<String, String> {
    let region = ground.account.region.as_str();
    let root = std::env::current_dir().unwrap_or_default().display().to_string();
    let (memory, stream) = (spec.memory_mb.to_string(), ids::log_stream(ground.clock));
    let group = format!("/aws/lambda/{}", spec.name);
    let reserved = [
        ("_HANDLER", "bootstrap"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ENDPOINT_URL", &ground.account.endpoint),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_NAME", &spec.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", &stream),
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_REGION", region),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("LAMBDA_TASK_ROOT", &root),
    ];
    PASSED_ON
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?)))
        .chain(reserved.map(|(name, value)| (name.to_owned(), value.to_owned())))
        .chain(ground.clock.variable().map(|clock| (CLOCK_VARIABLE.to_owned(), clock)))
        .chain(spec.environment.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use expect_test::expect;

    use crate::lambda::fake::{lambda, spec};

    #[tokio::test]
    async fn a_function_has_a_clean_environment_and_its_own_variables() {
        let mut spec = spec("/usr/bin/env | /usr/bin/sort; exit 0");
        spec.environment.insert("TABLE".into(), "rows".into());
        spec.environment.insert("AWS_REGION".into(), "eu-west-1".into());
        let (lambda, ground, _) = lambda(spec);
        lambda.invoke("f", Bytes::new()).await.unwrap();
        let log = std::fs::read_to_string(ground.store.dir().join("logs/f.log")).unwrap();
        let machine = ["PATH=", "HOME=", "TMPDIR=", "PWD=", "OLDPWD=", "SHLVL=", "_="];
        let lines: Vec<String> = log
            .lines()
            .filter(|line| !machine.iter().any(|name| line.starts_with(name)))
            .map(|line| match line.split_once('=').unwrap() {
                (name @ ("AWS_LAMBDA_RUNTIME_API" | "LAMBDA_TASK_ROOT"), _) => format!("{name}=*"),
                (name @ "AWS_LAMBDA_LOG_STREAM_NAME", stream) => {
                    assert!(stream.contains("/[$LATEST]"), "{stream}");
                    format!("{name}=*")
                }
                _ => line.into(),
            })
            .collect();
        expect![[r"
            AWS_ACCESS_KEY_ID=test
            AWS_DEFAULT_REGION=us-east-1
            AWS_ENDPOINT_URL=http://127.0.0.1:4566
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128
            AWS_LAMBDA_FUNCTION_NAME=f
            AWS_LAMBDA_FUNCTION_VERSION=$LATEST
            AWS_LAMBDA_INITIALIZATION_TYPE=on-demand
            AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f
            AWS_LAMBDA_LOG_STREAM_NAME=*
            AWS_LAMBDA_RUNTIME_API=*
            AWS_REGION=eu-west-1
            AWS_SECRET_ACCESS_KEY=test
            LAMBDA_TASK_ROOT=*
            TABLE=rows
            _HANDLER=bootstrap"]]
        .assert_eq(&lines.join("\n"));
    }
}
