-- A holder key that may receive a delegation: enrolled, not revoked.
select h.public_key, h.agent, h.custody, h.sealed_key
  from writ.holder h
 where h.thumbprint = $1::text
   and not exists (select from writ.holder_revocation r where r.thumbprint = h.thumbprint)
