-- What an earlier request under this key was answered.
select route = $3::text and body_sha256 = $4::bytea as same, status, response_sealed
  from writ.idempotency
 where client_id = $1::text and key = $2::text
