# shellcheck shell=bash
# The functions behind the CHECKs: total, exact, and what the draft says; read by ./run.

# ---- The functions, on whatever may come ------------------------------------------------------------

hostile=$(cat <<'SQL'
create function pg_temp.bodies() returns setof jsonb language sql as $$
    select * from unnest(array[
        null, 'null', 'true', '1', '1e400', '"x"', '""', '[]', '[[]]', '[null]', '{}', '{"t": null}',
        '{"t": 1}', '{"t": "x"}', '{"t": []}', '{"t": [{}]}', '{"t": {}}', '{"": {}}', '{"t": {"a": null}}',
        '{"t": {"a": []}}', '{"t": {"a": {}}}', '{"t": {"a": "exact"}}', '{"t": {"*": null}}',
        '{"t": {"a": {"constraint_type": null}}}', '{"t": {"a": {"constraint_type": ["exact"]}}}',
        '{"t": {"a": {"constraint_type": "exact"}}}', '{"t": {"a": {"constraint_type": "exact", "value": {}}}}',
        '{"t": {"a": {"constraint_type": "exact", "value": 1e400}}}',
        '{"t": {"a": {"constraint_type": "exact", "value": 1e-400}}}',
        '{"t": {"a": {"constraint_type": "exact", "value": null}}}',
        '{"t": {"a": {"constraint_type": "range", "min": "1"}}}',
        '{"t": {"a": {"constraint_type": "range", "min": null, "max": 1e131071}}}',
        '{"t": {"a": {"constraint_type": "range", "min": 2, "max": 1}}}',
        '{"t": {"a": {"constraint_type": "range", "min_inclusive": true}}}',
        '{"t": {"a": {"constraint_type": "one_of"}}}', '{"t": {"a": {"constraint_type": "one_of", "values": {}}}}',
        '{"t": {"a": {"constraint_type": "not_one_of", "excluded": null}}}',
        '{"t": {"a": {"constraint_type": "contains", "required": "x"}}}',
        '{"t": {"a": {"constraint_type": "subset", "allowed": [1e400]}}}',
        '{"t": {"a": {"constraint_type": "subset", "allowed": [{"a": [9007199254740993]}]}}}',
        '{"t": {"a": {"constraint_type": "all"}}}', '{"t": {"a": {"constraint_type": "all", "constraints": {}}}}',
        '{"t": {"a": {"constraint_type": "any", "constraints": [null]}}}',
        '{"t": {"a": {"constraint_type": "path_containment"}}}',
        '{"t": {"a": {"constraint_type": "path_containment", "root": 1}}}',
        '{"clearance": null, "approval": null, "call_only": null, "barred": null, "budget": null}',
        '{"clearance": {}, "approval": {}, "call_only": {}, "barred": {}, "budget": {}}',
        '{"clearance": [], "approval": [1], "call_only": [1], "barred": [1], "budget": [1]}',
        '{"clearance": {"confidentiality": 1, "integrity": 1, "categories": 1}, "approval": [{}], "call_only": [""], "barred": [{}], "budget": [{}]}',
        '{"clearance": {"confidentiality": "public", "integrity": "trusted", "categories": []}, "approval": [], "call_only": [], "barred": [], "budget": [{"unit": "u", "limit": null}]}',
        '{"clearance": {"confidentiality": "public", "integrity": "trusted", "categories": []}, "approval": [{"tools": [], "approvers": [], "quorum": 1e300}], "call_only": [], "barred": [], "budget": []}'
    ]::jsonb[])
$$;
SQL
)
says functions_answer_true_or_false_to_anything 't' <<SQL
$hostile
select bool_and(num_nulls(writ.narrower(p, c), writ.narrows(p, c), writ.map_narrows(p, c),
                          writ.subsumes(p, c), writ.elements_within(p, c), writ.terms_narrower(p, c),
                          writ.terms_narrow(p, c), writ.budget_narrows(p, c),
                          writ.clearance_within(p, c), writ.passes_on_no_call_only(p, c),
                          writ.authority_well_formed(c), writ.terms_well_formed(c),
                          writ.constraint_well_formed(c, true, 1), writ.constraint_well_formed(c, null, null),
                          writ.numbers_admissible(c), writ.scalar_admissible(c),
                          writ.names_well_formed(c), writ.decimal_well_formed(c),
                          writ.approval_well_formed(c), writ.barred_well_formed(c),
                          writ.budget_well_formed(c), writ.clearance_well_formed(c),
                          writ.path_normal(c::text), writ.path_under(p::text, c::text),
                          writ.path_under(p #>> '{t,a,root}', c #>> '{t,a,root}')) = 0)
  from pg_temp.bodies() p, pg_temp.bodies() c
SQL
# Five tools with open maps, by the names of terms, are an authority too; they are left out here.
says nothing_hostile_is_well_formed \
    '{} {"": {}} {"t": {}} {"t": {"a": {"value": null, "constraint_type": "exact"}}}' <<SQL
$hostile
select string_agg(c::text, ' ' order by c) from pg_temp.bodies() c
 where writ.authority_well_formed(c) and not c ? 'clearance'
SQL
says no_hostile_terms_are_well_formed '0' <<SQL
$hostile
select count(*) from pg_temp.bodies() c where writ.terms_well_formed(c)
SQL
says nests_to_32_and_no_deeper 't f' <<'SQL'
with recursive nest (depth, body) as (
    select 1, '{"constraint_type": "wildcard"}'::jsonb
    union all
    select depth + 1, jsonb_build_object('constraint_type', 'any', 'constraints', jsonb_build_array(body))
      from nest where depth < 33)
select string_agg(writ.narrower(a, a)::text::char, ' ' order by depth)
  from (select depth, jsonb_build_object('t', jsonb_build_object('x', body)) as a from nest where depth > 31) n
SQL
says holds_with_a_hostile_search_path 'f' <<'SQL'
create schema evil;
create function evil.jsonb_typeof(jsonb) returns text language sql as $$ select 'object' $$;
create function evil.yes(jsonb, jsonb) returns boolean language sql as $$ select true $$;
create operator evil.= (leftarg = jsonb, rightarg = jsonb, function = evil.yes);
create operator evil.@> (leftarg = jsonb, rightarg = jsonb, function = evil.yes);
set local search_path = evil, pg_catalog;
select writ.narrower('{"t": {"a": {"constraint_type": "subset", "allowed": [1]}}}',
                     '{"t": {"a": {"constraint_type": "subset", "allowed": [1, 2]}}}')
    or writ.terms_well_formed('{}') or writ.authority_well_formed('[]')
SQL
says a_big_list_is_judged_exactly 't|f' <<'SQL'
with big as (
    select jsonb_agg(n) as v from generate_series(1, 5000) n)
select writ.elements_within(v - 0, v), writ.elements_within(v || '[[1]]', v) from big
SQL
if out=$(./agree narrower.tsv 2>&1); then
    ok "narrower_says_what_the_draft_says: $(tail -n 1 <<<"$out")"
else
    fail narrower_says_what_the_draft_says "$out"
fi
# RFC 8037, A.3
says thumbprint_is_rfc_7638 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' <<'SQL'
select writ.thumbprint(decode('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'))
SQL
