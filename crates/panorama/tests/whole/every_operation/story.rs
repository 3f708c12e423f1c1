//! What is done with the bank, step by step: every operation at least once.
//!
//! A step names an operation. Its body is the document's own example, with what the step sets in it; its path takes what
//! earlier steps took out of their answers, by the names of the path's variables. `{name}` stands for what is known under
//! the name: who is there (see [`CAST`]), what was taken, the scene's first day (`{day}`) and days around it (`{day+3}`).

mod accounts;
mod financing;
mod investment;
mod partners;
mod payments;
mod public;
mod sandbox;

use serde_json::{Value, json};

/// What belongs together: begun with a fresh sandbox, at a quarter past ten of a business day.
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) steps: Vec<Step>,
}

/// All of them.
pub(crate) fn scenes() -> Vec<Scene> {
    [
        ("accounts", accounts::steps()),
        ("payments", payments::steps()),
        ("merchants and collections", payments::collections()),
        ("escrow", payments::escrow()),
        ("investment", investment::steps()),
        ("a person's loan", financing::person()),
        ("a business's loan", financing::business()),
        ("receivables", financing::receivables()),
        ("cards", financing::cards()),
        ("partners' services", partners::services()),
        ("technology", partners::technology()),
        ("public", public::steps()),
        ("sandbox", sandbox::control()),
        // Last: what the certificate asks for is no answer of everyday.
        ("webhooks and certification", sandbox::webhooks()),
    ]
    .map(|(name, steps)| Scene { name, steps })
    .into()
}

/// Who is there: `{lin}` is the party, `{lin.CNY}` an account, `{lin.CNY.number}` its number.
pub(crate) const CAST: &[(&str, &str)] = &[
    ("lin", "Lin Xiaoyu"),
    ("wang", "Wang Jianguo"),
    ("chen", "Chen Meiling"),
    ("zhou", "Lao Zhou Noodle House"),
    ("precision", "Example Precision Manufacturing Co., Ltd."),
    ("ocean", "Example Ocean Trading Co., Ltd."),
];

/// One call.
pub(crate) struct Step {
    pub(crate) operation: &'static str,
    pub(crate) query: &'static str,
    pub(crate) set: Vec<(&'static str, Value)>,
    pub(crate) with: Vec<(&'static str, &'static str)>,
    pub(crate) take: Vec<(&'static str, String)>,
    pub(crate) until: Option<&'static str>,
}

/// Calls an operation.
pub(crate) fn call(operation: &'static str) -> Step {
    Step { operation, query: "", set: vec![], with: vec![], take: vec![], until: None }
}

/// Moves the clock.
pub(crate) fn clock(time: &'static str) -> Step {
    call("updateSandboxClock").set("/time", time)
}

impl Step {
    /// With this query.
    pub(crate) fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }
    /// With this value at the pointer of the body, none if it is null. In a text: in place of what the pointer says.
    pub(crate) fn set(mut self, pointer: &'static str, value: impl Into<Value>) -> Self {
        self.set.push((pointer, value.into()));
        self
    }
    /// With this in the path.
    pub(crate) fn with(mut self, variable: &'static str, value: &'static str) -> Self {
        self.with.push((variable, value));
        self
    }
    /// Takes this member out of the answer.
    pub(crate) fn take(self, member: &'static str) -> Self {
        self.take_as(member, &format!("/{member}"))
    }
    /// Takes this member out of the first item of the answer.
    pub(crate) fn first(self, member: &'static str) -> Self {
        self.take_as(member, &format!("/items/0/{member}"))
    }
    /// Takes what the pointer leads to.
    pub(crate) fn take_as(mut self, name: &'static str, pointer: &str) -> Self {
        self.take.push((name, pointer.to_owned()));
        self
    }
    /// Asks again until the answer has this.
    pub(crate) fn until(mut self, pointer: &'static str) -> Self {
        self.until = Some(pointer);
        self
    }
}

/// An amount in CNY.
fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}
