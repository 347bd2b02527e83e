-- A repeated request gets the first answer. The answer may hold a token or a handle, so it is kept
-- sealed under the service's master key; the ledger's reader learns nothing from it.

set local role writ_owner;

create table writ.idempotency (
    client_id        text        not null,
    key              text        not null check (key <> ''),
    route            text        not null,
    body_sha256      bytea       not null check (octet_length(body_sha256) = 32),
    status           integer     check (status between 100 and 599),
    response_sealed  bytea,
    decision_id      uuid,
    task_id          uuid,
    created_at       timestamptz not null default now(),
    primary key (client_id, key),
    constraint an_answer_is_whole check ((response_sealed is null or status is not null) is true)
);
comment on table writ.idempotency is
    'Idempotency-Key, scoped to the caller; another route or body under the same key is refused (422).';
