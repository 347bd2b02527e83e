//! The structs of cedar.h, and the Cedar values that they stand for.

use cedar_policy::{EntityId, EntityTypeName, EntityUid, Schema};
use cedar_policy_core::ast::{Context, Entity, EntityUID, Name, PartialValue, RestrictedExpr};
use cedar_policy_core::entities::{Entities, NoEntitiesSchema, TCComputation};
use cedar_policy_core::evaluator::RestrictedEvaluator;
use cedar_policy_core::extensions::Extensions;
use crate::policies::Seen;
use smol_str::SmolStr;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

type CedarValue = cedar_policy_core::ast::Value;
type Members = BTreeMap<SmolStr, CedarValue>;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    data: *const u8,
    size: usize,
}

impl Slice {
    pub const NONE: Slice = Slice { data: std::ptr::null(), size: 0 };

    pub fn of(text: &str) -> Self {
        Slice { data: text.as_ptr(), size: text.len() }
    }

    pub unsafe fn text<'a>(self) -> Result<&'a str, String> {
        std::str::from_utf8(slice(self.data, self.size)).map_err(|_| "a text is no UTF-8".into())
    }
}

/// C says "none" with NULL, which Rust's own slices never are.
unsafe fn slice<'a, T>(data: *const T, count: usize) -> &'a [T] {
    if data.is_null() || count == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(data, count)
    }
}

#[repr(C)]
pub struct Uid {
    kind: Slice,
    id: Slice,
}

#[repr(C)]
pub struct Value {
    kind: u32,
    name: Slice,
    entity_type: Slice,
    text: Slice,
    number: i64,
    items: *const Value,
    count: usize,
}

#[repr(C)]
pub struct CEntity {
    uid: Uid,
    attributes: *const Value,
    attribute_count: usize,
    tags: *const Value,
    tag_count: usize,
    parents: *const Uid,
    parent_count: usize,
}

#[repr(C)]
pub struct Request {
    principal: Uid,
    action: Uid,
    resource: Uid,
    context: *const Value,
    context_count: usize,
    entities: *const CEntity,
    entity_count: usize,
    is_checked: bool,
    open: Slice,
}

/// Names of entity types and of extension functions, parsed once: parsing a name costs more than
/// judging by it. They are few: to compare is faster than to hash.
pub struct Names {
    types: Vec<(String, EntityTypeName)>,
    functions: [Name; 4],
    no_items: CedarValue,
}

const INSTANTS: usize = 256;

thread_local! {
    /// Times that this thread made last, each at a place of its own: the many questions of one
    /// millisecond share theirs, and those of a task its deadline. Cedar reads a time from its text
    /// only, which costs more than judging by it.
    static MADE: RefCell<Vec<(i64, CedarValue)>> = const { RefCell::new(Vec::new()) };
}

impl Names {
    pub fn new(schema: Option<&Schema>) -> Result<Self, String> {
        let mut types = Vec::new();
        if let Some(schema) = schema {
            let actions = schema.actions().map(|action| action.type_name());
            for name in schema.entity_types().chain(actions) {
                types.push((name.to_string(), name.clone()));
            }
        }
        let name = |text: &str| text.parse::<Name>().map_err(|e| e.to_string());
        let functions = [name("datetime")?, name("duration")?, name("decimal")?, name("ip")?];
        let no_items = CedarValue::empty_set(None);
        Ok(Names { types, functions, no_items })
    }

    unsafe fn uid(&self, kind: Slice, id: Slice) -> Result<EntityUid, String> {
        let kind = kind.text()?;
        let name = match self.types.iter().find(|(name, _)| name == kind) {
            Some((_, known)) => known.clone(),
            None => kind.parse().map_err(|_| format!("{kind:?} is no name of an entity type"))?,
        };
        Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id.text()?)))
    }

    fn extension(&self, function: usize, argument: &str) -> Result<CedarValue, String> {
        let call = RestrictedExpr::call_extension_fn(
            self.functions[function].clone(),
            [RestrictedExpr::val(argument)],
        );
        RestrictedEvaluator::new(Extensions::all_available())
            .interpret(call.as_borrowed())
            .map_err(|e| e.to_string())
    }
}

impl Names {
    fn instant(&self, unix_ms: i64) -> Result<CedarValue, String> {
        MADE.with(|made| {
            let mut made = made.borrow_mut();
            let place = unix_ms.rem_euclid(INSTANTS as i64) as usize;
            if let Some((_, value)) = made.get(place).filter(|(when, _)| *when == unix_ms) {
                return Ok(value.clone());
            }
            let value = self.extension(0, &instant(unix_ms)?)?;
            if made.is_empty() {
                made.resize(INSTANTS, (unix_ms, value.clone()));
            }
            made[place] = (unix_ms, value.clone());
            Ok(value)
        })
    }
}

unsafe fn members(
    names: &Names,
    data: *const Value,
    count: usize,
    is_seen: impl Fn(&str) -> bool,
) -> Result<Members, String> {
    let mut all = Members::new();
    for value in slice(data, count) {
        let name = value.name.text()?;
        if is_seen(name) {
            all.insert(name.into(), value.read(names)?);
        }
    }
    Ok(all)
}

