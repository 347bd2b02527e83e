-- The smallest id that a decision may have here; older ones are past retention. Asked behind a search
-- that found less than was looked for, in a statement of its own: so it sees what was moved away
-- under that search.
select f.id from writ.decision_floor f
