# SPDX-License-Identifier: Apache-2.0
# Fills @CODES@ from rc.def or @CHECKS@ from check.def into a page:
# awk -f table.awk FILE.def PAGE.in
function fields(line, into,    n) {
    sub(/^[A-Z_]+\(/, "", line)
    sub(/\) *$/, "", line)
    n = 0
    while (match(line, /^ *("[^"]*"|[^,"]+) *(,|$)/)) {
        into[++n] = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        sub(/^ */, "", into[n])
        sub(/ *,? *$/, "", into[n])
        gsub(/^"|"$/, "", into[n])
    }
    return n
}
# A macro on two lines is one.
FNR == NR && /^CARNET_(RC|CHECK)\(/ && !/\) *$/ { pending = $0; next }
FNR == NR && pending != "" { sub(/^ */, " "); $0 = pending $0; pending = "" }
FNR == NR && /^CARNET_RC\(/ {
    fields($0, f)
    table = table ".It Dv CARNET_" f[1] " Pq " f[2] "; HTTP " f[3] "\n" f[4] "\n"
}
FNR == NR && /^CARNET_CHECK\(/ {
    fields($0, f)
    table = table ".It " f[2] " Pq " tolower(f[3]) "; " f[4] "\n" f[5] "\n"
}
FNR == NR { next }
/^@(CODES|CHECKS)@$/ { printf ".Bl -tag -width Ds\n%s.El\n", table; next }
{ print }
