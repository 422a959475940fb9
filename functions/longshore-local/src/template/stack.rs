//! A whole template, read.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::declare::{Declaration, declarations};
use super::field::Field;
use super::intrinsics::{At, Mode};
use super::kinds::{Kind, Verdict};
use super::load::load;
use super::names::Named;
use super::near::suggest;
use super::node::{Entry, Node, Value};
use super::parameters;
use super::problem::{Failed, Problem, Problems, Read, TemplateError};
use super::resources::Resource;
use super::scope::{Memory, Scope};
use super::sections;
use super::together;
use crate::Account;

/// What a template declares, with every name and reference resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Stack {
    /// The template's `Description`.
    pub description: Option<String>,
    /// What is to be created, by logical id.
    pub resources: Vec<Declared>,
    /// What `Ref` gives for every resource whose condition holds, skipped ones too.
    pub physical: BTreeMap<String, String>,
    /// The outputs whose condition holds.
    pub outputs: BTreeMap<String, String>,
    /// What is known and not created.
    pub skipped: Vec<Skipped>,
    /// What looks wrong, or could not be checked.
    pub warnings: Vec<Problem>,
}

/// A resource that is to be created.
#[derive(Clone, Debug, PartialEq)]
pub struct Declared {
    /// Logical id.
    pub logical_id: String,
    /// Line of the template, from 1.
    pub line: usize,
    /// What it is.
    pub resource: Resource,
}

/// A resource that is known and not created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Logical id.
    pub logical_id: String,
    /// `AWS::SERVICE::TYPE`
    pub type_name: String,
    /// Line of the template, from 1.
    pub line: usize,
}

/// Reads a template.
///
/// # Errors
/// Everything that is wrong with it, each with its line in `path_for_messages`, its path in the
/// template, and what to do.
pub fn read(
    source: &str,
    path_for_messages: &str,
    account: &Account,
    stack_name: &str,
    parameters: &BTreeMap<String, String>,
) -> Result<Stack, TemplateError> {
    let problems = Problems::default();
    let stack = read_stack(source, account, stack_name, parameters, &problems);
    match (stack, problems.into_error(path_for_messages)) {
        (Ok(stack), None) => Ok(stack),
        (_, Some(error)) => Err(error),
        (Err(Failed), None) => {
            Err(TemplateError { file: path_for_messages.into(), problems: Vec::new() })
        }
    }
}

fn read_stack(
    source: &str,
    account: &Account,
    stack_name: &str,
    given: &BTreeMap<String, String>,
    problems: &Problems,
) -> Read<Stack> {
    sections::check_stack_name(stack_name, problems);
    let root = load(source, problems)?;
    sections::check(&root, problems)?;
    let before = problems.count();
    let parameters = parameters::values(root.get("Parameters"), given, problems);
    if problems.count() > before {
        // References to a parameter without a value would be told as well.
        return Err(Failed);
    }
    let scope = Scope {
        account,
        stack_name,
        parameters,
        mappings: root.get("Mappings"),
        conditions: root.get("Conditions"),
        declarations: declarations(&root, problems),
        problems,
        truths: Memory::default(),
        names: Memory::default(),
        chain: Cell::default(),
    };
    scope.check_conditions();
    let mut stack = Stack {
        description: root.get("Description").and_then(Node::scalar),
        resources: Vec::new(),
        physical: BTreeMap::new(),
        outputs: BTreeMap::new(),
        skipped: Vec::new(),
        warnings: problems.warnings(),
    };
    let mut in_order: Vec<&Declaration> = scope.declarations.values().collect();
    in_order.sort_by_key(|declaration| declaration.line);
    for declaration in in_order {
        // What failed is among the problems; the next resource is read all the same.
        scope.add(declaration, &mut stack).unwrap_or_default();
    }
    for output in root.get("Outputs").and_then(Node::entries).unwrap_or_default() {
        scope.add_output(output, &mut stack).unwrap_or_default();
    }
    together::check(&stack, problems);
    Ok(stack)
}

