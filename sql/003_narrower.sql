-- The rules of AAT-02 sections 3.3, 3.4 and 4.5 (I4) and the fold of writ_terms, as functions of
-- jsonb, for the CHECKs of writ.delegation. lib/authority and lib/token/terms say the same in C;
-- one generator feeds both the same pairs.
--
-- All of them answer true or false, never NULL; whatever they do not understand is false. jsonb
-- equality is the equality of RFC 8785 bytes here, because a number that RFC 8785 would change is
-- not well-formed: numbers compare by value, texts by bytes.
--
-- Those that CHECKs call pin the search_path for all that they call; inner ones name what is not in
-- pg_catalog by its schema. Members of a map are walked as `keyvalue().key` and an index, not by a
-- SELECT from jsonb_each: plpgsql then needs no executor, which is most of the time.

set local role writ_owner;

-- The digest that stands for a body in the foreign key of a delegation.
create function writ.digest(body jsonb) returns bytea
language sql immutable parallel safe strict
begin atomic
    select sha256(jsonb_send(body));
end;

-- A number is admissible when RFC 8785 (the shortest text of its double) denotes the same number.
-- PostgreSQL's shortest text never uses the end points of the rounding interval, RFC 8785's does
-- (1e23): a number with fewer digits that reads as the same double is then the shortest.
create function writ.number_admissible(n numeric) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    shortest numeric;
begin
    if n = 0 then
        return true;
    end if;
    -- NULL and NaN too end here
    if (abs(n) between 5e-324 and 1.7976931348623157e308) is not true then
        return false;   -- the cast would fail: no such double
    end if;
    shortest := n::double precision::text::numeric;
    return n = shortest
        or length(btrim(replace(abs(n)::text, '.', ''), '0'))
         < length(btrim(replace(abs(shortest)::text, '.', ''), '0'));
end
$$;

