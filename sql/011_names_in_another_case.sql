-- Names that differ only in case, as lib/authority/allow.c folds them since it was found to let "ß"
-- pass where "ss" is named: a tool that compares in upper case takes one for the other. Twenty
-- characters become ASCII letters in upper or lower case; no other beyond ASCII counts at all, since
-- one of those may become two or three.

set local role writ_owner;

create or replace function writ.name_folded(name text) returns text
language sql immutable parallel safe
begin atomic
    select regexp_replace(
        replace(replace(replace(replace(replace(replace(replace(
            translate(translate(name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'),
                      U&'\0130\0131\0149\017F\01F0\1E96\1E97\1E98\1E99\1E9A\1E9E\212A\FB06',
                      U&'iinsjhtwya\00DFk\FB05'),
            U&'\00DF', 'ss'), U&'\FB00', 'ff'), U&'\FB01', 'fi'), U&'\FB02', 'fl'),
            U&'\FB03', 'ffi'), U&'\FB04', 'ffl'), U&'\FB05', 'st'),
        U&'[^\0001-\007F]', '', 'g');
end;
