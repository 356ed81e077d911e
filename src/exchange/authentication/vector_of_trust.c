/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/vector_of_trust.h"

#define CLAUSE "RFC 8485 3.1"

/* Component types in the order they are written. */
static const char order[26] = { 'P', 'C', 'M', 'A', 'B', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K',
                                'L', 'N', 'O', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z' };

/* The bit of a category; 36 for what is none. */
static unsigned
bit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 36;
}

/* What is the matter with an octet where a component or a period should be. */
static const char *
complaint(char c, const char *otherwise)
{
    const uint8_t octet = (uint8_t)c;

    if (octet == ' ' || octet == '\t' || octet == '\n' || octet == '\r')
        return "there is white space in the vector";
    if (octet >= 0x80)
        return "there is a character outside ASCII in the vector, such as a typographic quotation mark";
    if (octet == '"' || octet == '\'' || octet == '[' || octet == ',')
        return "this is more than one vector: quotation marks, brackets and commas are not part of one";
    return otherwise;
}

static carnet_rc
refuse(size_t offset, const char *reason, carnet_err *err)
{
    return carnet_fail_at(err, CARNET_E_VECTOR, CLAUSE, reason, offset, NULL);
}

/* The component at the octet `at`, which is within the text. */
static carnet_rc
read_component(carnet_str text, size_t at, carnet_vector *vector, carnet_err *err)
{
    const char type = text.ptr[at];
    unsigned bit;

    if (type == '.')
        return refuse(at, "a component is missing before the period", err);
    if (type < 'A' || type > 'Z')
        return refuse(at, complaint(type, "a component begins with a capital letter"), err);
    if (at + 1 == text.len)
        return refuse(at + 1, "the vector ends within a component", err);
    if ((bit = bit_of(text.ptr[at + 1])) > 35)
        return refuse(at + 1, complaint(text.ptr[at + 1], "a category is a small letter or a digit"), err);
    if ((vector->type[type - 'A'] >> bit & 1) != 0)
        return carnet_fail_at(err, CARNET_E_VECTOR_TWICE, CLAUSE, NULL, at, NULL);
    vector->type[type - 'A'] |= UINT64_C(1) << bit;
    return CARNET_OK;
}

carnet_rc
carnet_vector_read(carnet_str text, carnet_vector *vector, carnet_err *err)
{
    carnet_vector got = { 0 };
    carnet_rc rc;

    *vector = got;
    if (text.len == 0)
        return refuse(0, "the vector is empty", err);
    for (size_t at = 0;; at += 3) {
        if (at == text.len)
            return refuse(at, "the vector ends with a period", err);
        if ((rc = read_component(text, at, &got, err)) != CARNET_OK)
            return rc;
        if (at + 2 == text.len)
            break;
        if (text.ptr[at + 2] != '.')
            return refuse(at + 2, complaint(text.ptr[at + 2], "there is no period after the component"), err);
    }
    *vector = got;
    return CARNET_OK;
}

bool
carnet_vector_next(const carnet_vector *vector, unsigned *at, char component[3])
{
    for (; *at < 26 * 36; ++*at)
        if ((vector->type[order[*at / 36] - 'A'] >> *at % 36 & 1) != 0) {
            const unsigned bit = *at % 36;

            component[0] = order[*at / 36];
            component[1] = (char)(bit < 10 ? '0' + bit : 'a' + (bit - 10));
            component[2] = 0;
            ++*at;
            return true;
        }
    component[0] = 0;
    return false;
}

void
carnet_vector_write(const carnet_vector *vector, carnet_buf *out)
{
    char component[3];
    bool first = true;

    for (unsigned at = 0; carnet_vector_next(vector, &at, component); first = false) {
        if (!first)
            carnet_buf_add_byte(out, '.');
        carnet_buf_add_text(out, component);
    }
}

bool
carnet_vector_has(const carnet_vector *vector, const char *component)
{
    unsigned bit;

    if (component[0] < 'A' || component[0] > 'Z' || (bit = bit_of(component[1])) > 35)
        return false;
    return (vector->type[component[0] - 'A'] >> bit & 1) != 0;
}

void
carnet_vector_put(carnet_vector *vector, const char *component)
{
    unsigned bit;

    if (component[0] >= 'A' && component[0] <= 'Z' && (bit = bit_of(component[1])) <= 35)
        vector->type[component[0] - 'A'] |= UINT64_C(1) << bit;
}

unsigned
carnet_vector_count(const carnet_vector *vector)
{
    unsigned count = 0;

    for (size_t i = 0; i < 26; i++)
        for (uint64_t bits = vector->type[i]; bits != 0; bits &= bits - 1)
            count++;
    return count;
}

bool
carnet_vector_equal(const carnet_vector *a, const carnet_vector *b)
{
    uint64_t differ = 0;

    for (size_t i = 0; i < 26; i++)
        differ |= a->type[i] ^ b->type[i];
    return differ == 0;
}

bool
carnet_vector_meets(const carnet_vector *vector, const carnet_vector *asked)
{
    uint64_t lacking = 0;

    for (size_t i = 0; i < 26; i++)
        lacking |= asked->type[i] & ~vector->type[i];
    return lacking == 0;
}

carnet_vector
carnet_vector_lacking(const carnet_vector *vector, const carnet_vector *asked)
{
    carnet_vector lacking;

    for (size_t i = 0; i < 26; i++)
        lacking.type[i] = asked->type[i] & ~vector->type[i];
    return lacking;
}
