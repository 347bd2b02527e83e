# Turns NNN_name.sql files into one C file with the table MIGRATIONS (migrate.h).
#
#     add_custom_command(OUTPUT ${OUT} DEPENDS ${FILES} embed.cmake
#         COMMAND ${CMAKE_COMMAND} -DFOLDER=${CMAKE_SOURCE_DIR}/sql -DOUT=${OUT} -P embed.cmake)
#
# Bytes rather than string literals: what is hashed and run is the file, whatever is in it. Other
# embedded files (the console, say) may use the function:
#     embed_bytes(FILE NAME TEXT_VARIABLE)    appends `static const char NAME[] = {…, 0};`

function(embed_bytes FILE NAME RESULT)
    file(READ "${FILE}" BYTES HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" BYTES "${BYTES}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," BYTES "${BYTES}")
    set(${RESULT} "${${RESULT}}static const char ${NAME}[] = {\n${BYTES}0};\n\n" PARENT_SCOPE)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    file(GLOB FILES "${FOLDER}/[0-9][0-9][0-9]_*.sql")
    list(SORT FILES)
    set(TEXT "/* Made from sql/ by embed.cmake. */\n#include \"postgres/migrate.h\"\n\n")
    set(TABLE "")
    foreach(FILE ${FILES})
        get_filename_component(NAME "${FILE}" NAME_WE)
        string(REGEX MATCH "^[0-9]+" NUMBER "${NAME}")
        string(REGEX REPLACE "^0+" "" VERSION "${NUMBER}")
        embed_bytes("${FILE}" "MIGRATION_${NUMBER}" TEXT)
        string(APPEND TABLE "    {${VERSION}, \"${NAME}\", MIGRATION_${NUMBER}},\n")
    endforeach()
    string(APPEND TEXT "const struct migration MIGRATIONS[] = {\n${TABLE}};\n"
           "const size_t MIGRATION_COUNT = sizeof MIGRATIONS / sizeof MIGRATIONS[0];\n")
    file(WRITE "${OUT}.new" "${TEXT}")
    file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
endif()
