# cmake -DFILE=writ.cedarschema -DOUT=schema.c -P schema.cmake: the schema as a text of C.
include(${CMAKE_CURRENT_LIST_DIR}/../postgres/embed.cmake)
set(TEXT "")
embed_bytes("${FILE}" "CEDAR_ENGINE_SCHEMA" TEXT)
string(REPLACE "static const char" "const char" TEXT "${TEXT}")
file(WRITE "${OUT}" "/* Made from writ.cedarschema by schema.cmake. */\n"
     "#include \"policy/cedar_engine.h\"\n\n${TEXT}")
