# SPDX-License-Identifier: Apache-2.0
# Of each report of carnet verify, its file's name, a tab, and the checks that fail, or that it is not as its schema demands, which is given as $schema;
# valid() knows the keywords that doc/report.schema.json uses.
def valid($s):
  . as $v
  | if $s["$ref"] then valid($schema["$defs"][$s["$ref"] | ltrimstr("#/$defs/")])
    else
      (($s.type // type) as $t | if $t == "integer" then type == "number" and . == floor else type == $t end)
      and ($s.enum == null or any($s.enum[]; . == $v))
      and ($s.minimum == null or $v >= $s.minimum)
      and all($s.required // [] | .[]; . as $name | $v | has($name))
      and ($s.additionalProperties != false or all(keys[]; . as $name | $s.properties | has($name)))
      and all($s.properties // {} | to_entries[]; . as $p | ($v | has($p.key) | not) or ($v[$p.key] | valid($p.value)))
      and ($s.items == null or all($v[]; valid($s.items)))
    end;
input_filename + "\t" +
if valid($schema) then
  [.checks[] | select(.outcome == "fail") | .check] | unique | join(",") | if . == "" then "-" else . end
else
  "the report is not of its schema"
end
