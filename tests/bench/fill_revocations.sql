-- Revokes each child of one node that is not yet revoked, in one transaction. Variables: task, node.
begin;
select head as before from writ.feed for update \gset

insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client)
select d.task_id, d.id, 'revoked', :before + row_number() over (order by d.id), 'bench'
  from writ.delegation d
 where d.task_id = :'task' and d.parent_id = :'node'
   and not exists (select from writ.revocation r
                    where r.task_id = d.task_id and r.delegation_id = d.id);

update writ.feed set head = coalesce((select max(r.feed_no) from writ.revocation r), head);
commit;
