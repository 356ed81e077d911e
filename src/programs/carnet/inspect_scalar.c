/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of CBOR items, and the items that hold no others, for `carnet inspect`. */
#include "inspect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool
inspect_head_read(carnet_span cbor, inspect_head *head, carnet_rc *rc, const char **reason)
{
    size_t extra;

    *rc = CARNET_E_CBOR_TRUNCATED;
    *reason = "the input ends here";
    if (cbor.len == 0) {
        return false;
    }
    *head = (inspect_head){ .major = cbor.ptr[0] >> 5, .info = cbor.ptr[0] & 31, .at = cbor.ptr };
    extra = head->info < 24 || head->info > 27 ? 0 : (size_t)1 << (head->info - 24);
    if (head->info > 27 && head->info < 31) {
        *rc = CARNET_E_CBOR_MALFORMED;
        *reason = "a head that is reserved";
        return false;
    }
    head->indefinite = head->info == 31;
    if (head->indefinite && (head->major < 2 || head->major == 6)) {
        *rc = CARNET_E_CBOR_MALFORMED;
        *reason = "an indefinite length where there is no length";
        return false;
    }
    if (cbor.len < 1 + extra) {
        return false;
    }
    head->argument = extra == 0 ? head->info : 0;
    for (size_t i = 0; i < extra; i++) {
        head->argument = head->argument << 8 | cbor.ptr[1 + i];
    }
    head->next = cbor.ptr + 1 + extra;
    return true;
}

bool
inspect_head_of(inspect *in, carnet_span cbor, inspect_head *head)
{
    carnet_rc rc;
    const char *reason;

    if (inspect_head_read(cbor, head, &rc, &reason)) {
        return true;
    }
    inspect_fail(in, rc, cbor.ptr, reason);
    return false;
}

carnet_span
inspect_rest(carnet_span cbor, const uint8_t *next)
{
    return carnet_span_of(next, (size_t)(cbor.ptr + cbor.len - next));
}

void
inspect_check_head(inspect_node *node, const inspect_head *head)
{
    static const uint64_t least[] = { 24, 0x100, 0x10000, UINT64_C(0x100000000) };

    if (head->indefinite) {
        inspect_odd(node, "indefinite length");
    } else if (head->major != 7 && head->info >= 24 && head->argument < least[head->info - 24]) {
        inspect_odd(node, "a head longer than needed");
    } else if (head->major == 7 && head->info == 24 && head->argument < 32) {
        inspect_odd(node, "a simple value in two bytes that must have one");
    }
}

/* --- leaves --- */

void
inspect_read_integer(inspect_node *node, const inspect_head *head, const inspect_shape *shape)
{
    bool fits = head->argument <= INT64_MAX;
    int64_t value = fits ? (head->major == 0 ? (int64_t)head->argument : -1 - (int64_t)head->argument) : 0;

    node->kind = head->major == 0 ? INSPECT_UINT : INSPECT_NINT;
    node->integer = fits ? value : INT64_MIN;
    node->type = head->major == 0 ? "uint" : "nint";
    if (head->major == 0) {
        node->value = inspect_format("%llu", (unsigned long long)head->argument);
    } else if (fits) {
        node->value = inspect_format("%lld", (long long)value);
    } else {
        node->value = inspect_format("-1 - %llu", (unsigned long long)head->argument);
    }
    for (const inspect_name *n = shape->names; n != NULL; n++) {
        if (n->name == NULL) {
            inspect_odd(node, "the number is not registered or not known here");
            break;
        }
        if (fits && n->value == value) {
            inspect_note(node, INSPECT_PLAIN, "%s", n->name);
            break;
        }
    }
}

static double
half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = (double)(bits & 1023), value;

    value = exponent == 0    ? ldexp(mantissa, -24)
            : exponent != 31 ? ldexp(mantissa + 1024, exponent - 25)
            : mantissa == 0  ? (double)INFINITY
                             : (double)NAN;
    return bits >> 15 != 0 ? -value : value;
}

static double
number_of(const inspect_head *head)
{
    uint32_t word = (uint32_t)head->argument;
    float single;
    double value;

    if (head->info == 25) {
        return half(head->argument);
    }
    if (head->info == 26) {
        memcpy(&single, &word, sizeof single);
        return (double)single;
    }
    memcpy(&value, &head->argument, sizeof value);
    return value;
}

