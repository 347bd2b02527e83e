-- How many administrators can still act.
select count(*) from writ.client where role = 'admin' and disabled_at is null
