//! The structs of cedar.h, and the Cedar values that they stand for.

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression, Schema,
};
use std::collections::HashMap;

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
}

/// Names of entity types, parsed once: parsing costs more than anything else in a request.
pub struct Names(HashMap<String, EntityTypeName>);

impl Names {
    pub fn new(schema: Option<&Schema>) -> Self {
        let mut names = HashMap::new();
        if let Some(schema) = schema {
            let actions = schema.actions().map(|action| action.type_name());
            for name in schema.entity_types().chain(actions) {
                names.insert(name.to_string(), name.clone());
            }
        }
        Names(names)
    }

    unsafe fn uid(&self, kind: Slice, id: Slice) -> Result<EntityUid, String> {
        let kind = kind.text()?;
        let name = match self.0.get(kind) {
            Some(known) => known.clone(),
            None => kind.parse().map_err(|_| format!("{kind:?} is no name of an entity type"))?,
        };
        Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id.text()?)))
    }
}

type Members = Vec<(String, RestrictedExpression)>;

unsafe fn members(names: &Names, data: *const Value, count: usize) -> Result<Members, String> {
    let mut all = Vec::with_capacity(count);
    for value in slice(data, count) {
        all.push((value.name.text()?.to_string(), value.read(names)?));
    }
    Ok(all)
}

impl Value {
    unsafe fn read(&self, names: &Names) -> Result<RestrictedExpression, String> {
        Ok(match self.kind {
            0 => RestrictedExpression::new_bool(self.number != 0),
            1 => RestrictedExpression::new_long(self.number),
            2 => RestrictedExpression::new_string(self.text.text()?.to_string()),
            3 => RestrictedExpression::new_entity_uid(names.uid(self.entity_type, self.text)?),
            4 => {
                let items = slice(self.items, self.count).iter();
                let read: Result<Vec<_>, _> = items.map(|item| item.read(names)).collect();
                RestrictedExpression::new_set(read?)
            }
            5 => RestrictedExpression::new_record(members(names, self.items, self.count)?)
                .map_err(|e| e.to_string())?,
            6 => RestrictedExpression::new_datetime(self.text.text()?),
            7 => RestrictedExpression::new_duration(self.text.text()?),
            8 => RestrictedExpression::new_decimal(self.text.text()?),
            9 => RestrictedExpression::new_ip(self.text.text()?),
            10 => instant(self.number)?,
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

fn instant(unix_ms: i64) -> Result<RestrictedExpression, String> {
    let (year, month, day) = date(unix_ms.div_euclid(86_400_000));
    if !(0..=9999).contains(&year) {
        return Err("a time outside of the years 0 to 9999".into());
    }
    let ms = unix_ms.rem_euclid(86_400_000);
    let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
    let text = format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
        ms % 1000
    );
    Ok(RestrictedExpression::new_datetime(text))
}

impl CEntity {
    unsafe fn read(&self, names: &Names) -> Result<Entity, String> {
        let parents: Result<Vec<_>, _> = slice(self.parents, self.parent_count)
            .iter()
            .map(|parent| names.uid(parent.kind, parent.id))
            .collect();
        Entity::new_with_tags(
            names.uid(self.uid.kind, self.uid.id)?,
            members(names, self.attributes, self.attribute_count)?,
            parents?,
            members(names, self.tags, self.tag_count)?,
        )
        .map_err(|e| e.to_string())
    }
}

impl Request {
    pub fn is_checked(&self) -> bool {
        self.is_checked
    }

    pub unsafe fn read(
        &self,
        names: &Names,
        schema: Option<&Schema>,
    ) -> Result<(cedar_policy::Request, Entities), String> {
        let context = Context::from_pairs(members(names, self.context, self.context_count)?)
            .map_err(|e| e.to_string())?;
        let uid = |uid: &Uid| names.uid(uid.kind, uid.id);
        let question = cedar_policy::Request::new(
            uid(&self.principal)?,
            uid(&self.action)?,
            uid(&self.resource)?,
            context,
            schema,
        )
        .map_err(|e| e.to_string())?;
        let entities: Result<Vec<_>, _> =
            slice(self.entities, self.entity_count).iter().map(|e| e.read(names)).collect();
        let entities = Entities::from_entities(entities?, schema).map_err(|e| e.to_string())?;
        Ok((question, entities))
    }
}
