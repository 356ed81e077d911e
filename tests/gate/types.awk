# SPDX-License-Identifier: Apache-2.0
# Types and constants that a page shows must stand in a header, word for word:
# awk -f types.awk HEADERS... PAGES...
function words(text) {
    gsub(/[ \t\n]+/, "", text)
    gsub(/\\e/, "\\", text)
    return text
}
FILENAME ~ /\.h$/ { headers = headers words($0); next }
/^\.Bd -literal$/ { inside = 1; block = ""; line = FNR; next }
/^\.Ed/ && inside {
    if (!index(headers, block)) {
        print FILENAME ":" line ": no header says this"
        bad = 1
    }
    inside = 0
    next
}
inside { block = block words($0) }
END { exit bad }
