-- What the follower keeps in memory, to refuse before the ledger is asked: the newest.
-- $1 at most so many
select task_id, delegation_id
  from writ.circuit
 where until > statement_timestamp() and closed_at is null
 order by until desc
 limit $1::bigint
