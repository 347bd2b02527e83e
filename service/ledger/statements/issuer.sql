-- The issuer of this ledger: whoever starts first.
with mine as (
    insert into writ.issuer (kid, public_key, url)
    values ($1::text, $2::bytea, $3::text)
    on conflict do nothing
    returning kid, url
)
select kid = $1::text and url = $3::text as same from mine
union all
select kid = $1::text and url = $3::text from writ.issuer
 limit 1
