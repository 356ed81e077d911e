/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that others have published: read to the values they say, and built again octet by octet. */
#include "carnet/tlv.h"
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

static carnet_iso8583_spec spec;

static const carnet_json *
index_of(carnet_json **document)
{
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_json_parse(carnet_test_shared_text("vectors/iso8583/index.json"), document, &err), &err);
    return carnet_json_type_of(*document) == CARNET_JSON_ARRAY ? *document : carnet_json_get(*document, "vectors");
}

static carnet_span
octets_of(const carnet_json *entry)
{
    carnet_str file = carnet_json_string(carnet_json_get(entry, "file"));
    char path[160];

    snprintf(path, sizeof path, "vectors/iso8583/%.*s", (int)file.len, file.ptr);
    return carnet_test_shared_hex(path);
}

static bool
is_message(const carnet_json *entry)
{
    return carnet_json_get(entry, "flavour") != NULL;
}

static char
upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

/* Hexadecimal is compared whatever its case; the padding F of an account number that counts octets is no digit of it. */
static void
assert_value(carnet_str got, carnet_str expected, bool binary, bool octets)
{
    if (octets && expected.len == got.len + 1 && expected.ptr[got.len] == 'F')
        expected.len--;
    assert_int_equal(got.len, expected.len);
    for (size_t i = 0; i < got.len; i++)
        assert_int_equal(binary ? upper(got.ptr[i]) : got.ptr[i], binary ? upper(expected.ptr[i]) : expected.ptr[i]);
}

static void
assert_values(const carnet_json *entry, const carnet_iso8583_message *message)
{
    carnet_json_member member = { 0 };
    unsigned count = 0, there = 0;
    uint8_t storage[4096];
    char mti[5];

    while (carnet_json_next(carnet_json_get(entry, "expected"), &member)) {
        unsigned element = (unsigned)strtoul(member.name.ptr, NULL, 10);
        carnet_str expected = carnet_json_string(member.value);
        carnet_buf room = carnet_buf_of(storage, sizeof storage);

        if (element == 0) {
            carnet_mti_write(message->mti, mti);
            assert_str_is(expected, mti);
            continue;
        }
        count++;
        assert_true(carnet_iso8583_has(message, element));
        assert_value(carnet_iso8583_text(message, element, &room), expected,
                     message->spec->fields[element].type == CARNET_ISO8583_B,
                     message->spec->fields[element].unit == CARNET_ISO8583_OCTETS);
    }
    for (unsigned i = 0; (i = carnet_iso8583_next(message, i)) != 0;)
        there++;
    assert_int_equal(there, count);
}

static void
messages_have_the_values_they_say(void **state)
{
    carnet_json *document;
    const carnet_json *entries = index_of(&document);
    carnet_iso8583_message message;
    carnet_err err = { 0 };
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < carnet_json_count(entries); i++) {
        const carnet_json *entry = carnet_json_at(entries, i);

        if (!is_message(entry))
            continue;
        test_spec_of(entry, &spec);
        assert_carnet_ok(carnet_iso8583_parse(&spec, octets_of(entry), &message, &err), &err);
        assert_values(entry, &message);
        count++;
    }
    assert_true(count >= 28);
    carnet_json_free(&document);
}

/* Set every value as text. */
static void
set_texts(carnet_iso8583_builder *b, const carnet_iso8583_message *message, carnet_buf *room)
{
    for (unsigned i = 0; (i = carnet_iso8583_next(message, i)) != 0;)
        carnet_iso8583_set_text(b, i, carnet_iso8583_text(message, i, room));
}

static void
assert_built(const carnet_iso8583_builder *b, carnet_span expected)
{
    static uint8_t storage[8192];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_err err = { 0 };

    assert_carnet_ok(carnet_iso8583_build(b, &out, &err), &err);
    assert_span_equal(carnet_buf_span(&out), expected);
}

