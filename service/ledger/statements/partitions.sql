-- Partitions of decisions and proofs for the days ahead.
select writ.ensure_decision_partitions(statement_timestamp() - interval '1 day',
                                       statement_timestamp() + interval '7 days')
     + writ.ensure_proof_partitions(statement_timestamp() - interval '1 day',
                                    statement_timestamp() + interval '7 days')