impl Value {
    unsafe fn read(&self, names: &Names) -> Result<CedarValue, String> {
        Ok(match self.kind {
            0 => CedarValue::from(self.number != 0),
            1 => CedarValue::from(self.number),
            2 => CedarValue::from(self.text.text()?),
            3 => CedarValue::from(EntityUID::from(names.uid(self.entity_type, self.text)?)),
            4 if self.count == 0 => names.no_items.clone(),
            4 => {
                let items = slice(self.items, self.count).iter();
                let read: Result<Vec<_>, _> = items.map(|item| item.read(names)).collect();
                CedarValue::set(read?, None)
            }
            5 => {
                let all = members(names, self.items, self.count, |_| true)?;
                CedarValue::record_arc(Arc::new(all), None)
            }
            kind @ 6..=9 => names.extension(kind as usize - 6, self.text.text()?)?,
            10 => names.instant(self.number)?,
            kind => return Err(format!("a value of an unknown kind {kind}")),
        })
    }
}

/// Days since 1970 to a date, by the proleptic Gregorian calendar, which is Cedar's.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468; // since 0000-03-01
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153; // March is 0
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year_of_era + i64::from(month >= 10);
    (year, if month < 10 { month + 3 } else { month - 9 }, day)
}

fn instant(unix_ms: i64) -> Result<String, String> {
    let (year, month, day) = date(unix_ms.div_euclid(86_400_000));
    if !(0..=9999).contains(&year) {
        return Err("a time outside of the years 0 to 9999".into());
    }
    let ms = unix_ms.rem_euclid(86_400_000);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    Ok(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        ms % 1000
    ))
}

fn attributes(members: Members) -> impl Iterator<Item = (SmolStr, PartialValue)> {
    members.into_iter().map(|(name, value)| (name, value.into()))
}

impl CEntity {
    /// Nobody can tell it from one that is not there.
    unsafe fn is_unseen(&self, seen: Option<&Seen>) -> bool {
        let mut names = slice(self.attributes, self.attribute_count).iter().map(|a| a.name.text());
        self.tag_count == 0
            && self.parent_count == 0
            && seen.is_some_and(|seen| {
                !names.any(|name| name.is_ok_and(|name| seen.attribute(name)))
            })
    }

    unsafe fn read(&self, names: &Names, seen: Option<&Seen>) -> Result<Entity, String> {
        let is_seen = |name: &str| seen.is_none_or(|seen| seen.attribute(name));
        let parents: Result<HashSet<EntityUID>, String> = slice(self.parents, self.parent_count)
            .iter()
            .map(|parent| names.uid(parent.kind, parent.id).map(EntityUID::from))
            .collect();
        Ok(Entity::new_with_attr_partial_value(
            names.uid(self.uid.kind, self.uid.id)?.into(),
            attributes(members(names, self.attributes, self.attribute_count, is_seen)?),
            HashSet::new(),
            parents?,
            attributes(members(names, self.tags, self.tag_count, |_| true)?),
        ))
    }
}

impl Request {
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    pub unsafe fn open(&self) -> Result<Option<&str>, String> {
        let name = self.open.text()?;
        Ok(Some(name).filter(|name| !name.is_empty()))
    }

    pub unsafe fn action(&self, names: &Names) -> Result<EntityUid, String> {
        names.uid(self.action.kind, self.action.id)
    }

    unsafe fn entities(
        &self,
        names: &Names,
        schema: Option<&Schema>,
        seen: Option<&Seen>,
    ) -> Result<Entities, String> {
        let all = slice(self.entities, self.entity_count);
        let read: Result<Vec<_>, _> = all
            .iter()
            .filter(|entity| !entity.is_unseen(seen))
            .map(|entity| entity.read(names, seen))
            .collect();
        if schema.is_some() {
            let entities = read?.into_iter().map(cedar_policy::Entity::from);
            return cedar_policy::Entities::from_entities(entities, schema)
                .map(|entities| entities.as_ref().clone())
                .map_err(|e| e.to_string());
        }
        let closure = if all.iter().all(|entity| entity.parent_count == 0) {
            TCComputation::AssumeAlreadyComputed
        } else {
            TCComputation::ComputeNow
        };
        Entities::from_entities(read?, None::<&NoEntitiesSchema>, closure, Extensions::all_available())
            .map_err(|e| e.to_string())
    }

    pub unsafe fn read(
        &self,
        names: &Names,
        schema: Option<&Schema>,
        seen: Option<&Seen>,
    ) -> Result<(cedar_policy::Request, Entities), String> {
        let is_seen = |name: &str| seen.is_none_or(|seen| seen.member_of_context(name));
        let context = members(names, self.context, self.context_count, is_seen)?;
        let uid = |uid: &Uid| names.uid(uid.kind, uid.id);
        let question = cedar_policy::Request::new(
            uid(&self.principal)?,
            uid(&self.action)?,
            uid(&self.resource)?,
            Context::Value(Arc::new(context)).into(),
            schema,
        )
        .map_err(|e| e.to_string())?;
        Ok((question, self.entities(names, schema, seen)?))
    }
}