static void
messages_are_built_again_octet_by_octet(void **state)
{
    static carnet_iso8583_builder b;
    static uint8_t storage[16384];
    carnet_json *document;
    const carnet_json *entries = index_of(&document);
    carnet_iso8583_message message;

    (void)state;
    for (size_t i = 0; i < carnet_json_count(entries); i++) {
        const carnet_json *entry = carnet_json_at(entries, i);
        carnet_buf room = carnet_buf_of(storage, sizeof storage);
        carnet_span octets;

        if (!is_message(entry))
            continue;
        test_spec_of(entry, &spec);
        octets = octets_of(entry);
        /* One implementation sends a secondary bitmap always. */
        if (carnet_str_starts(carnet_json_string(carnet_json_get(entry, "file")), "npm-")) {
            spec.flavour.secondary = CARNET_ISO8583_SECONDARY_ALWAYS;
            assert_carnet_ok(carnet_iso8583_spec_ready(&spec, NULL), NULL);
        }
        assert_carnet_ok(carnet_iso8583_parse(&spec, octets, &message, NULL), NULL);
        carnet_iso8583_builder_init(&b, &spec, message.mti);
        carnet_iso8583_set_header(&b, carnet_span_of(octets.ptr, message.mti_offset));
        set_texts(&b, &message, &room);
        assert_built(&b, octets);
        carnet_iso8583_builder_init(&b, &spec, message.mti);
        carnet_iso8583_set_header(&b, carnet_span_of(octets.ptr, message.mti_offset));
        carnet_iso8583_set_all(&b, &message);
        assert_built(&b, octets);
    }
    carnet_json_free(&document);
}

typedef struct mutation {
    bool prefix;
    unsigned refused, read;
} mutation;

static void
mutated(carnet_span octets, void *context)
{
    mutation *m = context;
    carnet_iso8583_message message;
    carnet_err err = { 0 };

    if (carnet_iso8583_parse(&spec, octets, &message, &err) == CARNET_OK) {
        m->read++;
        assert_false(m->prefix);
        return;
    }
    m->refused++;
    assert_true(err.offset <= octets.len);
    assert_int_equal(message.elements[0] | message.elements[1] | message.elements[2], 0);
}

static void
every_prefix_is_refused_and_every_bit_flipped_harms_nothing(void **state)
{
    carnet_json *document;
    const carnet_json *entries = index_of(&document);

    (void)state;
    for (size_t i = 0; i < carnet_json_count(entries); i++) {
        const carnet_json *entry = carnet_json_at(entries, i);
        mutation prefixes = { .prefix = true }, bits = { 0 };

        if (!is_message(entry))
            continue;
        test_spec_of(entry, &spec);
        carnet_test_every_prefix(octets_of(entry), mutated, &prefixes);
        carnet_test_every_bit(octets_of(entry), mutated, &bits);
        assert_int_equal(prefixes.refused, octets_of(entry).len);
        assert_true(bits.refused > 0);
    }
    carnet_json_free(&document);
}

/* --- chip data --- */

static void
assert_tags(const carnet_json *expected, carnet_span value)
{
    carnet_json_member member = { 0 };

    while (carnet_json_next(expected, &member)) {
        uint8_t text[8], hex[512];
        carnet_buf tag = carnet_buf_of(text, sizeof text), out = carnet_buf_of(hex, sizeof hex);
        uint32_t number = 0;
        carnet_span found;

        assert_int_equal(carnet_hex_decode(member.name, &tag, NULL), CARNET_OK);
        for (size_t i = 0; i < tag.len; i++)
            number = number << 8 | text[i];
        found = carnet_tlv_find(value, number);
        assert_non_null(found.ptr);
        if (number == 0x9c && found.len == 1 && found.ptr[0] == 0)
            continue; /* of one whose value is 00 the length is said, 01 */
        carnet_buf_add_hex(&out, found);
        assert_value(carnet_buf_str(&out), carnet_json_string(member.value), true, false);
    }
}

