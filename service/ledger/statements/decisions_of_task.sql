-- Decisions of one task, newest first. A parameter that is null asks for nothing.
-- $1 task  $2 before this id  $3 at most so many  $4 audience  $5 delegation  $6 tool  $7 agent
-- $8 verdict  $9 outcome  $10 from  $11 to (not included)
select c.task_id, c.id, c.at, c.delegation_id, c.client_id, c.audience, c.tool, c.verdict,
       c.outcome, c.hop, c.field, c.detail,
       case when octet_length(c.arguments) <= 4096 then c.arguments end as arguments,
       c.arguments_sha256, c.agent, c.holder, c.start_by, c.recorded,
       c.policy_version, c.policy_engines
  from writ.decision c
 where c.task_id = $1::uuid
   and ($2::uuid is null or c.id < $2::uuid)
   and ($4::text is null or c.audience = $4::text)
   and ($5::uuid is null or c.delegation_id = $5::uuid)
   and ($6::text is null or c.tool = $6::text)
   and ($7::text is null or c.agent = $7::text)
   and ($8::text is null or c.verdict = $8::text)
   and ($9::text is null or c.outcome = $9::text)
   and ($10::timestamptz is null or c.at >= $10::timestamptz)
   and ($11::timestamptz is null or c.at < $11::timestamptz)
 order by c.id desc
 limit $3::bigint
