-- The policies in force, for the snapshot.
select version, name, text from writ.policy_version order by version desc limit 1
