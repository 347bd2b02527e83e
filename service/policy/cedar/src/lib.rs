//! Cedar for writd, behind cedar.h, whose comments are the contract. Everything that C calls is in
//! this file; values.rs makes Cedar's values of what C passes, policies.rs holds the parsed text,
//! clauses.rs its conditions.

mod clauses;
mod policies;
mod values;

use policies::{Entry, Policies};
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
use values::{Request, Slice};

const OK: u32 = 0;
const REFUSED: u32 = 1;
const FAULT: u32 = 2;

#[repr(C)]
pub struct Answer {
    permits: bool,
    determining_count: usize,
    error_count: usize,
}

/// No panic crosses the border: `fallback` is answered instead.
fn guard<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(fallback)
}

/// Writes the message, terminated, cut between two characters.
unsafe fn say(text: &str, message: *mut c_char, size: usize) {
    if message.is_null() || size == 0 {
        return;
    }
    let mut end = text.len().min(size - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    std::ptr::copy_nonoverlapping(text.as_ptr(), message.cast::<u8>(), end);
    *message.add(end) = 0;
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policies_new(
    text: Slice,
    schema: Slice,
    careful: bool,
    ret_policies: *mut *mut Policies,
    message: *mut c_char,
    size: usize,
) -> u32 {
    let made = guard(Err(None), || Policies::new(text, schema, careful).map_err(Some));
    match made {
        Ok(policies) => {
            *ret_policies = Box::into_raw(Box::new(policies));
            OK
        }
        Err(Some(wrong)) => {
            say(&wrong, message, size);
            REFUSED
        }
        Err(None) => {
            say("the policy engine failed", message, size);
            FAULT
        }
    }
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policies_free(policies: *mut Policies) -> *mut Policies {
    if !policies.is_null() {
        guard((), || drop(Box::from_raw(policies)));
    }
    std::ptr::null_mut()
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policies_count(policies: *const Policies) -> usize {
    let policies = &*policies;
    policies.all.len()
}

unsafe fn entry<'a>(policies: *const Policies, index: usize) -> Option<&'a Entry> {
    let policies = &*policies;
    policies.all.get(index)
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policy_id(policies: *const Policies, index: usize) -> Slice {
    entry(policies, index).map_or(Slice::NONE, |policy| Slice::of(&policy.id))
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policy_text(policies: *const Policies, index: usize) -> Slice {
    entry(policies, index).map_or(Slice::NONE, |policy| Slice::of(&policy.text))
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policy_permits(policies: *const Policies, index: usize) -> bool {
    entry(policies, index).is_some_and(|policy| policy.permits)
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policy_annotation(
    policies: *const Policies,
    index: usize,
    key: Slice,
) -> Slice {
    let policies = &*policies;
    guard(Slice::NONE, || policies.annotation(index, key).map_or(Slice::NONE, Slice::of))
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_policy_looks_at(
    policies: *const Policies,
    index: usize,
    name: Slice,
) -> bool {
    // What can not be said counts as looked at.
    guard(true, || match (entry(policies, index), name.text()) {
        (Some(policy), Ok(name)) => policy.looks_at(name),
        _ => true,
    })
}

/// # Safety
/// As cedar.h says.
#[no_mangle]
pub unsafe extern "C" fn cedar_judge(
    policies: *const Policies,
    request: *const Request,
    ret_answer: *mut Answer,
    determining: *mut usize,
    errors: *mut usize,
    message: *mut c_char,
    size: usize,
) -> u32 {
    let policies = &*policies;
    let judged = guard(Err(None), || policies.judge(&*request).map_err(Some));
    match judged {
        Ok(verdict) => {
            let fill = |to: *mut usize, from: &[usize]| {
                std::ptr::copy_nonoverlapping(from.as_ptr(), to, from.len());
                from.len()
            };
            *ret_answer = Answer {
                permits: verdict.permits,
                determining_count: fill(determining, &verdict.determining),
                error_count: fill(errors, &verdict.errors),
            };
            OK
        }
        Err(Some(wrong)) => {
            say(&wrong, message, size);
            REFUSED
        }
        Err(None) => {
            say("the policy engine failed", message, size);
            FAULT
        }
    }
}
