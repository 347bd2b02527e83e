-- The newest administrative change: a snapshot that has it is current.
select id from writ.registry_change order by id desc limit 1