/* Every data object as it came, one after the other: the same octets again, whatever is known of the tags. */
static size_t
assert_kept(carnet_span value)
{
    static uint8_t storage[2048];
    carnet_buf out = carnet_buf_of(storage, sizeof storage);
    carnet_tlv_reader r = carnet_tlv_open(value);
    carnet_tlv object;
    carnet_err err = { 0 };
    size_t count = 0;

    for (; carnet_tlv_next(&r, &object); count++)
        carnet_tlv_add(&out, object.tag, object.value);
    assert_carnet_ok(carnet_tlv_done(&r, &err), &err);
    assert_span_equal(carnet_buf_span(&out), value);
    return count;
}

/* Chip data, which some write in hexadecimal digits. */
static carnet_span
chip_data(const carnet_iso8583_message *message, carnet_buf *room)
{
    carnet_span octets = carnet_iso8583_binary(message, 55, room);
    size_t start = room->len;

    if (message->spec->fields[55].type == CARNET_ISO8583_B)
        return octets;
    assert_int_equal(carnet_hex_decode((carnet_str){ (const char *)octets.ptr, octets.len }, room, NULL), CARNET_OK);
    return carnet_span_of(room->ptr + start, room->len - start);
}

static void
chip_data_has_the_tags_they_say_and_keeps_the_others(void **state)
{
    static uint8_t storage[2048];
    carnet_json *document;
    const carnet_json *entries = index_of(&document);
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < carnet_json_count(entries); i++) {
        const carnet_json *entry = carnet_json_at(entries, i),
                          *in_message = carnet_json_get(entry, "expected_tlv_de55"),
                          *alone = carnet_json_get(entry, "expected_first");
        carnet_buf room = carnet_buf_of(storage, sizeof storage);
        carnet_iso8583_message message;

        if (alone != NULL) {
            assert_tags(alone, octets_of(entry));
            assert_int_equal(assert_kept(octets_of(entry)), 30);
            count++;
        } else if (in_message != NULL) {
            test_spec_of(entry, &spec);
            assert_carnet_ok(carnet_iso8583_parse(&spec, octets_of(entry), &message, NULL), NULL);
            assert_tags(in_message, chip_data(&message, &room));
            (void)assert_kept(chip_data(&message, &room));
            count++;
        }
    }
    assert_true(count >= 5);
    carnet_json_free(&document);
}

/* --- messages with a vector of trust --- */

static void
messages_with_a_vector_of_trust_are_read_built_again_and_refused_when_cut(void **state)
{
    static const struct {
        const char *file, *flavour;
        carnet_iso8583_version version;
        size_t len;
    } messages[] = {
        { "vectors/p1940/p1940-0200-1987-ascii-de48.hex", "ascii", CARNET_ISO8583_1987, 440 },
        { "vectors/p1940/p1940-1200-1993-bcd-de55.hex", "bcd", CARNET_ISO8583_1993, 265 },
    };
    static carnet_iso8583_builder b;

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(messages); i++) {
        carnet_span octets = carnet_test_shared_hex(messages[i].file);
        mutation prefixes = { .prefix = true }, bits = { 0 };
        carnet_iso8583_flavour flavour;
        carnet_iso8583_message message;
        carnet_err err = { 0 };

        assert_int_equal(octets.len, messages[i].len);
        assert_true(carnet_iso8583_flavour_named(carnet_str_of(messages[i].flavour), &flavour));
        assert_carnet_ok(carnet_iso8583_spec_init(&spec, messages[i].version, &flavour, &err), &err);
        assert_carnet_ok(carnet_iso8583_parse(&spec, octets, &message, &err), &err);
        carnet_iso8583_builder_init(&b, &spec, message.mti);
        carnet_iso8583_set_all(&b, &message);
        assert_built(&b, octets);
        carnet_test_every_prefix(octets, mutated, &prefixes);
        carnet_test_every_bit(octets, mutated, &bits);
        assert_int_equal(prefixes.refused, octets.len);
        assert_true(bits.refused > 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_have_the_values_they_say),
        cmocka_unit_test(messages_are_built_again_octet_by_octet),
        cmocka_unit_test(every_prefix_is_refused_and_every_bit_flipped_harms_nothing),
        cmocka_unit_test(chip_data_has_the_tags_they_say_and_keeps_the_others),
        cmocka_unit_test(messages_with_a_vector_of_trust_are_read_built_again_and_refused_when_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
