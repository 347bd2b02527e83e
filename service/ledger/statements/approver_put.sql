-- Enrols, changes or brings back an approver. $1 name  $2 groups  $3 public key  $4 thumbprint
insert into writ.approver (name, groups, public_key, thumbprint)
values ($1::text, $2::text[], $3::bytea, $4::text)
on conflict (name) do update
   set groups = excluded.groups, public_key = excluded.public_key,
       thumbprint = excluded.thumbprint, retired_at = null
