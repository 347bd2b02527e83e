-- The answer, sealed, in the transaction that did the work.
update writ.idempotency set status = $3::integer, response_sealed = $4::bytea
 where client_id = $1::text and key = $2::text
