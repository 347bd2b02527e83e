-- Changes of the registry come one after the other; they are rare. Its own statement, so that the
-- ones behind it see what was committed before it was granted.
select pg_advisory_xact_lock(hashtextextended('writ.registry_change', 0))
