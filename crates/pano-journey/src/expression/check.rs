//! Types of expressions, found without values.
//!
//! What a file beside the journey describes is open: its members have every type. Dates and instants are texts in ISO 8601, which
//! compare as they should; money is an object.

use crate::diagnostic::{Code, meant};
use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, SelectExpr, operators};
use std::collections::BTreeSet;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "a variant is explained by its name")]
pub enum Kind {
    Any,
    Null,
    Bool,
    Int,
    Double,
    Text,
    List,
    Object,
}

impl Kind {
    /// The kind of a type of the grammar.
    pub fn of_type(word: &str) -> Self {
        match word {
            "bool" => Self::Bool,
            "int" => Self::Int,
            "double" => Self::Double,
            "list" => Self::List,
            "money" | "object" => Self::Object,
            _ => Self::Text,
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Text => "string",
            Self::List => "list",
            Self::Object => "object",
        }
    }

    const fn number(self) -> bool {
        matches!(self, Self::Any | Self::Int | Self::Double)
    }

    /// Whether one can stand where the other is wanted.
    pub fn fits(self, other: Self) -> bool {
        self == other || matches!(self, Self::Any) || matches!(other, Self::Any)
    }
}

/// What names mean where an expression stands.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'s> {
    /// Members of the event's data; nothing when they are open.
    pub data: Option<&'s [(String, Kind)]>,
    /// Facts of the journey.
    pub facts: &'s [(String, Kind)],
}

/// What was found in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its kind.
    pub kind: Kind,
    /// What is wrong.
    pub wrong: Vec<(Code, String)>,
    /// Facts that it reads without asking first whether they are there.
    pub reads: BTreeSet<String>,
    /// States that it asks for.
    pub states: BTreeSet<String>,
}

pub(super) fn examine(expression: &IdedExpr, scope: &Scope<'_>) -> Found {
    let mut look =
        Look { scope, wrong: Vec::new(), reads: BTreeSet::new(), asked: BTreeSet::new(), states: BTreeSet::new() };
    let kind = look.kind(&expression.expr);
    let Look { wrong, mut reads, asked, states, .. } = look;
    reads.retain(|fact| !asked.contains(fact));
    Found { kind, wrong, reads, states }
}

/// Operators, names and literals.
pub(super) fn parts(expression: &IdedExpr) -> usize {
    let mut waiting = vec![&expression.expr];
    let mut count = 0;
    while let Some(next) = waiting.pop() {
        count += 1;
        match next {
            Expr::Call(call) => {
                waiting.extend(call.target.iter().map(|target| &target.expr));
                waiting.extend(call.args.iter().map(|argument| &argument.expr));
            }
            Expr::List(list) => waiting.extend(list.elements.iter().map(|element| &element.expr)),
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        waiting.extend([&entry.key.expr, &entry.value.expr]);
                    }
                }
            }
            Expr::Select(select) => waiting.push(&select.operand.expr),
            Expr::Comprehension(_) | Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
    count
}

struct Look<'s> {
    scope: &'s Scope<'s>,
    wrong: Vec<(Code, String)>,
    reads: BTreeSet<String>,
    asked: BTreeSet<String>,
    states: BTreeSet<String>,
}

const FUNCTIONS: [&str; 7] = ["size", "contains", "startsWith", "endsWith", "int", "double", "string"];

