-- Records a permit that was answered already (a buffered read), as it was answered: it is not
-- judged again. Renews the leases of the line like any other permit.
-- $1 task  $2 id  $3 at  $4 delegation  $5 line  $6 client  $7 audience  $8 tool  $9 arguments
-- $10 arguments_sha256  $11 request_sha256  $12 agent  $13 holder  $14 proof jti  $15 start_by
-- $16 lease seconds
with record as (
    insert into writ.decision (
        task_id, id, at, delegation_id, client_id, audience, tool, verdict, arguments,
        arguments_sha256, request_sha256, agent, holder, proof_jti, start_by, recorded)
    values ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $6::text, $7::text, $8::text, 'permit',
            $9::bytea, $10::bytea, $11::bytea, $12::text, $13::text, $14::text, $15::timestamptz,
            'buffered')
)
update writ.lease l
   set expires_at = statement_timestamp() + make_interval(secs => $16::integer)
 where l.task_id = $1::uuid
   and l.delegation_id in (
        select d.delegation_id from writ.lease d
         where d.task_id = $1::uuid and d.delegation_id = any($5::uuid[])
           and d.expires_at > statement_timestamp()
           and d.expires_at < statement_timestamp() + make_interval(secs => $16::integer * 2 / 3)
         order by d.delegation_id
           for update skip locked)
