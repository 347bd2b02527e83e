-- What clients recorded (:journal, a line a request), against what the database holds. Prints a line
-- for each sentence that is broken: the sentence, how often, and the first example.
--
-- A permit may rest on memory that is :bound seconds old where the answer was buffered; everything
-- else is exact: what began after the answer of a revocation must not be. Server :killed_server was
-- killed at :killed (0: none was) and may have lost the buffered reads of its last second.
create temp table event (
    n           bigint           not null primary key,
    kind        text             not null,
    worker      integer          not null,
    server      integer          not null,
    begun       double precision not null,
    ended       double precision not null,
    status      integer          not null,
    code        text,
    client      text             not null,
    key         text,
    body        text             not null,
    task_id     uuid             not null,
    delegation  uuid             not null,
    leaf        text,
    jti         text,
    tool        text,
    arguments   text,
    said        text,
    made        uuid,
    buffered    boolean          not null
);
copy event from :'journal' with (format csv, delimiter E'\t', null '');

create function pg_temp.base64url(bytes bytea) returns text
language sql immutable
return rtrim(translate(encode(bytes, 'base64'), '+/', '-_'), '=');

create temp table link as
select d.task_id, d.id, d.parent_id, pg_temp.base64url(d.token_hash) as leaf,
       pg_xact_commit_timestamp(d.xmin) as committed
  from writ.delegation d
 where d.task_id in (select task_id from event);
create unique index on link (task_id, id);
create index on link (task_id, leaf);

-- Each link and all above it, itself first.
create temp table line as
with recursive up as (
    select task_id, id, id as above from link
    union all
    select u.task_id, u.id, l.parent_id from up u
      join link l on l.task_id = u.task_id and l.id = u.above
     where l.parent_id is not null
)
select * from up;
create index on line (task_id, id);

-- Who died: since when a client knew it, and since when it could have been.
create temp table death as
select task_id, delegation, min(ended) filter (where status = 200) as answered, min(begun) as begun
  from event where kind in ('revoke', 'complete') group by task_id, delegation;
create temp table ending as
select task_id, min(ended) filter (where status = 200) as answered, min(begun) as begun
  from event where kind = 'end' group by task_id;

-- The same for the line of each node that anybody asked about.
create temp table dead as
select l.task_id, l.id, least(min(d.answered), min(e.answered)) as answered,
       min(d.begun) as revoking, min(e.begun) as ending
  from line l
  left join death d on d.task_id = l.task_id and d.delegation = l.above
  left join ending e on e.task_id = l.task_id
 group by l.task_id, l.id;
create unique index on dead (task_id, id);

create temp table permit as
select d.task_id, d.id, d.delegation_id, d.tool, d.proof_jti, d.client_id, d.idempotency_key,
       pg_temp.base64url(d.arguments_sha256) as arguments
  from writ.decision d
 where d.verdict = 'permit' and d.task_id in (select task_id from event);
create unique index on permit (task_id, id);
create index on permit (task_id, proof_jti);
create index on event (task_id, jti);
create index on event (task_id, leaf);
analyze;

