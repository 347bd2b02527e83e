-- Every tool, for the snapshot.
select audience, name, effect, sensitivity, destination, record = 'buffered' as buffered,
       retired_at is not null as retired
  from writ.tool
