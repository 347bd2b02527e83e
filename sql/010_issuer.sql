-- One issuer URL and one issuer key a ledger: a root is judged by the key that signed it, so a
-- second service on this database must share the first one's master.key and issuer.key. A service
-- whose key or URL differs refuses to start.

set local role writ_owner;

create table writ.issuer (
    one         boolean     primary key default true check (one),
    kid         text        not null check (kid <> ''),
    public_key  bytea       not null check (octet_length(public_key) = 32),
    url         text        not null check (url <> ''),
    added_at    timestamptz not null default now()
);
comment on table writ.issuer is 'The issuer of every root in this ledger; inserted once, by the first start.';

grant select, insert on writ.issuer to writ_service;
