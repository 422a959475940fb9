//! Physical names: the given one, or `STACK-LogicalId`, the same in every start.
//!
//! CloudFormation ends a name of its own making in random letters; here a second start must find
//! what the first one kept, so there are none.

use super::declare::Declaration;
use super::field::Field;
use super::intrinsics::{At, Mode};
use super::kinds::Verdict;
use super::node::Node;
use super::problem::{Failed, Read};
use super::scope::{CHAIN_MAX, Scope};
use super::skipped;

/// Digits that tell two shortened names apart.
const DIGEST_CHARS: usize = 8;

/// A resource whose name and attributes are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) id: &'a str,
    pub(super) declaration: &'a Declaration,
}

impl<'a> Named<'a> {
    /// Its physical name.
    pub(super) fn name(&self) -> Read<String> {
        let known = self.scope.names.borrow().get(self.id).cloned();
        match known {
            Some(Some(name)) => return name,
            Some(None) => {
                let what = format!("the name of `{}` depends on itself", self.id);
                return Err(self.tell(what, "break the circle"));
            }
            None => {}
        }
        let chain = &self.scope.chain;
        if chain.get() >= CHAIN_MAX {
            let what = format!("more than {CHAIN_MAX} names are made of one another");
            return Err(self.tell(what, "shorten the chain"));
        }
        self.scope.names.borrow_mut().insert(self.id.into(), None);
        chain.set(chain.get() + 1);
        let name = self.work_out();
        chain.set(chain.get() - 1);
        self.scope.names.borrow_mut().insert(self.id.into(), Some(name.clone()));
        name
    }

    /// Adds a problem with the resource as a whole.
    pub(super) fn tell(&self, what: impl Into<String>, remedy: &str) -> Failed {
        let Declaration { line, path, .. } = self.declaration;
        self.scope.problems.tell(*line, path, what, remedy)
    }

    /// ARN of one of its account and Region.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        self.scope.account.arn(service, resource)
    }

    /// The value of one of its properties, when it is given.
    pub(super) fn given(&self, property: &str) -> Read<Option<String>> {
        let Some(node) = self.declaration.properties.get(property) else { return Ok(None) };
        let at = At::new(&*self.declaration.path, Mode::Served).key("Properties").key(property);
        match self.scope.evaluate(node, &at)? {
            Some(value) => self.scope.evaluate_text(&value, &at).map(Some),
            None => Ok(None),
        }
    }

    /// `Metadata.Local.Command`, evaluated.
    pub(super) fn command(&self) -> Read<Option<Node>> {
        let at = At::new(self.command_path(), Mode::Served);
        self.declaration.command.as_ref().map_or(Ok(None), |node| self.scope.evaluate(node, &at))
    }

    /// A command that was evaluated, to be read.
    pub(super) fn command_field<'n>(&self, node: &'n Node) -> Field<'n>
    where
        'a: 'n,
    {
        Field { node, path: self.command_path(), problems: self.scope.problems }
    }

    fn command_path(&self) -> String {
        format!("{}.Metadata.Local.Command", self.declaration.path)
    }

    /// `STACK-LogicalId`
    pub(super) fn generated(&self) -> String {
        format!("{}-{}", self.scope.stack_name, self.id)
    }

    fn work_out(&self) -> Read<String> {
        let kind = match &self.declaration.verdict {
            Verdict::Served(kind) => kind,
            Verdict::Skipped | Verdict::Refused(_) => return skipped::name(self),
        };
        let max = *kind.name_chars.end();
        let Some(given) = self.given(kind.name_property)? else {
            return Ok(shortened(&(kind.generated)(self)?, max));
        };
        let fits = kind.name_chars.contains(&given.chars().count());
        if fits && given.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char)) {
            return Ok(given);
        }
        let line = self.declaration.properties.get(kind.name_property).map(|node| node.line);
        let at = At::new(&*self.declaration.path, Mode::Served).key("Properties");
        let what = format!("`{given}` is no name for {}", kind.type_name);
        let remedy =
            format!("take {} to {max} letters, digits and hyphens", kind.name_chars.start());
        let line = line.unwrap_or(self.declaration.line);
        Err(self.scope.tell(line, &at.key(kind.name_property), what, remedy))
    }
}

/// [`Named::name`] as a function, which is what many types give for `Ref`.
pub(super) fn physical(named: &Named) -> Read<String> {
    named.name()
}

/// Cuts a name that is too long, and ends it in a digest of what was cut.
fn shortened(name: &str, chars_max: usize) -> String {
    if name.len() <= chars_max {
        return name.into();
    }
    let (stem, end) = match name.strip_suffix(".fifo") {
        Some(stem) => (stem, ".fifo"),
        None => (name, ""),
    };
    let digest = format!("{:016x}", digest(name));
    let kept = chars_max - end.len() - DIGEST_CHARS - 1;
    let stem: String = stem.chars().take(kept).collect();
    format!("{stem}-{}{end}", &digest[..DIGEST_CHARS])
}

/// A digest that is the same everywhere (FNV-1a, 64 bits).
pub(super) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A UUID made of a text, where AWS would draw one.
pub(super) fn uuid(text: &str) -> String {
    let (high, low) = (digest(text), digest(&format!("{text}/")));
    let hex = format!("{high:016x}{low:016x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
