-- Tools by audience and name. $1 digest of the audience and name to go on after, or null
-- $2 at most so many  $3 only of this audience, or null  $4 only this name, or null
select t.audience, t.name, t.effect, t.argument_schema, t.schema_sha256, t.sensitivity, t.sends,
       t.destination, t.release, t.release_pinned, t.record, t.offered_schema, t.suspended_at,
       t.retired_at, t.approval
  from writ.tool t
 where ($3::text is null or t.audience = $3::text)
   and ($4::text is null or t.name = $4::text)
   and ($1::bytea is null
        or (t.audience, t.name) > (
            select l.audience, l.name
              from writ.tool l
             where sha256(convert_to(l.audience || chr(10) || l.name, 'UTF8')) = $1::bytea))
 order by t.audience, t.name
 limit $2::bigint
