-- Versions of the policies, newest first, or one of them; the text only of one.
-- $1 below this version, or null  $2 at most so many  $3 this version, or null
select version, at, client_id, name, encode(sha256(convert_to(text, 'UTF8')), 'hex') as sha256,
       case when $3::bigint is not null then text end as text,
       version = (select max(version) from writ.policy_version) as in_force
  from writ.policy_version
 where ($1::bigint is null or version < $1::bigint)
   and ($3::bigint is null or version = $3::bigint)
 order by version desc
 limit $2::bigint
