-- Approvers by name. $1 after this name  $2 at most so many  $3 only this one, or null
select p.name, to_jsonb(p.groups), p.public_key, p.thumbprint, p.created_at, p.retired_at
  from writ.approver p
 where p.name > $1::text and ($3::text is null or p.name = $3::text)
 order by p.name
 limit $2::bigint
