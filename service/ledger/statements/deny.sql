-- Records a denial after possession was proved (W7).
-- $1 task  $2 id  $3 at  $4 delegation  $5 client  $6 audience  $7 tool  $8 outcome  $9 hop
-- $10 field  $11 detail  $12 arguments  $13 arguments_sha256  $14 request_sha256  $15 agent
-- $16 holder  $17 proof jti  $18 idempotency key  $19 version of the policies, or null
-- $20 what remote engines said of it, or null
insert into writ.decision (
    task_id, id, at, delegation_id, client_id, audience, tool, verdict, outcome, hop, field, detail,
    arguments, arguments_sha256, request_sha256, agent, holder, proof_jti, idempotency_key,
    policy_version, policy_engines)
values ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::text, $6::text, $7::text, 'deny',
        $8::text, $9::integer, $10::text, $11::text, $12::bytea, $13::bytea, $14::bytea, $15::text,
        $16::text, $17::text, $18::text, $19::bigint, $20::jsonb)
