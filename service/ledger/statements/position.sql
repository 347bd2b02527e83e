-- Where this database stands, and whether that is behind the mark: $1 epoch (null: none)  $2 head
select f.head, (select e.epoch from writ.epoch e order by e.opened_at desc, e.epoch limit 1),
       writ.is_behind($1::uuid, $2::bigint)
  from writ.feed f
