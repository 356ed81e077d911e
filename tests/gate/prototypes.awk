# SPDX-License-Identifier: Apache-2.0
# One line a prototype, spaced one way: "name<TAB>type name(type a, type b)".
# From public headers (CARNET_API ...;) and from mdoc pages (.Ft .Fo .Fa .Fc).
function tidy(text) {
    gsub(/[ \t\n]+/, " ", text)
    gsub(/ ?\* ?/, "*", text)
    gsub(/ ?\( ?/, "(", text)
    gsub(/ ?\) ?/, ")", text)
    gsub(/ ?\[ ?/, "[", text)
    gsub(/ ?, ?/, ",", text)
    sub(/^ /, "", text)
    sub(/ $/, "", text)
    return text
}
function emit(text, name) {
    text = tidy(text)
    name = text
    sub(/\(.*/, "", name)
    sub(/\[.*/, "", name)
    sub(/.*[ *]/, "", name)
    print name "\t" text
}
function unquote(text) {
    sub(/^"/, "", text)
    sub(/"$/, "", text)
    return text
}
# mdoc
/^\.Ft / { type = unquote(substr($0, 5)); next }
/^\.Fo / { call = type " " $2 "("; comma = ""; next }
/^\.Fa / && call != "" { call = call comma unquote(substr($0, 5)); comma = ","; next }
/^\.Fc/ && call != "" { emit(call ")"); call = ""; next }
/^\.Vt .*carnet_.*;"$/ { text = unquote(substr($0, 5)); sub(/;$/, "", text); emit(text); next }
/^\./ { next }
# headers
FNR == 1 { inside = 0; text = "" }
{
    gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, "")
    if (inside == 0 && /^CARNET_API /) { inside = 1; text = "" }
    if (inside) {
        text = text " " $0
        if (index($0, ";")) {
            sub(/;.*/, "", text)
            sub(/^ *CARNET_API /, "", text)
            gsub(/CARNET_PRINTF\([^)]*\)/, "", text)
            emit(text)
            inside = 0
        }
    }
}