impl Scope<'_> {
    fn add(&self, declaration: &Declaration, stack: &mut Stack) -> Read<()> {
        if !self.is_live(declaration)? {
            return Ok(());
        }
        self.check_depends_on(declaration)?;
        let Declaration { id, line, path, type_name, .. } = declaration;
        let named = Named { scope: self, id, declaration };
        let at = At::new(path.as_str(), Mode::Skipped);
        let reference = self.evaluate_text(&Node::reference(*line, id), &at)?;
        stack.physical.insert(id.clone(), reference);
        match &declaration.verdict {
            Verdict::Served(kind) => {
                let resource = self.served(kind, &named)?;
                stack.resources.push(Declared { logical_id: id.clone(), line: *line, resource });
            }
            Verdict::Skipped => {
                self.evaluate(&declaration.properties, &at.key("Properties"))?;
                let (logical_id, type_name) = (id.clone(), type_name.clone());
                stack.skipped.push(Skipped { logical_id, type_name, line: *line });
            }
            Verdict::Refused(remedy) => {
                let what = format!("resources of type `{type_name}` are not served here");
                return Err(self.tell(*line, &at, what, remedy.as_str()));
            }
        }
        Ok(())
    }

    fn served(&self, kind: &Kind, named: &Named) -> Read<Resource> {
        let Declaration { path, properties, .. } = named.declaration;
        let path = format!("{path}.Properties");
        let before = self.problems.count();
        let mut values = Vec::new();
        for entry in properties.entries().unwrap_or_default() {
            if let Some(value) = self.property(kind, entry, &path) {
                values.push(value);
            }
        }
        if self.problems.count() > before {
            return Err(Failed);
        }
        let node = Node { line: named.declaration.line, value: Value::Map(values) };
        (kind.read)(named, &Field { node: &node, path, problems: self.problems })
    }

    /// The value of one property; nothing when it is left out, or could not be read.
    fn property(&self, kind: &Kind, entry: &Entry, path: &str) -> Option<Entry> {
        let key = entry.key.as_str();
        let served = kind.served.contains(&key);
        let mode = if served { Mode::Served } else { Mode::Skipped };
        let at = At::new(path, mode).key(key);
        let value = self.evaluate(&entry.node, &at).ok()??;
        if let Some((_, remedy)) = kind.refused.iter().find(|(name, _)| *name == key) {
            self.tell(entry.line, &at, format!("`{key}` is not served here"), *remedy);
        } else if !served && !kind.ignored.contains(&key) {
            let what = format!("{} has no property `{key}`", kind.type_name);
            let known = kind.served.iter().chain(kind.ignored).copied();
            self.tell(entry.line, &at, what, suggest(key, known, "take it away"));
        }
        Some(Entry { node: value, ..entry.clone() })
    }

    fn check_depends_on(&self, declaration: &Declaration) -> Read<()> {
        let at = At::new(format!("{}.DependsOn", declaration.path), Mode::Served);
        for node in &declaration.depends_on {
            let id = node.as_text().unwrap_or_default();
            if !self.declarations.contains_key(id) {
                let what = format!("there is no resource `{id}`");
                let known = self.declarations.keys().map(String::as_str);
                return Err(self.tell(node.line, &at, what, suggest(id, known, "declare it")));
            }
        }
        Ok(())
    }

    fn add_output(&self, output: &Entry, stack: &mut Stack) -> Read<()> {
        let at = At::new(format!("Outputs.{}", output.key), Mode::Skipped);
        if let Some(condition) = output.node.get("Condition")
            && !self.named_condition(condition, &at)?
        {
            return Ok(());
        }
        let Some(value) = output.node.get("Value") else {
            return Err(self.tell(output.line, &at, "the output has no `Value`", "add it"));
        };
        let value = self.evaluate_text(value, &at.key("Value"))?;
        stack.outputs.insert(output.key.clone(), value);
        Ok(())
    }
}
