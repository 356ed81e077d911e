# SPDX-License-Identifier: Apache-2.0
"""Make a table of C from files: embed.py OUT FILE..."""
import hashlib
import os
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def main(out, files):
    lines = ['#include "internal.h"', ""]
    entries = []
    for i, path in enumerate(files):
        name = os.path.basename(path)
        with open(path, "rb") as file:
            octets = file.read()
        lines.append(f"static const uint8_t octets_{i}[] = {{")
        lines += ["    " + ", ".join(map(str, octets[at : at + 24])) + "," for at in range(0, len(octets), 24)]
        lines.append("};")
        tag = hashlib.sha256(octets).hexdigest()[:12]
        kind = TYPES[os.path.splitext(name)[1]]
        entries.append(f'    {{ "{name}", "{kind}", "{tag}", {{ octets_{i}, sizeof(octets_{i}) }} }},')
    lines += ["const carnet_web_file carnet_web_files[] = {"] + entries + ["};"]
    lines.append(f"const size_t carnet_web_file_count = {len(files)};")
    with open(out, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


main(sys.argv[1], sys.argv[2:])
