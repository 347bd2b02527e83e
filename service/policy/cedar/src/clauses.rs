//! Conditions taken apart: what stands between `&&` is a clause, judged from left to right as Cedar
//! does, and the first that is not true ends it. Many policies ask the same of a request, so what
//! clauses begin with is evaluated once a question: "resource.effect" of all that compare it with a
//! text. Whatever is not compared with a literal is Cedar's evaluator's, whole.

use crate::policies::Seen;
use cedar_policy_core::ast::{
    BinaryOp, Expr, ExprKind, Literal, Pattern, PatternElem, SlotEnv, Value, ValueKind,
};
use cedar_policy_core::evaluator::Evaluator;
use std::collections::HashMap;

/// What is evaluated, by its place in `Terms`.
type Term = usize;

enum Clause {
    Equals(Term, Value),
    /// With what the pattern begins with: most texts differ there, which is sooner told.
    Like(Term, String, Pattern),
    Holds(Term),
}

/// Each clause, and what it looks at.
pub struct Condition(Vec<(Clause, Seen)>);

#[derive(Default)]
pub struct Terms {
    all: Vec<Expr>,
    places: HashMap<Expr, Term>,
}

/// The values that terms had in this question, as far as anybody asked. None: it failed.
pub struct Question<'a> {
    terms: &'a Terms,
    evaluator: &'a Evaluator<'a>,
    slots: SlotEnv,
    known: Vec<Option<Option<Value>>>,
}

/// Before the first `*`.
fn beginning(pattern: &Pattern) -> String {
    let literal = |element: &PatternElem| match element {
        PatternElem::Char(char) => Some(*char),
        PatternElem::Wildcard => None,
    };
    pattern.iter().map_while(literal).collect()
}

impl Terms {
    fn term(&mut self, expr: &Expr) -> Term {
        if let Some(place) = self.places.get(expr) {
            return *place;
        }
        self.all.push(expr.clone());
        self.places.insert(expr.clone(), self.all.len() - 1);
        self.all.len() - 1
    }

    /// A literal can not fail, so on which side of `==` it stands makes no difference.
    fn clause(&mut self, expr: &Expr) -> Clause {
        match expr.expr_kind() {
            ExprKind::BinaryApp { op: BinaryOp::Eq, arg1, arg2 } => {
                match (arg1.expr_kind(), arg2.expr_kind()) {
                    (_, ExprKind::Lit(is)) => Clause::Equals(self.term(arg1), is.clone().into()),
                    (ExprKind::Lit(is), _) => Clause::Equals(self.term(arg2), is.clone().into()),
                    _ => Clause::Holds(self.term(expr)),
                }
            }
            ExprKind::Like { expr, pattern } => {
                Clause::Like(self.term(expr), beginning(pattern), pattern.clone())
            }
            _ => Clause::Holds(self.term(expr)),
        }
    }

    fn split(&mut self, expr: &Expr, clauses: &mut Vec<(Clause, Seen)>) {
        match expr.expr_kind() {
            ExprKind::And { left, right } => {
                self.split(left, clauses);
                self.split(right, clauses);
            }
            _ => clauses.push((self.clause(expr), Seen::by(expr))),
        }
    }

    pub fn condition(&mut self, expr: &Expr) -> Condition {
        let mut clauses = Vec::new();
        self.split(expr, &mut clauses);
        Condition(clauses)
    }
}

impl<'a> Question<'a> {
    pub fn new(terms: &'a Terms, evaluator: &'a Evaluator<'a>) -> Self {
        let known = vec![None; terms.all.len()];
        Question { terms, evaluator, slots: SlotEnv::new(), known }
    }

    fn value(&mut self, term: Term) -> Option<&Value> {
        let (terms, evaluator, slots) = (self.terms, self.evaluator, &self.slots);
        self.known[term]
            .get_or_insert_with(|| evaluator.interpret(&terms.all[term], slots).ok())
            .as_ref()
    }

    fn holds(&mut self, clause: &Clause) -> Option<bool> {
        match clause {
            Clause::Equals(term, is) => Some(self.value(*term)? == is),
            Clause::Like(term, beginning, pattern) => match self.value(*term)?.value_kind() {
                ValueKind::Lit(Literal::String(text)) => {
                    Some(text.starts_with(beginning.as_str()) && pattern.wildcard_match(text))
                }
                _ => None,
            },
            Clause::Holds(term) => match self.value(*term)?.value_kind() {
                ValueKind::Lit(Literal::Bool(holds)) => Some(*holds),
                _ => None,
            },
        }
    }

    /// None: it can not be said, which is an error.
    pub fn is_met(&mut self, condition: &Condition) -> Option<bool> {
        for (clause, _) in &condition.0 {
            if !self.holds(clause)? {
                return Some(false);
            }
        }
        Some(true)
    }

    /// The same with one member of the context left open. Of a permit: whether it can be met; of a
    /// forbid: whether it is met whatever that member is. What fails behind an open clause may not
    /// be reached.
    pub fn is_met_at_best(
        &mut self,
        condition: &Condition,
        open: &str,
        permits: bool,
    ) -> Option<bool> {
        let mut is_open = false;
        for (clause, seen) in &condition.0 {
            if seen.member_of_context(open) {
                if !permits {
                    return Some(false);
                }
                is_open = true;
                continue;
            }
            match self.holds(clause) {
                Some(true) => {}
                Some(false) => return Some(false),
                None if is_open => {}
                None => return None,
            }
        }
        Some(true)
    }
}
