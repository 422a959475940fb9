//! `longshore check`: what would go wrong with a template's triggers, before anything is deployed.

mod dead;
mod overlaps;
mod queues;
mod triggers;
mod upload;

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use jiff::Timestamp;
use longshore_local::{
    Account,
    template::{self, TemplateError},
};
use overlaps::overlaps;
use queues::{Scaled, scaled};
use serde_json::{Map, Value, json};
use triggers::{Checked, checked};

use crate::{
    args::CheckArgs,
    page::{self, complain, say},
};

/// Only part of the ARNs of a template, which nobody calls here.
const ENDPOINT: &str = "http://127.0.0.1";

/// What was found in a template that can be deployed.
#[derive(Debug, PartialEq)]
struct Judged {
    triggers: Vec<Checked>,
    queues: Vec<Scaled>,
    /// What is about no single trigger.
    warnings: Vec<String>,
}

/// Judges a template: 0 if its triggers can be carried out, 1 if not.
pub(crate) fn check(args: &CheckArgs, stack_name: &str, is_json: bool) -> ExitCode {
    let path = args.template.display().to_string();
    let source = match std::fs::read_to_string(&args.template) {
        Ok(source) => source,
        Err(error) => {
            let todo = "run it where the template is, or name it";
            complain("longshore check", &format!("cannot read `{path}`: {error}; {todo}"));
            return ExitCode::FAILURE;
        }
    };
    let parameters = args.parameters.iter().cloned().collect();
    match judge(&source, &args.template, stack_name, &parameters, (args.rate, Timestamp::now())) {
        Ok(judged) => {
            show(&judged, &path, is_json);
            ExitCode::SUCCESS
        }
        Err(wrong) => {
            complain("longshore check", &wrong.to_string());
            ExitCode::FAILURE
        }
    }
}

fn judge(
    source: &str,
    path: &Path,
    stack_name: &str,
    parameters: &BTreeMap<String, String>,
    (rate, now): (f64, Timestamp),
) -> Result<Judged, TemplateError> {
    let path = path.display().to_string();
    let account = Account::local(ENDPOINT);
    let stack = template::read(source, &path, &account, stack_name, parameters)?;
    let (triggers, mut problems) = checked(&stack, rate, now);
    let (queues, wrong) = scaled(&stack);
    problems.extend(wrong);
    let mut triggers = triggers;
    for trigger in &mut triggers {
        trigger.warnings.extend(unscaled(trigger, &queues));
    }
    if !problems.is_empty() {
        return Err(TemplateError { file: path, problems });
    }
    let warnings = stack.warnings.iter().map(|warning| format!("{path}:{warning}"));
    let warnings = warnings.chain(overlaps(&stack, &triggers, now)).collect();
    Ok(Judged { triggers, queues, warnings })
}

/// A pool to which no worker comes by itself.
fn unscaled(trigger: &Checked, queues: &[Scaled]) -> Option<String> {
    let pool = trigger.pool.as_deref()?;
    let is_scaled = queues.iter().any(|it| it.queue == pool);
    (!is_scaled).then(|| {
        format!(
            "trigger `{}` leaves its runs to the queue {pool}, which no schedule of the template has \
             the scaler look after: see that workers poll it",
            trigger.name
        )
    })
}

fn show(Judged { triggers, queues, warnings }: &Judged, path: &str, is_json: bool) {
    let rows: Vec<Map<String, Value>> = triggers.iter().map(row).collect();
    if is_json {
        let triggers: Vec<Value> = triggers
            .iter()
            .map(|it| json!({"trigger": it.name, "by": it.by, "next": it.next, "warnings": it.warnings}))
            .collect();
        let queues: Vec<Value> = queues
            .iter()
            .map(|it| json!({"queue": it.queue, "by": it.by, "warnings": it.warning.as_slice()}))
            .collect();
        let all = json!({"triggers": triggers, "queues": queues, "warnings": warnings});
        say(&all.to_string());
        return;
    }
    match rows.len() {
        0 => say(&format!("{path}: no trigger; nothing in it sends an event with settings")),
        _ => page::table(&rows, &["trigger", "by", "next"]),
    }
    for Scaled { queue, by, .. } in queues {
        say(&format!("  scales   {queue} by {by}"));
    }
    let warned = triggers.iter().flat_map(|it| &it.warnings);
    for warning in warned.chain(queues.iter().flat_map(|it| &it.warning)).chain(warnings) {
        say(&format!("  warns    {warning}"));
    }
}

fn row(checked: &Checked) -> Map<String, Value> {
    let next = checked.next.map_or_else(|| "-".to_owned(), |next| next.to_string());
    let cells = [("trigger", &checked.name), ("by", &checked.by), ("next", &next)];
    cells.into_iter().map(|(name, text)| (name.to_owned(), text.clone().into())).collect()
}

#[cfg(test)]
mod tests;
