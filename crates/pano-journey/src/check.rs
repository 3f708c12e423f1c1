//! Reads and checks a journey: everything that is wrong with it, with its place, at once.
//!
//! The checks come in layers, each of which runs only when the one below found no error: the text, the grammar, then all the rest.

mod chart;
mod contexts;
mod events;
mod guards;
mod interfaces;
mod parties;
mod steering;
mod tasks;

use crate::bian::Landscape;
use crate::diagnostic::{Code, Diagnostic, Severity, meant};
use crate::grammar;
use crate::model::{At, Journey, Name, Party, PartyKind};
use crate::place::Place;
use crate::plan::Plan;
use crate::tree::{Limits, Tree};

/// What came of reading a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The journey and its plan, when the grammar finds nothing in the way. Sound only when no diagnostic is an error.
    pub journey: Option<(Journey, Plan)>,
    /// Everything found, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether nothing stands in the way of using the journey.
    pub fn is_sound(&self) -> bool {
        self.journey.is_some() && self.count(Severity::Error) == 0
    }

    /// How many diagnostics are of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|found| found.code.severity() == severity).count()
    }
}

/// Checks `bytes`: YAML or JSON in UTF-8.
pub fn check(bytes: &[u8], landscape: &Landscape, limits: &Limits) -> Checked {
    let refused = |diagnostic| Checked { journey: None, diagnostics: vec![diagnostic] };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return refused(Diagnostic::new(Code::Encoding, Place::start(), ""));
    };
    match Tree::read(text, limits) {
        Ok(tree) => check_tree(&tree, landscape),
        Err(diagnostic) => refused(diagnostic),
    }
}

/// Checks a file that was read.
pub fn check_tree(tree: &Tree, landscape: &Landscape) -> Checked {
    let mut diagnostics = grammar::conform(&tree.root);
    let broken = diagnostics.iter().any(|found| found.code.severity() == Severity::Error);
    let journey = (!broken).then(|| {
        let journey = Journey::of(&tree.root);
        let (plan, found) = Plan::draw(&journey);
        diagnostics.extend(found);
        let mut subject = Subject { journey: &journey, plan: &plan, landscape, found: Vec::new() };
        parties::check(&mut subject);
        contexts::check(&mut subject);
        events::check(&mut subject);
        chart::check(&mut subject);
        guards::check(&mut subject);
        tasks::check(&mut subject);
        interfaces::check(&mut subject);
        steering::check(&mut subject);
        diagnostics.append(&mut subject.found);
        (journey, plan)
    });
    diagnostics.sort_by(|a, b| (&a.place, a.code, &a.detail).cmp(&(&b.place, b.code, &b.detail)));
    diagnostics.dedup();
    Checked { journey, diagnostics }
}

/// What every check looks at, and where it says what it found.
struct Subject<'j> {
    journey: &'j Journey,
    plan: &'j Plan,
    landscape: &'j Landscape,
    found: Vec<Diagnostic>,
}

impl<'j> Subject<'j> {
    fn say(&mut self, code: Code, place: &Place, detail: impl Into<String>) {
        self.found.push(Diagnostic::new(code, place.clone(), detail));
    }

    /// Says that `name` is none of `known`, unless it is.
    fn known<'k>(&mut self, code: Code, name: &Name, known: impl IntoIterator<Item = &'k Name>) {
        let known: Vec<&str> = known.into_iter().map(|name| name.value.as_str()).collect();
        if !known.contains(&name.as_str()) {
            let detail = format!("{}{}", **name, meant(name, known));
            self.say(code, &name.place, detail);
        }
    }

    fn known_party(&mut self, name: &Name) {
        let journey = self.journey;
        self.known(Code::PartyUnknown, name, journey.parties.iter().map(|party| &party.name));
    }

    fn known_event(&mut self, name: &Name) {
        let journey = self.journey;
        self.known(Code::EventUnknown, name, journey.events.iter().map(|event| &event.name));
    }

    fn known_fact(&mut self, name: &Name) {
        let journey = self.journey;
        let facts = journey.contexts.iter().flat_map(|context| &context.facts).map(|fact| &fact.name);
        self.known(Code::FactUnknown, name, facts);
    }

    fn party(&self, name: &str) -> Option<&'j Party> {
        self.journey.parties.iter().find(|party| party.name.value == name)
    }

    /// Whether the party is another house: neither the customer nor the bank.
    fn is_other_house(&self, name: &str) -> bool {
        self.party(name).is_some_and(|party| !matches!(party.kind, PartyKind::User | PartyKind::Bank))
    }
}

/// Names that stand twice, the later ones.
fn twice<'n, T: AsRef<str> + 'n>(names: impl IntoIterator<Item = &'n At<T>>) -> Vec<&'n At<T>> {
    let mut seen = std::collections::BTreeSet::new();
    names.into_iter().filter(|name| !seen.insert(name.value.as_ref())).collect()
}