static void
read_float(inspect_node *node, const inspect_head *head)
{
    static const char *const types[] = { "float16", "float32", "float64" };
    double value = number_of(head);
    carnet_cbor_builder b = carnet_cbor_measure();

    node->kind = INSPECT_FLOAT;
    node->type = types[head->info - 25];
    node->value = isnan(value)   ? "NaN"
                  : isinf(value) ? (value < 0 ? "-Infinity" : "Infinity")
                                 : inspect_format("%.17g", value);
    for (int digits = 1; !isnan(value) && !isinf(value) && digits < 17; digits++) {
        const char *shorter = inspect_format("%.*g", digits, value);

        if (strtod(shorter, NULL) == value) {
            node->value = strpbrk(shorter, ".e") != NULL ? shorter : inspect_format("%s.0", shorter);
            break;
        }
    }
    carnet_cbor_add_double(&b, value);
    if (b.len < 1 + ((size_t)1 << (head->info - 24))) {
        inspect_odd(node, "a float wider than needed");
    }
}

bool
inspect_read_simple(inspect *in, inspect_node *node, const inspect_head *head)
{
    if (head->indefinite) {
        inspect_fail(in, CARNET_E_CBOR_MALFORMED, head->at, "a break where an item should begin");
        return false;
    }
    if (head->info >= 25) {
        read_float(node, head);
        return true;
    }
    node->kind = head->argument == 20 || head->argument == 21 ? INSPECT_BOOL
                 : head->argument == 22                       ? INSPECT_NULL
                                                              : INSPECT_OTHER;
    node->type = node->kind == INSPECT_BOOL ? "bool" : node->kind == INSPECT_NULL ? "null" : "simple";
    node->value = head->argument == 20   ? "false"
                  : head->argument == 21 ? "true"
                  : head->argument == 22 ? "null"
                  : head->argument == 23 ? "undefined"
                                         : inspect_format("simple(%llu)", (unsigned long long)head->argument);
    return true;
}

/** The chunks of a string of indefinite length, put together. */
static const uint8_t *
read_chunks(inspect *in, carnet_span cbor, const inspect_head *head, carnet_span *content)
{
    carnet_buf out = cli_buf(cbor.len);
    carnet_span rest = inspect_rest(cbor, head->next);
    inspect_head chunk;

    for (;;) {
        if (!inspect_head_of(in, rest, &chunk)) {
            return NULL;
        }
        if (chunk.major == 7 && chunk.indefinite) {
            *content = carnet_buf_span(&out);
            return chunk.next;
        }
        rest = inspect_rest(cbor, chunk.next);
        if (chunk.major != head->major || chunk.indefinite || chunk.argument > rest.len) {
            inspect_fail(in, CARNET_E_CBOR_MALFORMED, chunk.at, "a chunk that does not fit its string");
            return NULL;
        }
        carnet_buf_add(&out, carnet_span_of(rest.ptr, (size_t)chunk.argument));
        rest = carnet_span_of(rest.ptr + chunk.argument, rest.len - (size_t)chunk.argument);
    }
}

/** A string's content; when it is cut short, what there is of it goes into the node. */
const uint8_t *
inspect_read_content(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head, bool secret)
{
    carnet_span rest = inspect_rest(cbor, head->next);

    if (head->indefinite) {
        return read_chunks(in, cbor, head, &node->content);
    }
    if (head->argument > rest.len) {
        if (!secret) {
            node->value =
                inspect_format("%s of %llu bytes",
                               head->major == 2 ? inspect_bytes(in, rest)
                                                : inspect_quoted(in, (carnet_str){ (const char *)rest.ptr, rest.len }),
                               (unsigned long long)head->argument);
        }
        inspect_fail(in, CARNET_E_CBOR_TRUNCATED, head->at, "a string longer than what is left of the input");
        return NULL;
    }
    node->content = carnet_span_of(rest.ptr, (size_t)head->argument);
    return rest.ptr + head->argument;
}

void
inspect_show_text(inspect *in, inspect_node *node)
{
    carnet_str text = { (const char *)node->content.ptr, node->content.len };

    node->value = inspect_quoted(in, text);
    if (!carnet_utf8_valid(node->content)) {
        inspect_odd(node, "text that is not UTF-8");
    }
}
