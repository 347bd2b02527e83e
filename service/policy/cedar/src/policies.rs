//! Parsed policies: their ids, texts and annotations in the order of the text, and judging by them.

use crate::clauses::{Condition, Question, Terms};
use crate::values::{Names, Request, Slice};
use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    ResourceConstraint, Schema, ValidationMode, ValidationWarning, Validator,
};
use cedar_policy_core::ast::{Expr, ExprKind, Var};
use cedar_policy_core::evaluator::Evaluator;
use cedar_policy_core::extensions::Extensions;
use miette::Diagnostic;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
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
    /// What is left to be asked where these are so: clauses, if the scope asks for nothing else.
    rest: Condition,
}

impl Entry {
    fn new(policy: &Policy, terms: &mut Terms) -> Self {
        let is_all_of_the_scope = matches!(
            (
                policy.principal_constraint(),
                policy.action_constraint(),
                policy.resource_constraint(),
            ),
            (
                PrincipalConstraint::Any | PrincipalConstraint::Eq(_),
                ActionConstraint::Any | ActionConstraint::Eq(_),
                ResourceConstraint::Any | ResourceConstraint::Eq(_),
            )
        );
        let core: &cedar_policy_core::ast::Policy = policy.as_ref();
        let rest = match core.non_scope_constraints() {
            _ if !is_all_of_the_scope => terms.condition(&core.condition()),
            Some(clauses) => terms.condition(clauses),
            None => terms.condition(&Expr::val(true)),
        };
        Entry {
            id: AsRef::<str>::as_ref(policy.id()).to_string(),
            text: policy.to_string(),
            permits: policy.effect() == Effect::Permit,
            condition: core.condition(),
            rest,
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

    /// Of a policy of the request's action. False: the scope is false of this request. True: `rest`
    /// tells.
    fn may_apply(&self, principal: &EntityUid, resource: &EntityUid) -> bool {
        let fits = |asked: &Option<EntityUid>, is: &EntityUid| {
            asked.as_ref().is_none_or(|asked| asked == is)
        };
        fits(&self.principal, principal) && fits(&self.resource, resource)
    }

    /// A context that is looked at as a whole has every member.
    pub fn looks_at(&self, name: &str) -> bool {
        let is_variable = |part: &Expr| match part.expr_kind() {
            ExprKind::Var(variable) => variable.to_string() == name,
            _ => false,
        };
        Seen::by(&self.condition).member_of_context(name)
            || self.condition.subexpressions().any(is_variable)
    }
}

/// The policies that an action concerns, by their places in the text, and what of a question they
/// can tell from another: the rest of it need not be made.
#[derive(Default)]
struct Group {
    places: Vec<usize>,
    seen: Seen,
}

impl Group {
    fn of<'a>(policies: impl Iterator<Item = (usize, &'a Entry)>) -> Self {
        let mut group = Group::default();
        for (place, policy) in policies {
            group.places.push(place);
            group.seen.add(&policy.condition);
        }
        group
    }
}

/// Attributes, by name, of whatever they are. Nobody can tell whether others are there: entities
/// are equal by their ids alone, and a context that is looked at as a whole is made as a whole. So
/// few are faster compared than hashed.
#[derive(Default)]
pub struct Seen {
    attributes: Vec<SmolStr>,
    whole_context: bool,
}

impl Seen {
    pub fn by(condition: &Expr) -> Self {
        let mut seen = Seen::default();
        seen.add(condition);
        seen
    }

    fn add(&mut self, condition: &Expr) {
        let is_context = |part: &Expr| matches!(part.expr_kind(), ExprKind::Var(Var::Context));
        let (mut uses, mut members) = (0, 0);
        for part in condition.subexpressions() {
            match part.expr_kind() {
                ExprKind::Var(Var::Context) => uses += 1,
                ExprKind::GetAttr { expr, attr } | ExprKind::HasAttr { expr, attr } => {
                    members += usize::from(is_context(expr));
                    if !self.attribute(attr) {
                        self.attributes.push(attr.clone());
                    }
                }
                _ => {}
            }
        }
        self.whole_context |= uses > members;
    }

    pub fn attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|attribute| attribute == name)
    }

    pub fn member_of_context(&self, name: &str) -> bool {
        self.whole_context || self.attribute(name)
    }
}

pub struct Policies {
    pub all: Vec<Entry>,
    /// By action; those of other actions are the ones that name none.
    by_action: HashMap<EntityUid, Group>,
    of_others: Group,
    terms: Terms,
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
        let mut terms = Terms::default();
        for policy in &policies {
            let id: &str = policy.id().as_ref();
            if !ids.insert(id) {
                return Err(format!("two policies have the @id {id:?}"));
            }
            all.push(Entry::new(policy, &mut terms));
        }
        let set = PolicySet::from_policies(policies.clone()).map_err(|e| e.to_string())?;
        if let Some(schema) = &schema {
            validate(text, &set, schema, careful)?;
        }
        let names = Names::new(schema.as_ref())?;
        let concerns = |action: Option<&EntityUid>| {
            let is_concerned =
                |policy: &Entry| policy.action.is_none() || policy.action.as_ref() == action;
            Group::of(all.iter().enumerate().filter(|(_, policy)| is_concerned(policy)))
        };
        let actions: HashSet<&EntityUid> = all.iter().filter_map(|p| p.action.as_ref()).collect();
        let by_action = actions.iter().map(|uid| ((*uid).clone(), concerns(Some(uid)))).collect();
        let of_others = concerns(None);
        Ok(Self { all, by_action, of_others, terms, set, schema, names })
    }

    pub unsafe fn annotation(&self, index: usize, key: Slice) -> Option<&str> {
        let id = PolicyId::new(&self.all.get(index)?.id);
        self.set.annotation(&id, key.text().ok()?)
    }

    /// As Cedar's authorizer: forbids win over permits, and without a permit it is denied.
    pub unsafe fn judge(&self, request: &Request) -> Result<Verdict, String> {
        let schema = self.schema.as_ref().filter(|_| request.is_checked());
        let action = request.action(&self.names)?;
        let group = self.by_action.get(&action).unwrap_or(&self.of_others);
        // What is held to the schema is held to all of it.
        let seen = if schema.is_some() { None } else { Some(&group.seen) };
        let (question, entities) = request.read(&self.names, schema, seen)?;
        let (Some(principal), Some(resource)) = (question.principal(), question.resource()) else {
            return Err("a question without principal or resource".into());
        };
        let evaluator =
            Evaluator::new(question.as_ref().clone(), &entities, Extensions::all_available());
        let mut asked = Question::new(&self.terms, &evaluator);
        let (mut permits, mut forbids, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        let places = group.places.iter().map(|place| (*place, &self.all[*place]));
        let open = request.open()?;
        for (place, policy) in places.filter(|(_, policy)| policy.may_apply(principal, resource)) {
            let met = match open {
                Some(open) => asked.is_met_at_best(&policy.rest, open, policy.permits),
                None => asked.is_met(&policy.rest),
            };
            match met {
                Some(false) => {}
                Some(true) if policy.permits => permits.push(place),
                Some(true) => forbids.push(place),
                None => errors.push(place),
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
