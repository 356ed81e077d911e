# SPDX-License-Identifier: Apache-2.0
# Makes C of migrations: awk -f embed.awk 0001_*.sql 0002_*.sql ...
function literal(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}
BEGIN { print "/* Made from migration/ by embed.awk. */\n#include \"internal.h\"\n" }
FNR == 1 { if (files++) print "    0,\n};"; printf "static const char *const migration_%d[] = {\n", files }
/^ *--/ || /^ *$/ { next }
{ sub(/^ +/, ""); sub(/ *-- .*$/, ""); statement = statement (statement == "" ? "" : " ") $0 }
/;$/ { sub(/;$/, "", statement); print "    " literal(statement) ","; statement = "" }
END {
    print "    0,\n};\n\nconst char *const *const carnet_store_migrations[] = {"
    for (i = 1; i <= files; i++) printf "    migration_%d,\n", i
    print "    0,\n};"
}
