-- Every tool, for the snapshot. The last column is the digest of all that it was registered as: what
-- people approve is a call of this tool and of no other that takes its name.
select audience, name, effect, sensitivity, destination, record = 'buffered' as buffered,
       retired_at is not null as retired, sends, release, release_pinned, argument_schema,
       suspended_at is not null as suspended, approval,
       sha256(jsonb_send(to_jsonb(t) - array['created_at', 'retired_at', 'suspended_at',
                                             'offered_schema'])) as registered_sha256
  from writ.tool t
