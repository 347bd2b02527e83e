-- One more of what stays refused. $1 task  $2 digest  $3 delegation at and below which it holds
update writ.denial set repeats = repeats + 1
 where task_id = $1::uuid and digest = $2::bytea and delegation_id = $3::uuid
