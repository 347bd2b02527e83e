-- What a call did, reported once; no row when there is a report already.
-- $1 task  $2 decision  $3 client  $4 success  $5 label  $6 amount  $7 reference
insert into writ.decision_outcome (task_id, decision_id, by_client, success, label, amount,
                                   reference)
values ($1::uuid, $2::uuid, $3::text, $4::boolean, $5::jsonb, $6::text, $7::text)
on conflict (task_id, decision_id) do nothing
