-- A new version of the policies, in force from its commit; under the lock of registry changes.
-- $1 client  $2 name  $3 text
insert into writ.policy_version (version, client_id, name, text)
select coalesce(max(version), 0) + 1, $1::text, $2::text, $3::text from writ.policy_version
