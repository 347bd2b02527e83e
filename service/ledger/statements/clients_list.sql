-- API clients by id, without their secrets.
-- $1 after this id  $2 at most so many  $3 only this one, or null
select c.id, c.role, c.agent, c.audience, c.ceiling, c.created_at, c.disabled_at
  from writ.client c
 where c.id > $1::text and ($3::text is null or c.id = $3::text)
 order by c.id
 limit $2::bigint
