-- Friction follows effect: a registered tool says how many people approve each call of it. Whoever
-- registers one and says nothing gets what its effect asks for (irreversible: one person); the
-- service writes the number in each row, so the column has no default to fall back on.
-- Tools that are there already asked nobody, and go on so until somebody registers them anew: an
-- upgrade does not stop what runs.

set local role writ_owner;

alter table writ.tool
    add column approval integer not null default 0
        constraint so_many_people_approve check ((approval between 0 and 100) is true);
alter table writ.tool alter column approval drop default;
comment on column writ.tool.approval is
    'So many different people who may approve have to say yes to each call, whatever chain and policies ask for besides.';