-- The same for a number in jsonb. Up to 15 digits always survive; text of numeric has no exponent.
create function writ.scalar_admissible(n jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
begin
    if jsonb_typeof(n) is distinct from 'number' then
        return false;
    end if;
    if length(n #>> '{}') <= 15 then
        return true;
    end if;
    return writ.number_admissible((n #>> '{}')::numeric);
end
$$;

-- Every number in an array, at any depth.
create function writ.numbers_admissible(body jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    odd jsonb;
begin
    if jsonb_typeof(body) is distinct from 'array' then
        return false;
    end if;
    if not jsonb_path_exists(body, 'strict $[*] ? (@.type() != "string")') then
        return true;
    end if;
    -- Whole numbers up to 2^53 are their own text: only what is left is looked at one by one.
    odd := jsonb_path_query_array(body, '$.** ? (@.type() == "number"
               && !(@ >= -9007199254740992 && @ <= 9007199254740992 && @.floor() == @))');
    for i in 0 .. jsonb_array_length(odd) - 1 loop
        if not writ.scalar_admissible(odd -> i) then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- A path that means one place: absolute, no empty, "." or ".." segment, no control character or
-- backslash, no percent-encoded dot, slash, backslash or NUL. "/" is normal.
create function writ.path_normal(path text) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(
        (path = '/' or path ~ '^(/[^/]+)+$')
        and path !~ '/[.][.]?(/|$)|[\x01-\x1f\x7f\\]|%(2[eEfF]|5[cC]|00)', false);
end;

-- Both normal, and the path is the root or beneath it, by whole segments and bytes.
create function writ.path_under(root text, path text) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(
        (root = path or root = '/' or starts_with(path, root || '/'))
        and writ.path_normal(root) and writ.path_normal(path), false);
end;

-- Set inclusion of arrays: every element of small equals one of big.
create function writ.elements_within(small jsonb, big jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
begin
    if (jsonb_typeof(small) = 'array' and jsonb_typeof(big) = 'array') is not true then
        return false;
    end if;
    if small = big or small = '[]' then
        return true;
    end if;
    -- @> is equality for scalars, but looser for arrays and objects inside, and it compares each
    -- with each.
    if jsonb_array_length(small)::bigint * jsonb_array_length(big) <= 4096
       and not jsonb_path_exists(small, 'strict $[*] ? (@.type() == "object" || @.type() == "array")')
    then
        return big @> small;
    end if;
    return not exists (select value from jsonb_array_elements(small)
                       except
                       select value from jsonb_array_elements(big));
end
$$;

-- Section 3.4, "a constraint is well-formed when". depth counts all and any from 1, at most 32.
create function writ.constraint_well_formed(c jsonb, top boolean, depth integer) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    kind    text;
    member  text;
    clauses jsonb;
    body    jsonb;
begin
    if (jsonb_typeof(c) = 'object' and depth <= 32) is not true then
        return false;
    end if;
    if c ? 'optional' then
        if (top and jsonb_typeof(c -> 'optional') = 'boolean') is not true then
            return false;
        end if;
        c := c - 'optional';
    end if;
    kind := c ->> 'constraint_type';
    case kind
    when 'wildcard' then
        return c = '{"constraint_type": "wildcard"}';
    when 'exact' then
        body := c -> 'value';
        return (c - 'constraint_type' - 'value' = '{}'
                and (jsonb_typeof(body) in ('string', 'boolean', 'null')
                     or writ.scalar_admissible(body))) is true;
    when 'one_of', 'not_one_of', 'contains', 'subset' then
        member := case kind when 'one_of' then 'values' when 'not_one_of' then 'excluded'
                            when 'contains' then 'required' else 'allowed' end;
        body := c -> member;
        return (c - 'constraint_type' - member = '{}'
                and jsonb_typeof(body) = 'array'
                and (kind <> 'one_of' or body <> '[]')
                and writ.numbers_admissible(body)) is true;
    when 'range' then
        return (c - array['constraint_type', 'min', 'max', 'min_inclusive', 'max_inclusive'] = '{}'
                and case when c ? 'min' then
                        writ.scalar_admissible(c -> 'min')
                        and (not c ? 'min_inclusive'
                             or jsonb_typeof(c -> 'min_inclusive') = 'boolean')
                    else not c ? 'min_inclusive' end
                and case when c ? 'max' then
                        writ.scalar_admissible(c -> 'max')
                        and (not c ? 'max_inclusive'
                             or jsonb_typeof(c -> 'max_inclusive') = 'boolean')
                    else not c ? 'max_inclusive' end
                and (not (c ? 'min' and c ? 'max') or c -> 'min' <= c -> 'max')) is true;
    when 'path_containment' then
        return (c - 'constraint_type' - 'root' = '{}'
                and jsonb_typeof(c -> 'root') = 'string'
                and writ.path_normal(c ->> 'root')) is true;
    when 'all', 'any' then
        clauses := c -> 'constraints';
        if (c - 'constraint_type' - 'constraints' = '{}'
            and jsonb_typeof(clauses) = 'array' and clauses <> '[]') is not true then
            return false;
        end if;
        for i in 0 .. jsonb_array_length(clauses) - 1 loop
            if not writ.constraint_well_formed(clauses -> i, false, depth + 1) then
                return false;
            end if;
        end loop;
        return true;
    else
        return false;   -- an unknown type is a restriction that we would skip
    end case;
end
$$;

-- Section 3.3: tools, each with a map of constraints by argument.
create function writ.authority_well_formed(authority jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    tools     jsonb;
    map       jsonb;
    arguments jsonb;
    argument  text;
begin
    if jsonb_typeof(authority) is distinct from 'object' then
        return false;
    end if;
    tools := jsonb_path_query_array(authority, 'strict $.keyvalue().key');
    for i in 0 .. jsonb_array_length(tools) - 1 loop
        map := authority -> (tools ->> i);
        if jsonb_typeof(map) <> 'object' then
            return false;
        end if;
        arguments := jsonb_path_query_array(map, 'strict $.keyvalue().key');
        for j in 0 .. jsonb_array_length(arguments) - 1 loop
            argument := arguments ->> j;
            if argument = '*' then
                if map -> argument <> '{"constraint_type": "wildcard"}' then
                    return false;
                end if;
            elsif not writ.constraint_well_formed(map -> argument, true, 1) then
                return false;
            end if;
        end loop;
    end loop;
    return true;
end
$$;

-- Section 4.5: child ⊑ parent, `optional` left aside. The table is closed: a pair that is not
-- here is false. Both are well-formed.
create function writ.subsumes(parent jsonb, child jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    kind    text := parent ->> 'constraint_type';
    other   text := child ->> 'constraint_type';
    bound   jsonb;
    value   jsonb;
    ours    jsonb;
    theirs  jsonb;
    found   boolean;
begin
    if kind = 'wildcard' then
        return other is not null;
    end if;
    if parent = child then
        return kind is not null;   -- the relation is reflexive
    end if;
    case kind
    when 'exact' then
        return (other = 'exact' and child -> 'value' = parent -> 'value') is true;

    when 'one_of' then
        if other = 'exact' then
            -- value is a scalar, so @> is membership
            return (parent -> 'values' @> jsonb_build_array(child -> 'value')) is true;
        end if;
        return (other = 'one_of'
                and writ.elements_within(child -> 'values', parent -> 'values')) is true;
    when 'not_one_of' then
        return (other = 'not_one_of'
                and writ.elements_within(parent -> 'excluded', child -> 'excluded')) is true;
    when 'contains' then
        return (other = 'contains'
                and writ.elements_within(parent -> 'required', child -> 'required')) is true;
    when 'subset' then
        return (other = 'subset'
                and writ.elements_within(child -> 'allowed', parent -> 'allowed')) is true;

    when 'range' then
        -- A child bound at the parent's own value must be exclusive where the parent's is; an exact
        -- value is both bounds at once, inclusive.
        if other = 'exact' then
            value := child -> 'value';
            if jsonb_typeof(value) is distinct from 'number' then
                return false;
            end if;
        elsif other is distinct from 'range' then
            return false;
        end if;
        bound := parent -> 'min';
        if bound is not null then
            theirs := coalesce(value, child -> 'min');
            if (theirs > bound
                or (theirs = bound and (parent -> 'min_inclusive' is distinct from 'false'
                                        or (other = 'range' and child -> 'min_inclusive' = 'false')))
               ) is not true then
                return false;
            end if;
        end if;
        bound := parent -> 'max';
        if bound is not null then
            theirs := coalesce(value, child -> 'max');
            if (theirs < bound
                or (theirs = bound and (parent -> 'max_inclusive' is distinct from 'false'
                                        or (other = 'range' and child -> 'max_inclusive' = 'false')))
               ) is not true then
                return false;
            end if;
        end if;
        return true;

    when 'path_containment' then
        if other = 'path_containment' then
            return writ.path_under(parent ->> 'root', child ->> 'root');
        end if;
        return (other = 'exact' and jsonb_typeof(child -> 'value') = 'string'
                and writ.path_under(parent ->> 'root', child ->> 'value')) is true;

    when 'all' then
        -- every clause of the parent subsumes at least one of the child
        if other is distinct from 'all' then
            return false;
        end if;
        ours := parent -> 'constraints';
        theirs := child -> 'constraints';
        if (jsonb_typeof(ours) = 'array' and jsonb_typeof(theirs) = 'array') is not true then
            return false;
        end if;
        for i in 0 .. jsonb_array_length(ours) - 1 loop
            found := false;
            for j in 0 .. jsonb_array_length(theirs) - 1 loop
                found := writ.subsumes(ours -> i, theirs -> j);
                exit when found;
            end loop;
            if not found then
                return false;
            end if;
        end loop;
        return true;
    when 'any' then
        -- every clause of the child is subsumed by at least one of the parent
        if other is distinct from 'any' then
            return false;
        end if;
        ours := parent -> 'constraints';
        theirs := child -> 'constraints';
        if (jsonb_typeof(ours) = 'array' and jsonb_typeof(theirs) = 'array') is not true then
            return false;
        end if;
        for j in 0 .. jsonb_array_length(theirs) - 1 loop
            found := false;
            for i in 0 .. jsonb_array_length(ours) - 1 loop
                found := writ.subsumes(ours -> i, theirs -> j);
                exit when found;
            end loop;
            if not found then
                return false;
            end if;
        end loop;
        return true;
    else
        return false;
    end case;
end
$$;

-- Names that differ only in case are one name to a tool that ignores case, so under "*" a child can
-- not name "Path" where the parent constrains "path". As lib/authority/allow.c folds: ASCII letters,
-- the four characters whose simple mapping is one, and any other beyond ASCII equals any other.
create function writ.name_folded(name text) returns text
language sql immutable parallel safe
begin atomic
    select regexp_replace(
        translate(name, U&'ABCDEFGHIJKLMNOPQRSTUVWXYZ\0130\0131\017F\212A',
                  'abcdefghijklmnopqrstuvwxyziisk'),
        U&'[^\0001-\007F]', U&'\00BF', 'g');
end;

create function writ.shadows(map jsonb, name text) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(bool_or(writ.name_folded(k) = writ.name_folded(name)), false)
      from jsonb_object_keys(map - '*') k;
end;

-- I4 for one tool: the maps of parent and child, an empty one standing for {"*": wildcard}. The
-- parent's is well-formed; that the child's is, is proved on the way: what equals the parent's is,
-- and only the rest is looked at.
create function writ.map_narrows(parent jsonb, child jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    parent_open boolean := parent = '{}' or parent ? '*';
    child_open  boolean;
    arguments   jsonb;
    argument    text;
    ours        jsonb;
    theirs      jsonb;
    dropped     jsonb;
begin
    if (jsonb_typeof(parent) = 'object' and jsonb_typeof(child) = 'object') is not true then
        return false;
    end if;
    dropped := parent - '*';
    child_open := child = '{}' or child ? '*';
    if child_open and not parent_open then
        return false;
    end if;
    arguments := jsonb_path_query_array(child, 'strict $.keyvalue().key');
    for i in 0 .. jsonb_array_length(arguments) - 1 loop
        argument := arguments ->> i;
        theirs := child -> argument;
        ours := parent -> argument;
        if argument = '*' then
            if theirs <> '{"constraint_type": "wildcard"}' then
                return false;
            end if;
        elsif ours is null then
            if not parent_open or not writ.constraint_well_formed(theirs, true, 1)
               or writ.shadows(parent, argument) then
                return false;
            end if;
        else
            if theirs <> ours then
                if jsonb_typeof(ours) <> 'object' then
                    return false;
                end if;
                if not writ.constraint_well_formed(theirs, true, 1) then
                    return false;
                end if;
                -- what the parent requires stays required
                if theirs -> 'optional' = 'true' and ours -> 'optional' is distinct from 'true' then
                    return false;
                end if;
                if not writ.subsumes(ours - 'optional', theirs - 'optional') then
                    return false;
                end if;
            end if;
            dropped := dropped - argument;
        end if;
    end loop;
    -- what the child no longer names is forbidden: so it was optional, and must not return under "*"
    if dropped = '{}' then
        return true;
    end if;
    if child_open then
        return false;
    end if;
    arguments := jsonb_path_query_array(dropped, 'strict $.keyvalue().key');
    for i in 0 .. jsonb_array_length(arguments) - 1 loop
        if dropped -> (arguments ->> i) -> 'optional' is distinct from 'true' then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- I4 under a parent that is well-formed, as every recorded parent is: the child is well-formed and
-- authorizes a subset.
create function writ.narrows(parent jsonb, child jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    tools  jsonb;
    ours   jsonb;
    theirs jsonb;
begin
    if (jsonb_typeof(parent) = 'object' and jsonb_typeof(child) = 'object') is not true then
        return false;
    end if;
    tools := jsonb_path_query_array(child, 'strict $.keyvalue().key');
    for i in 0 .. jsonb_array_length(tools) - 1 loop
        ours := parent -> (tools ->> i);
        theirs := child -> (tools ->> i);
        if ours is null then
            return false;
        end if;
        if ours <> theirs then
            if not writ.map_narrows(ours, theirs) then
                return false;
            end if;
        end if;
    end loop;
    return true;
end
$$;

-- I4 for any two values: every (tool, arguments) that child allows, parent allows; false too when
-- either is not well-formed.
create function writ.narrower(parent jsonb, child jsonb) returns boolean
language sql immutable parallel safe
begin atomic
    select writ.authority_well_formed(parent) and writ.narrows(parent, child);
end;

comment on function writ.narrower(jsonb, jsonb) is
    'I4: every (tool, arguments) that child allows, parent allows; by the closed table of AAT-02 section 4.5 and path_containment.';

-- Effective terms ---------------------------------------------------------------------------

-- An array of texts, none of them empty.
create function writ.names_well_formed(names jsonb) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(
        jsonb_typeof(names) = 'array'
        and not jsonb_path_exists(names, 'strict $[*] ? (@.type() != "string" || @ == "")'), false);
end;

create function writ.decimal_well_formed(d jsonb) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(
        jsonb_typeof(d) = 'string'
        and (d #>> '{}') ~ '^(0|[1-9][0-9]{0,19})([.][0-9]{1,9})?$', false);
end;

create function writ.clearance_well_formed(clearance jsonb) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(
        jsonb_typeof(clearance) = 'object'
        and clearance - array['confidentiality', 'integrity', 'categories'] = '{}'
        and clearance -> 'confidentiality'
            in ('"public"', '"internal"', '"confidential"', '"restricted"')
        and clearance -> 'integrity' in ('"trusted"', '"untrusted"')
        and writ.names_well_formed(clearance -> 'categories'), false);
end;

create function writ.approval_well_formed(rules jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    rule jsonb;
begin
    if jsonb_typeof(rules) is distinct from 'array' then
        return false;
    end if;
    for i in 0 .. jsonb_array_length(rules) - 1 loop
        rule := rules -> i;
        if (jsonb_typeof(rule) = 'object'
            and rule - array['tools', 'approvers', 'quorum'] = '{}'
            and writ.names_well_formed(rule -> 'tools')
            and writ.names_well_formed(rule -> 'approvers')
            and jsonb_typeof(rule -> 'quorum') = 'number'
            and (rule ->> 'quorum') ~ '^[1-9][0-9]{0,8}$') is not true then
            return false;
        end if;
    end loop;
    return true;
end
$$;

create function writ.barred_well_formed(bars jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    bar jsonb;
begin
    if jsonb_typeof(bars) is distinct from 'array' then
        return false;
    end if;
    for i in 0 .. jsonb_array_length(bars) - 1 loop
        bar := bars -> i;
        if (jsonb_typeof(bar) = 'object'
            and bar - array['tool', 'agent', 'key'] = '{}'
            and jsonb_typeof(bar -> 'tool') = 'string'
            and jsonb_typeof(bar -> 'agent') = 'string'
            and jsonb_typeof(bar -> 'key') = 'string') is not true then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- One entry a key (unit, tool, argument): with two, the wider could hide behind the narrower.
create function writ.budget_well_formed(budget jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    entry jsonb;
    keys  jsonb := '[]';
begin
    if jsonb_typeof(budget) is distinct from 'array' then
        return false;
    end if;
    for i in 0 .. jsonb_array_length(budget) - 1 loop
        entry := budget -> i;
        if (jsonb_typeof(entry) = 'object'
            and entry - array['unit', 'tool', 'argument', 'limit', 'per_call'] = '{}'
            and jsonb_typeof(entry -> 'unit') = 'string' and entry -> 'unit' <> '""'
            and (not entry ? 'tool' or jsonb_typeof(entry -> 'tool') = 'string')
            and (not entry ? 'argument' or jsonb_typeof(entry -> 'argument') = 'string')
            and writ.decimal_well_formed(entry -> 'limit')
            and (not entry ? 'per_call' or writ.decimal_well_formed(entry -> 'per_call'))
           ) is not true then
            return false;
        end if;
        entry := jsonb_build_array(entry - 'limit' - 'per_call');
        if writ.elements_within(entry, keys) then
            return false;
        end if;
        keys := keys || entry;
    end loop;
    return true;
end
$$;

-- All five members, always, and nothing else.
create function writ.terms_well_formed(terms jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return (jsonb_typeof(terms) = 'object'
            and terms - array['clearance', 'approval', 'call_only', 'barred', 'budget'] = '{}'
            and writ.clearance_well_formed(terms -> 'clearance')
            and writ.approval_well_formed(terms -> 'approval')
            and writ.names_well_formed(terms -> 'call_only')
            and writ.barred_well_formed(terms -> 'barred')
            and writ.budget_well_formed(terms -> 'budget')) is true;
end
$$;

-- Every component of child's label is at most parent's.
create function writ.clearance_within(parent jsonb, child jsonb) returns boolean
language sql immutable parallel safe
begin atomic
    select coalesce(
        array_position(array['public', 'internal', 'confidential', 'restricted'],
                       child ->> 'confidentiality')
        <= array_position(array['public', 'internal', 'confidential', 'restricted'],
                          parent ->> 'confidentiality')
        and array_position(array['trusted', 'untrusted'], child ->> 'integrity')
            <= array_position(array['trusted', 'untrusted'], parent ->> 'integrity')
        and writ.elements_within(child -> 'categories', parent -> 'categories'), false);
end;

create function writ.budget_narrows(parent jsonb, child jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    ours   jsonb;
    theirs jsonb;
    found  boolean;
begin
    if not writ.budget_well_formed(parent) or not writ.budget_well_formed(child) then
        return false;
    end if;
    for i in 0 .. jsonb_array_length(parent) - 1 loop
        ours := parent -> i;
        found := false;
        for j in 0 .. jsonb_array_length(child) - 1 loop
            theirs := child -> j;
            if theirs - 'limit' - 'per_call' = ours - 'limit' - 'per_call' then
                found := ((theirs ->> 'limit')::numeric <= (ours ->> 'limit')::numeric
                          and (not ours ? 'per_call'
                               or (theirs ->> 'per_call')::numeric
                                  <= (ours ->> 'per_call')::numeric)) is true;
                exit;
            end if;
        end loop;
        if not found then
            return false;
        end if;
    end loop;
    return true;
end
$$;

-- Effective terms under a parent whose own are well-formed, as every recorded parent's are: the
-- child's are well-formed and no looser, member by member. What equals the parent's is both.
create function writ.terms_narrow(parent jsonb, child jsonb) returns boolean
language plpgsql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    ours   jsonb;
    theirs jsonb;
begin
    if (jsonb_typeof(parent) = 'object' and jsonb_typeof(child) = 'object'
        and child - array['clearance', 'approval', 'call_only', 'barred', 'budget'] = '{}'
       ) is not true then
        return false;
    end if;
    ours := parent -> 'clearance';
    theirs := child -> 'clearance';
    if (ours = theirs or (writ.clearance_well_formed(theirs)
                          and writ.clearance_within(ours, theirs))) is not true then
        return false;
    end if;
    ours := parent -> 'approval';
    theirs := child -> 'approval';
    if (ours = theirs or (writ.approval_well_formed(theirs)
                          and writ.elements_within(ours, theirs))) is not true then
        return false;
    end if;
    ours := parent -> 'call_only';
    theirs := child -> 'call_only';
    if (ours = theirs or (writ.names_well_formed(theirs)
                          and writ.elements_within(ours, theirs))) is not true then
        return false;
    end if;
    ours := parent -> 'barred';
    theirs := child -> 'barred';
    if (ours = theirs or (writ.barred_well_formed(theirs)
                          and writ.elements_within(ours, theirs))) is not true then
        return false;
    end if;
    ours := parent -> 'budget';
    theirs := child -> 'budget';
    return (ours = theirs or writ.budget_narrows(ours, theirs)) is true;
end
$$;

-- The same for any two values; false too when either is not well-formed.
create function writ.terms_narrower(parent jsonb, child jsonb) returns boolean
language sql immutable parallel safe
begin atomic
    select writ.terms_well_formed(parent) and writ.terms_narrow(parent, child);
end;

-- "call_only": the holder may call the tool and not pass it on, so no child has it.
create function writ.passes_on_no_call_only(parent_terms jsonb, authority jsonb) returns boolean
language plpgsql immutable parallel safe
as $$
declare
    names jsonb := parent_terms -> 'call_only';
begin
    if (jsonb_typeof(names) = 'array' and jsonb_typeof(authority) = 'object') is not true then
        return false;
    end if;
    for i in 0 .. jsonb_array_length(names) - 1 loop
        if (authority ? (names ->> i)) is not false then
            return false;
        end if;
    end loop;
    return true;
end
$$;
