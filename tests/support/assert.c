/* SPDX-License-Identifier: Apache-2.0 */
#include "support/support.h"

void
carnet_test_assert_rc(carnet_rc rc, carnet_rc expected, const carnet_err *err, const char *file, int line)
{
    if (rc == expected)
        return;
    print_error("# %s:%d: %s where %s was expected\n", file, line, carnet_rc_name(rc), carnet_rc_name(expected));
    if (err != NULL)
        print_error("# at byte %zu in %s: %s (%s)\n", err->offset, err->path, err->reason,
                    err->clause != NULL ? err->clause : "no clause");
    _fail(file, line);
}

void
carnet_test_assert_span(carnet_span a, carnet_span b, const char *file, int line)
{
    size_t common = a.len < b.len ? a.len : b.len, at = 0;

    if (carnet_span_equal(a, b))
        return;
    while (at < common && a.ptr[at] == b.ptr[at])
        at++;
    print_error("# %s:%d: %zu and %zu bytes, which differ from byte %zu on\n", file, line, a.len, b.len, at);
    _fail(file, line);
}