impl Look<'_> {
    fn say(&mut self, code: Code, detail: impl Into<String>) -> Kind {
        self.wrong.push((code, detail.into()));
        Kind::Any
    }

    fn kind(&mut self, expr: &Expr) -> Kind {
        match expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Kind::Bool,
                LiteralValue::Double(_) => Kind::Double,
                LiteralValue::Int(_) | LiteralValue::UInt(_) => Kind::Int,
                LiteralValue::Null => Kind::Null,
                LiteralValue::String(_) => Kind::Text,
                LiteralValue::Bytes(_) => Kind::Any,
            },
            Expr::Ident(name) => match name.as_str() {
                "data" | "facts" | "event" => Kind::Object,
                "states" => Kind::List,
                other => {
                    let detail = format!("{other}{}", meant(other, ["data", "facts", "event", "states"]));
                    self.say(Code::GuardName, detail)
                }
            },
            Expr::Select(select) => self.select(select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => {
                for element in &list.elements {
                    self.kind(&element.expr);
                }
                Kind::List
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.kind(&entry.key.expr);
                        self.kind(&entry.value.expr);
                    }
                }
                Kind::Object
            }
            Expr::Comprehension(_) => self.say(Code::GuardCost, "all exists map filter"),
            Expr::Struct(made) => self.say(Code::GuardName, made.type_name.clone()),
            Expr::Unspecified => Kind::Any,
        }
    }

    fn select(&mut self, select: &SelectExpr) -> Kind {
        let result = |kind: Kind| if select.test { Kind::Bool } else { kind };
        let Expr::Ident(root) = &select.operand.expr else {
            let kind = self.kind(&select.operand.expr);
            if !kind.fits(Kind::Object) {
                self.say(Code::GuardType, format!("{}.{}", kind.word(), select.field));
            }
            return result(Kind::Any);
        };
        let known = match root.as_str() {
            "data" => self.scope.data,
            "facts" => Some(self.scope.facts),
            "event" => Some(&[] as &[(String, Kind)]),
            _ => {
                self.kind(&select.operand.expr);
                return result(Kind::Any);
            }
        };
        if root == "event" && select.field == "name" {
            return result(Kind::Text);
        }
        let Some(known) = known else { return result(Kind::Any) };
        let Some((_, kind)) = known.iter().find(|(name, _)| *name == select.field) else {
            let code = if root == "facts" { Code::FactUnknown } else { Code::GuardName };
            let near = meant(&select.field, known.iter().map(|(name, _)| name.as_str()));
            return self.say(code, format!("{root}.{}{near}", select.field));
        };
        let kind = *kind;
        if root == "facts" {
            let into = if select.test { &mut self.asked } else { &mut self.reads };
            into.insert(select.field.clone());
        }
        result(kind)
    }

    fn call(&mut self, call: &CallExpr) -> Kind {
        let mut kinds: Vec<Kind> = Vec::with_capacity(call.args.len() + 1);
        for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
            kinds.push(self.kind(&part.expr));
        }
        let name = call.func_name.as_str();
        let misfit = |look: &mut Self| {
            let words: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
            look.say(
                Code::GuardType,
                format!("{}({})", name.trim_matches('_').trim_start_matches('@'), words.join(", ")),
            )
        };
        match (name, kinds.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, kinds) => {
                if !kinds.iter().all(|kind| kind.fits(Kind::Bool)) {
                    misfit(self);
                }
                Kind::Bool
            }
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => {
                let null = *a == Kind::Null || *b == Kind::Null;
                if !(a.fits(*b) || null || (a.number() && b.number())) {
                    misfit(self);
                }
                Kind::Bool
            }
            (operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS, [a, b]) => {
                let texts = a.fits(Kind::Text) && b.fits(Kind::Text);
                if !((a.number() && b.number()) || texts) {
                    misfit(self);
                }
                Kind::Bool
            }
            (operators::ADD, [a, b]) if a.fits(*b) && (a.number() || matches!(a, Kind::Text | Kind::List)) => {
                if *a == Kind::Any { *b } else { *a }
            }
            (operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO, [a, b])
                if a.fits(*b) && a.number() && b.number() =>
            {
                if *a == Kind::Any {
                    *b
                } else {
                    *a
                }
            }
            (operators::NEGATE, [kind]) if kind.number() => *kind,
            (operators::CONDITIONAL, [condition, a, b]) if condition.fits(Kind::Bool) => {
                if a == b {
                    *a
                } else {
                    Kind::Any
                }
            }
            (operators::IN, [_, within]) if within.fits(Kind::List) || within.fits(Kind::Object) => {
                self.note_state(call);
                Kind::Bool
            }
            (operators::INDEX, [from, _]) if from.fits(Kind::List) || from.fits(Kind::Object) => Kind::Any,
            ("size", [of]) if [Kind::Text, Kind::List, Kind::Object].iter().any(|kind| of.fits(*kind)) => Kind::Int,
            ("contains" | "startsWith" | "endsWith", [a, b]) if a.fits(Kind::Text) && b.fits(Kind::Text) => Kind::Bool,
            ("int", [from]) if from.number() || *from == Kind::Text => Kind::Int,
            ("double", [from]) if from.number() || *from == Kind::Text => Kind::Double,
            ("string", [from]) if !matches!(from, Kind::List | Kind::Object | Kind::Null) => Kind::Text,
            _ if FUNCTIONS.contains(&name) || name.contains('_') || name.starts_with('@') => misfit(self),
            _ => self.say(Code::GuardName, format!("{name}(){}", meant(name, FUNCTIONS))),
        }
    }

    /// `"money.ready" in states`.
    fn note_state(&mut self, call: &CallExpr) {
        if let [wanted, within] = call.args.as_slice()
            && let (Expr::Literal(LiteralValue::String(state)), Expr::Ident(name)) = (&wanted.expr, &within.expr)
            && name == "states"
        {
            self.states.insert(state.inner().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    fn found(source: &str) -> Found {
        let data =
            [("amount".to_owned(), Kind::Int), ("ccy".to_owned(), Kind::Text), ("paid".to_owned(), Kind::Object)];
        let facts = [("country".to_owned(), Kind::Text), ("rate".to_owned(), Kind::Double)];
        Expression::read(source).unwrap().examine(&Scope { data: Some(&data), facts: &facts })
    }

    #[test]
    fn kinds() {
        let cases = [
            ("data.amount > 1 && data.ccy == 'USD'", Kind::Bool),
            ("data.amount + 1", Kind::Int),
            ("facts.rate * 2.0", Kind::Double),
            ("data.paid.amount", Kind::Any),
            ("data.amount > 1 ? 'a' : 'b'", Kind::Text),
            ("has(facts.country)", Kind::Bool),
            ("size(data.ccy)", Kind::Int),
            ("data.amount > facts.rate", Kind::Bool),
            ("facts.country == null", Kind::Bool),
            ("'x' in ['x']", Kind::Bool),
        ];
        for (source, kind) in cases {
            let found = found(source);
            assert_eq!((found.kind, found.wrong), (kind, vec![]), "{source}");
        }
    }

    #[test]
    fn mistakes() {
        let cases = [
            ("data.amount == 'x'", Code::GuardType),
            ("data.amount && true", Code::GuardType),
            ("data.amount + facts.rate", Code::GuardType),
            ("data.ccy - 'x'", Code::GuardType),
            ("data.ccy.amount == 1", Code::GuardType),
            ("data.ccy < 1", Code::GuardType),
            ("size(1) > 0", Code::GuardType),
            ("data.amout > 1", Code::GuardName),
            ("fact.country == 'JP'", Code::GuardName),
            ("facts.contry == 'JP'", Code::FactUnknown),
            ("now() > 1", Code::GuardName),
            ("event.id == 'x'", Code::GuardName),
            ("[1, 2].exists(x, x > 1)", Code::GuardCost),
        ];
        for (source, code) in cases {
            let wrong = found(source).wrong;
            assert!(wrong.iter().any(|(found, _)| *found == code), "{source}: {wrong:?}");
        }
    }

    #[test]
    fn what_it_reads_and_asks_for() {
        let found = found("has(facts.country) && facts.country == 'JP' && facts.rate > 1.0 && 'money.ready' in states");
        assert_eq!(found.reads, BTreeSet::from(["rate".to_owned()]));
        assert_eq!(found.states, BTreeSet::from(["money.ready".to_owned()]));
    }
}
