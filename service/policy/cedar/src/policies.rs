//! Parsed policies: their ids, texts and annotations in the order of the text, and judging by them.

use crate::values::{Names, Request, Slice};
use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    ResourceConstraint, Schema, ValidationMode, ValidationWarning, Validator,
};
use cedar_policy_core::ast::{Expr, ExprKind, Literal, SlotEnv, ValueKind};
use cedar_policy_core::evaluator::Evaluator;
use cedar_policy_core::extensions::Extensions;
use miette::Diagnostic;
use std::collections::HashSet;
use std::fmt::Write;

pub struct Entry {
    pub id: String,
    pub text: String,
    pub permits: bool,
    /// Scope and clauses as one expression.
    condition: Expr,
    /// What the scope asks these to be, where it asks for one: no need to evaluate it for others.
    principal: Option<EntityUid>,
    action: Option<EntityUid>,
    resource: Option<EntityUid>,
}

impl Entry {
    fn new(policy: &Policy) -> Self {
        Entry {
            id: AsRef::<str>::as_ref(policy.id()).to_string(),
            text: policy.to_string(),
            permits: policy.effect() == Effect::Permit,
            condition: policy.as_ref().condition(),
            principal: match policy.principal_constraint() {
                PrincipalConstraint::Eq(uid) => Some(uid),
                _ => None,
            },
            action: match policy.action_constraint() {
                ActionConstraint::Eq(uid) => Some(uid),
                _ => None,
            },
            resource: match policy.resource_constraint() {
                ResourceConstraint::Eq(uid) => Some(uid),
                _ => None,
            },
        }
    }

    /// False: the scope is false of this request. True says nothing yet.
    fn may_apply(&self, request: &cedar_policy::Request) -> bool {
        let fits = |asked: &Option<EntityUid>, is: Option<&EntityUid>| {
            asked.is_none() || is.is_none() || asked.as_ref() == is
        };
        fits(&self.principal, request.principal())
            && fits(&self.action, request.action())
            && fits(&self.resource, request.resource())
    }

    pub fn looks_at(&self, name: &str) -> bool {
        self.condition.subexpressions().any(|part| match part.expr_kind() {
            ExprKind::Var(variable) => variable.to_string() == name,
            ExprKind::GetAttr { attr, .. } | ExprKind::HasAttr { attr, .. } => attr == name,
            _ => false,
        })
    }
}

pub struct Policies {
    pub all: Vec<Entry>,
    set: PolicySet,
    schema: Option<Schema>,
    names: Names,
}

pub struct Verdict {
    pub permits: bool,
    pub determining: Vec<usize>,
    pub errors: Vec<usize>,
}

/// One line for each error, with its line in the text where Cedar knows it.
fn explain<'a>(text: &str, errors: impl Iterator<Item = &'a dyn Diagnostic>) -> String {
    let mut all = String::new();
    for error in errors {
        let at = error.labels().and_then(|mut labels| labels.next());
        if let Some(before) = at.and_then(|at| text.get(..at.offset())) {
            let _ = write!(all, "line {}: ", before.matches('\n').count() + 1);
        }
        let _ = write!(all, "{error}");
        if let Some(help) = error.help() {
            let _ = write!(all, " ({help})");
        }
        all.push('\n');
    }
    all.trim_end().to_string()
}

/// The set once more, with the ids of the annotations. Cedar numbers policies by their place.
fn named(parsed: &PolicySet) -> Result<Vec<Policy>, String> {
    let count = parsed.num_of_policies();
    let mut policies = Vec::with_capacity(count);
    for place in 0..count {
        let given = PolicyId::new(format!("policy{place}"));
        let policy = parsed.policy(&given).ok_or("the policies could not be numbered")?;
        policies.push(match policy.annotation("id") {
            Some("") => return Err(format!("policy {place}: its @id is empty")),
            Some(id) => policy.new_id(PolicyId::new(id)),
            None => policy.clone(),
        });
    }
    Ok(policies)
}

