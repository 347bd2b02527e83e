-- Holder keys by thumbprint; never their private keys. $1 after this thumbprint
-- $2 at most so many  $3 only this one, or null  $4, $5 only of this agent, or null
select h.thumbprint, h.public_key, h.agent, h.custody, h.enrolled_at, k.at as revoked_at
  from writ.holder h
  left join writ.holder_revocation k on k.thumbprint = h.thumbprint
 where h.thumbprint > $1::text
   and ($3::text is null or h.thumbprint = $3::text)
   and ($4::text is null or h.agent = $4::text)
   and ($5::text is null or h.agent = $5::text)
 order by h.thumbprint
 limit $2::bigint
