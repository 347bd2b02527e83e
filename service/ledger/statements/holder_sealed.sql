-- The sealed private key of a managed holder. $1 thumbprint
select h.sealed_key from writ.holder h where h.thumbprint = $1::text and h.custody = 'managed'