with broken (sentence, example) as (
    select 'an answered admission is not in the ledger as it was answered', e.n
      from event e
     where e.kind = 'admit' and e.status = 201
       and not exists (select from link l where l.task_id = e.task_id and l.id = e.made
                          and l.leaf = e.leaf and l.parent_id = e.delegation)
    union all
    select 'one token was admitted more than once', min(e.n)
      from event e join link l on l.task_id = e.task_id and l.leaf = e.leaf
     where e.kind = 'admit' group by e.task_id, e.leaf having count(distinct l.id) > 1
    union all
    select 'the ledger has a link that nobody sent', -1
      from link l
     where l.parent_id is not null
       and not exists (select from event e where e.kind = 'admit' and e.task_id = l.task_id
                          and e.leaf = l.leaf)
    union all
    select 'an answered permit is not in the ledger as it was answered', e.n
      from event e
     where e.kind = 'use' and e.status = 200
       and not (e.buffered and e.ended between :lost_from and :lost_until)
       and not exists (select from permit p where p.task_id = e.task_id and p.id = e.made
                          and p.delegation_id = e.delegation and p.tool = e.tool
                          and p.proof_jti = e.jti)
    union all
    select 'the ledger has a permit that nobody asked for', -1
      from permit p
     where not exists (select from event e where e.kind = 'use' and e.task_id = p.task_id
                          and e.jti = p.proof_jti and e.delegation = p.delegation_id)
    union all
    select 'a permit was answered for other arguments', e.n
      from event e
     where e.kind = 'use' and e.status = 200 and e.said is distinct from e.arguments
    union all
    select 'a permit was recorded with other arguments', e.n
      from event e join permit p on p.task_id = e.task_id and p.id = e.made
     where e.kind = 'use' and e.status = 200 and p.arguments is distinct from e.arguments
    union all
    select 'a proof of a write was permitted more than once', min(e.n)
      from event e
     where e.kind = 'use' and e.status = 200 and e.tool = 'write_note'
     group by e.task_id, e.leaf, e.jti having count(distinct e.made) > 1
    union all
    select 'a proof of a write was recorded as permitted more than once', -1
      from permit p where p.tool = 'write_note'
     group by p.task_id, p.delegation_id, p.proof_jti having count(*) > 1
    union all
    select 'an answered revocation is not in the ledger', e.n
      from event e
     where e.kind in ('revoke', 'complete') and e.status = 200
       and not exists (select from writ.revocation r where r.task_id = e.task_id
                          and r.delegation_id = e.delegation)
    union all
    select 'an answered end of a task is not in the ledger', e.n
      from event e
     where e.kind = 'end' and e.status = 200
       and not exists (select from writ.task_end t where t.task_id = e.task_id)
    union all
    select 'a use was permitted that began after the end of its line was answered', e.n
      from event e join dead d on d.task_id = e.task_id and d.id = e.delegation
     where e.kind = 'use' and e.status = 200
       and e.begun > d.answered + case when e.buffered then :bound else 0 end
    union all
    -- A repeated request may get its first answer whatever became of the parent since.
    select 'a child was admitted that was first asked for after the end of its line was answered',
           min(e.n)
      from event e join dead d on d.task_id = e.task_id and d.id = e.delegation
     where e.kind = 'admit'
     group by e.task_id, e.leaf, d.answered
    having bool_or(e.status = 201) and min(e.begun) > d.answered
    union all
    select 'a lease was renewed that was asked for after the end of its line was answered', e.n
      from event e join dead d on d.task_id = e.task_id and d.id = e.delegation
     where e.kind = 'renew' and e.status = 200 and e.begun > d.answered + :bound
    union all
    -- The database's own word: by the times of their commits.
    select 'a link was committed after the end of its line', -1
      from link k
      join line l on l.task_id = k.task_id and l.id = k.parent_id
      left join writ.revocation r on r.task_id = l.task_id and r.delegation_id = l.above
      left join writ.task_end t on t.task_id = l.task_id
     where k.committed > least(pg_xact_commit_timestamp(r.xmin), pg_xact_commit_timestamp(t.xmin))
    union all
    select 'one request under one key got two answers', min(e.n)
      from event e
     where e.key is not null and e.status in (200, 201) and e.kind in ('admit', 'use')
     group by e.client, e.key, e.body having count(distinct e.made) > 1
    union all
    select 'a request under a key was refused although it had been granted and lived', e.n
      from event e
      left join dead d on d.task_id = e.task_id and d.id = e.delegation
     where e.key is not null and e.kind in ('admit', 'use') and e.status not in (0, 200, 201, 503)
       and exists (select from event o where o.client = e.client and o.key = e.key
                      and o.body = e.body and o.status in (200, 201) and o.ended < e.begun)
       and coalesce(e.ended < least(d.revoking, d.ending), true)
    union all
    select 'one key has more than one permit', -1
      from permit p where p.idempotency_key is not null
     group by p.client_id, p.idempotency_key having count(*) > 1
    union all
    select 'refused as ' || e.code || ' without a cause', e.n
      from event e join dead d on d.task_id = e.task_id and d.id = e.delegation
     where (e.code = 'revoked' and coalesce(d.revoking > e.ended, true))
        or (e.code = 'task_closed' and coalesce(d.ending > e.ended, true))
        or (e.code = 'replayed'
            and not exists (select from event o where o.task_id = e.task_id and o.jti = e.jti
                               and o.n <> e.n and o.begun < e.ended))
    union all
    select 'refused as ' || coalesce(e.code, 'nothing') || ', which this load never earns', e.n
      from event e
     where e.status not in (0, 200, 201, 503)
       and coalesce(e.code not in ('revoked', 'task_closed', 'replayed', 'conflict'), true)
)
select b.sentence || ': ' || count(*)
       || coalesce('; ' || (select e.kind || ' of ' || e.delegation || ' in task ' || e.task_id
                                   || ', answered ' || e.status || coalesce(' ' || e.code, '')
                              from event e where e.n = min(b.example)), '')
  from broken b
 group by b.sentence
 order by b.sentence;
