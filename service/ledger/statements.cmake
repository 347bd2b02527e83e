# Turns statements/*.sql into statements.h and statements.c: an enum and the table that every
# session prepares. cmake -DFOLDER=... -DOUT=... -P statements.cmake
file(GLOB FILES "${FOLDER}/*.sql")
list(SORT FILES)
set(ENUM "")
set(TABLE "")
foreach(FILE ${FILES})
    get_filename_component(NAME "${FILE}" NAME_WE)
    string(TOUPPER "${NAME}" UPPER)
    file(READ "${FILE}" SQL)
    string(REPLACE "\\" "\\\\" SQL "${SQL}")
    string(REPLACE "\"" "\\\"" SQL "${SQL}")
    string(REPLACE "\n" "\\n\"\n     \"" SQL "${SQL}")
    string(APPEND ENUM "    STATEMENT_${UPPER},\n")
    string(APPEND TABLE "    {\"${NAME}\",\n     \"${SQL}\"},\n")
endforeach()
file(WRITE "${OUT}/statements.h.new"
     "/* Made from service/ledger/statements by statements.cmake. */\n"
     "#ifndef WRIT_LEDGER_STATEMENTS_H\n#define WRIT_LEDGER_STATEMENTS_H\n\n"
     "#include \"postgres/db.h\"\n\n"
     "enum statement {\n${ENUM}    STATEMENT_COUNT\n};\n\n"
     "extern const struct db_statement STATEMENTS[STATEMENT_COUNT];\n\n#endif\n")
file(COPY_FILE "${OUT}/statements.h.new" "${OUT}/statements.h" ONLY_IF_DIFFERENT)
file(WRITE "${OUT}/statements.c"
     "#include \"statements.h\"\n\nconst struct db_statement STATEMENTS[STATEMENT_COUNT] = {\n"
     "${TABLE}};\n")
