//! What the commands print.

use std::io::Write as _;

use longshore::trigger::is_secret;
use longshore_local::{
    CLOCK_VARIABLE,
    template::{Resource, Stack},
};
use serde_json::{Map, Value};

/// Characters of a cell of a table; an id of a run has 26.
const CELL_CHARS_MAX: usize = 60;

/// One or more lines for the user; a reader that has gone away is no reason to stop.
pub(crate) fn say(text: &str) {
    let mut page = std::io::stdout().lock();
    drop(writeln!(page, "{text}").and_then(|()| page.flush()));
}

/// Why something did not work, for the user.
pub(crate) fn complain(who: &str, text: &str) {
    drop(writeln!(std::io::stderr(), "{who}: {text}"));
}

/// What is there, and what is not.
pub(crate) fn stack(stack: &Stack) {
    let mut served: Vec<&str> =
        stack.resources.iter().map(|declared| declared.logical_id.as_str()).collect();
    served.dedup();
    say(&format!("  serves   {}", served.join(", ")));
    let mut kinds: Vec<&str> =
        stack.skipped.iter().map(|skipped| skipped.type_name.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if !kinds.is_empty() {
        say(&format!("  skips    {}", kinds.join(", ")));
    }
    for warning in &stack.warnings {
        say(&format!("  warns    line {warning}"));
    }
    for variable in secrets(stack) {
        say(&format!(
            "  warns    {variable} looks like a secret: name the ARN of its Secrets Manager \
             secret or SSM parameter in `Secrets` instead"
        ));
    }
}

/// Variables of task definitions in which a secret seems to stand for everybody to read.
fn secrets(stack: &Stack) -> Vec<String> {
    let mut found = Vec::new();
    for declared in &stack.resources {
        let Resource::TaskDefinition(definition) = &declared.resource else { continue };
        for container in &definition.containers {
            let names = container.environment.iter();
            let names = names.filter(|(name, value)| is_secret(name, value)).map(|(name, _)| name);
            let at = format!("{}, container {}", declared.logical_id, container.name);
            found.extend(names.map(|name| format!("{name} of {at}").escape_debug().to_string()));
        }
    }
    found
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Items as a table, the attributes in the order `first`, then the others.
pub(crate) fn table(items: &[Map<String, Value>], first: &[&str]) {
    let mut columns: Vec<&str> = first.to_vec();
    for name in items.iter().flat_map(Map::keys) {
        if !columns.contains(&name.as_str()) {
            columns.push(name);
        }
    }
    columns.retain(|column| items.iter().any(|item| item.contains_key(*column)));
    let cell = |item: &Map<String, Value>, column: &&str| match item.get(*column) {
        None => String::new(),
        Some(Value::String(text)) => text.escape_debug().take(CELL_CHARS_MAX).collect(),
        Some(value) => value.to_string().chars().take(CELL_CHARS_MAX).collect(),
    };
    let widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            let longest = items.iter().map(|item| cell(item, column).chars().count()).max();
            longest.unwrap_or(0).max(column.chars().count())
        })
        .collect();
    let line = |cells: Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        say(&format!("  {}", padded.collect::<Vec<_>>().join("  ").trim_end()));
    };
    line(columns.iter().map(ToString::to_string).collect());
    for item in items {
        line(columns.iter().map(|column| cell(item, column)).collect());
    }
}

/// How to send one's own file; with the clock, if it is another than the machine's.
pub(crate) fn upload_your_own(
    endpoint: &str,
    clock: Option<&str>,
    bucket: &str,
    key_field: &str,
) -> String {
    let clock = clock.map(|clock| format!("\n  export {CLOCK_VARIABLE}={clock}"));
    let clock = clock.unwrap_or_default();
    format!(
        "
Upload a file of your own: CSV or NDJSON, also gzipped, with a column `{key_field}`.

  export AWS_ENDPOINT_URL={endpoint} AWS_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test{clock}
  aws s3 cp data.csv s3://{bucket}/

  python3 -c 'import boto3; boto3.client(\"s3\").upload_file(\"data.csv\", \"{bucket}\", \"data.csv\")'

  curl -T data.csv {endpoint}/{bucket}/data.csv"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_to_copy_hold_all_that_a_command_needs() {
        let page = |clock| upload_your_own("http://127.0.0.1:4566", clock, "uploads", "id");
        let exports = |page: &str| {
            let words = page.lines().filter_map(|line| line.trim().strip_prefix("export "));
            let names = words.flat_map(str::split_whitespace).filter_map(|it| it.split_once('='));
            names.map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        let always =
            ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        assert_eq!(exports(&page(None)), always);
        let own = page(Some("2026-11-23T09:00:00Z,2036-11-23T09:00:00Z,60"));
        assert_eq!(exports(&own), [&always[..], &["LONGSHORE_CLOCK"]].concat());
        assert!(own.contains("=2026-11-23T09:00:00Z,2036-11-23T09:00:00Z,60\n"), "{own}");
    }
}
