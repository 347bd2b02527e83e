-- Agents by name. $1 after this name  $2 at most so many  $3 only this one, or null
select a.name, a.role, a.owner, a.identities, a.created_at, a.retired_at
  from writ.agent a
 where a.name > $1::text and ($3::text is null or a.name = $3::text)
 order by a.name
 limit $2::bigint
