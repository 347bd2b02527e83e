-- Gives back what is left in the accounts of dead delegations; how many it closed. Under the task's
-- own lock; a second time it finds nothing.
select writ.settle($1::uuid)::bigint