/// Warnings that are refused where care is asked for. A forbid that can never apply forbids nothing.
fn is_dangerous(warning: &ValidationWarning) -> bool {
    matches!(
        warning,
        ValidationWarning::ImpossiblePolicy(_)
            | ValidationWarning::InvalidActionApplication(_)
            | ValidationWarning::BidiCharsInString(_)
            | ValidationWarning::BidiCharsInIdentifier(_)
            | ValidationWarning::MixedScriptIdentifier(_)
    )
}

fn validate(text: &str, set: &PolicySet, schema: &Schema, careful: bool) -> Result<(), String> {
    let result = Validator::new(schema.clone()).validate(set, ValidationMode::Strict);
    let errors = result.validation_errors().map(|error| error as &dyn Diagnostic);
    let warnings = result
        .validation_warnings()
        .filter(|warning| careful && is_dangerous(warning))
        .map(|warning| warning as &dyn Diagnostic);
    match explain(text, errors.chain(warnings)) {
        wrong if wrong.is_empty() => Ok(()),
        wrong => Err(wrong),
    }
}

impl Policies {
    pub unsafe fn new(text: Slice, schema: Slice, careful: bool) -> Result<Self, String> {
        let text = text.text()?;
        let schema = match schema.text()? {
            "" => None,
            source => Some(Schema::from_cedarschema_str(source).map_err(|e| e.to_string())?.0),
        };
        let parsed: PolicySet = text.parse().map_err(|errors: cedar_policy::ParseErrors| {
            explain(text, errors.iter().map(|error| error as &dyn Diagnostic))
        })?;
        if parsed.num_of_templates() > 0 {
            return Err("a template, with ?principal or ?resource, is never linked here".into());
        }
        let policies = named(&parsed)?;
        let mut all = Vec::new();
        let mut ids = HashSet::new();
        for policy in &policies {
            let id: &str = policy.id().as_ref();
            if !ids.insert(id) {
                return Err(format!("two policies have the @id {id:?}"));
            }
            all.push(Entry::new(policy));
        }
        let set = PolicySet::from_policies(policies.clone()).map_err(|e| e.to_string())?;
        if let Some(schema) = &schema {
            validate(text, &set, schema, careful)?;
        }
        let names = Names::new(schema.as_ref())?;
        Ok(Self { all, set, schema, names })
    }

    pub unsafe fn annotation(&self, index: usize, key: Slice) -> Option<&str> {
        let id = PolicyId::new(&self.all.get(index)?.id);
        self.set.annotation(&id, key.text().ok()?)
    }

    /// As Cedar's authorizer: forbids win over permits, and without a permit it is denied.
    pub unsafe fn judge(&self, request: &Request) -> Result<Verdict, String> {
        let schema = self.schema.as_ref().filter(|_| request.is_checked());
        let (question, entities) = request.read(&self.names, schema)?;
        let evaluator =
            Evaluator::new(question.as_ref().clone(), &entities, Extensions::all_available());
        let slots = SlotEnv::new();
        let (mut permits, mut forbids, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (place, policy) in self.all.iter().enumerate() {
            if !policy.may_apply(&question) {
                continue;
            }
            let value = evaluator.interpret(&policy.condition, &slots);
            match value.as_ref().map(|value| value.value_kind()) {
                Ok(ValueKind::Lit(Literal::Bool(false))) => {}
                Ok(ValueKind::Lit(Literal::Bool(true))) if policy.permits => permits.push(place),
                Ok(ValueKind::Lit(Literal::Bool(true))) => forbids.push(place),
                _ => errors.push(place),
            }
        }
        let is_permitted = forbids.is_empty() && !permits.is_empty();
        Ok(Verdict {
            permits: is_permitted,
            determining: if is_permitted { permits } else { forbids },
            errors,
        })
    }
}
