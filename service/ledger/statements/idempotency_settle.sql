-- What became of items whose connection was lost: $1 clients  $2 keys, a pair each. A row for each
-- that is there: its number (from 1), decision and sealed answer. The rows are locked, so that this
-- transaction commits no sooner than those that wrote them are as durable as any.
select i.n, e.decision_id, e.response_sealed
  from unnest($1::text[], $2::text[]) with ordinality as i (client_id, key, n)
  join writ.idempotency e on e.client_id = i.client_id and e.key = i.key
 order by e.client_id, e.key
   for no key update of e
