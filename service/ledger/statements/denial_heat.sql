-- One more refusal of a delegation. With so many in a minute its circuit opens, unless it is open;
-- those from before it was last opened or closed do not count. Answers whether it opened.
-- $1 task  $2 delegation  $3 how many  $4 seconds that it stays open
with heat as (
    insert into writ.heat as h (task_id, delegation_id, recent)
    values ($1::uuid, $2::uuid, array[statement_timestamp()])
    on conflict (task_id, delegation_id)
        do update set recent = (excluded.recent || h.recent)[1:$3::integer]
    returning recent[$3::integer] as first
), opened as (
    insert into writ.circuit (task_id, delegation_id, opened_at, until, cause)
    select $1::uuid, $2::uuid, statement_timestamp(),
           statement_timestamp() + make_interval(secs => $4::integer), 'refusals'
      from heat
     where heat.first > statement_timestamp() - interval '1 minute'
       and not exists (
            select from writ.circuit c
             where c.task_id = $1::uuid and c.delegation_id = $2::uuid
               and (c.opened_at >= heat.first or c.closed_at >= heat.first
                    or (c.closed_at is null and c.until > statement_timestamp())))
    on conflict do nothing
    returning 1
)
select exists (select from opened) from heat
