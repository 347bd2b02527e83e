-- Every tool, for the snapshot.
select audience, name, effect, sensitivity, destination, record = 'buffered' as buffered,
       retired_at is not null as retired, sends, release, release_pinned, argument_schema,
       suspended_at is not null as suspended
  from writ.tool
