-- Each use has to know that the leases of its whole line last. No statement shortens a lease: it is
-- greatest(), as replicas may differ in --lease-s and in who comes first. So a link's lease can also
-- say until when those of its line last, at least, and whoever finds that far enough ahead need not
-- look at the others. Who shortens one by hand takes that back from the link and all below
-- (line_until = null); a writd from before this migration does not, and may not run beside.

set local role writ_owner;

alter table writ.lease
    add column line_until timestamptz,
    add constraint no_line_outlasts_its_link check (line_until <= expires_at);
comment on column writ.lease.line_until is
    'No lease of its line, root to this link, ends before; null: not known, look at each.';

create function writ.renewal_due(lease_s integer) returns timestamptz
language sql stable
begin atomic
    select statement_timestamp() + make_interval(secs => lease_s * 2 / 3.0);
end;
comment on function writ.renewal_due(integer) is
    'A lease of so many seconds that ends before this moment is renewed by whoever uses it.';
grant execute on function writ.renewal_due(integer) to writ_service;
