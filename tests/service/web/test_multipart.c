/* SPDX-License-Identifier: Apache-2.0 */
#include "carnet/multipart.h"
#include "support/support.h"

#include <string.h>

#define TYPE  "multipart/form-data; boundary=XX"
#define FIELD "Content-Disposition: form-data; name="

/* Names, files and values, joined. */
static carnet_rc
read_all(const char *type, carnet_str body, carnet_buf *out)
{
    carnet_multipart_part part;
    carnet_multipart m;
    carnet_rc rc = carnet_multipart_open(carnet_str_of(type), carnet_str_bytes(body), &m, NULL);

    while (rc == CARNET_OK && (rc = carnet_multipart_next(&m, &part, NULL)) == CARNET_OK && !m.done) {
        carnet_buf_add_str(out, part.name);
        carnet_buf_add_text(out, ":");
        carnet_buf_add_str(out, part.file_name);
        carnet_buf_add_text(out, ":");
        carnet_buf_add(out, part.value);
        carnet_buf_add_text(out, ";");
    }
    return rc;
}

static const struct {
    const char *what, *type, *body, *out;
    carnet_rc rc;
} cases[] = {
    { "one", TYPE, "--XX\r\n" FIELD "\"a\"\r\n\r\n1\r\n--XX--\r\n", "a::1;", CARNET_OK },
    { "two, one empty", TYPE, "--XX\r\n" FIELD "a\r\n\r\n\r\n--XX\r\n" FIELD "\"b\"\r\n\r\nx\r\ny\r\n--XX--",
      "a::;b::x\r\ny;", CARNET_OK },
    { "a file", TYPE,
      "--XX\r\n" FIELD "\"f\"; filename=\"..\\x.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--XX--",
      "f:..\\x.jpg:\xff\xd8;", CARNET_OK },
    { "a boundary in quotes, letters of any case", "Multipart/Form-Data; charset=utf-8; Boundary=\"X X\"",
      "--X X\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n--X X--", "a::1;", CARNET_OK },
    { "no parts", TYPE, "--XX--", "", CARNET_OK },
    { "a delimiter that is none", TYPE, "--XX\r\n" FIELD "a\r\n\r\n\r\n--XY\r\n-XX\r\n--XX--", "a::\r\n--XY\r\n-XX;",
      CARNET_OK },
    { "another type", "application/x-www-form-urlencoded", "a=1", "", CARNET_E_SERVICE_MEDIA_TYPE },
    { "no type", "", "", "", CARNET_E_SERVICE_MEDIA_TYPE },
    { "no boundary", "multipart/form-data", "--XX--", "", CARNET_E_SERVICE_REQUEST },
    { "an empty boundary", "multipart/form-data; boundary=\"\"", "----", "", CARNET_E_SERVICE_REQUEST },
    { "a boundary that does not end", "multipart/form-data; boundary=\"XX", "--XX--", "", CARNET_E_SERVICE_REQUEST },
    { "another boundary", TYPE, "--XY--", "", CARNET_E_SERVICE_REQUEST },
    { "nothing", TYPE, "", "", CARNET_E_SERVICE_REQUEST },
    { "an end too early", TYPE, "--XX", "", CARNET_E_SERVICE_REQUEST },
    { "no line end after the delimiter", TYPE, "--XXY\r\n" FIELD "a\r\n\r\n1\r\n--XX--", "", CARNET_E_SERVICE_REQUEST },
    { "a header that does not end", TYPE, "--XX\r\n" FIELD "a\r\n", "", CARNET_E_SERVICE_REQUEST },
    { "no name", TYPE, "--XX\r\nContent-Type: x\r\n\r\n1\r\n--XX--", "", CARNET_E_SERVICE_REQUEST },
    { "two dispositions", TYPE, "--XX\r\n" FIELD "a\r\n" FIELD "b\r\n\r\n1\r\n--XX--", "", CARNET_E_SERVICE_REQUEST },
    { "another disposition", TYPE, "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XX--", "",
      CARNET_E_SERVICE_REQUEST },
    { "a name without its end", TYPE, "--XX\r\n" FIELD "\"a\r\n\r\n1\r\n--XX--", "", CARNET_E_SERVICE_REQUEST },
    { "a part that does not end", TYPE, "--XX\r\n" FIELD "a\r\n\r\n1", "", CARNET_E_SERVICE_REQUEST },
    { "line feeds alone", TYPE, "--XX\n" FIELD "a\n\n1\n--XX--", "", CARNET_E_SERVICE_REQUEST },
};

static void
reads_forms_and_refuses_what_is_malformed(void **state)
{
    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        uint8_t room[256];
        carnet_buf out = carnet_buf_of(room, sizeof(room));

        print_message("# %s\n", cases[i].what);
        assert_carnet_rc(read_all(cases[i].type, carnet_str_of(cases[i].body), &out), cases[i].rc);
        if (cases[i].rc == CARNET_OK)
            assert_str_is(carnet_buf_str(&out), cases[i].out);
    }
}

/* Whatever is cut off, a form that ends is one whose end is there. */
static void
refuses_every_prefix(void **state)
{
    carnet_str whole = carnet_str_of(cases[1].body);

    (void)state;
    for (size_t n = 0; n + 2 < whole.len; n++) {
        uint8_t room[256];
        carnet_buf out = carnet_buf_of(room, sizeof(room));

        assert_carnet_rc(read_all(TYPE, (carnet_str){ whole.ptr, n }, &out), CARNET_E_SERVICE_REQUEST);
    }
}

static void
stops_at_too_many_parts(void **state)
{
    static char body[32768];
    static uint8_t room[8192];
    carnet_buf out = carnet_buf_of(room, sizeof(room)), text = carnet_buf_of(body, sizeof(body));

    (void)state;
    for (int i = 0; i <= CARNET_MULTIPART_PARTS; i++)
        carnet_buf_add_text(&text, i == 0 ? "--XX\r\n" FIELD "a\r\n\r\n" : "\r\n--XX\r\n" FIELD "a\r\n\r\n");
    carnet_buf_add_text(&text, "\r\n--XX--");
    assert_false(text.overflow);
    assert_carnet_rc(read_all(TYPE, carnet_buf_str(&text), &out), CARNET_E_LIMIT);
}

static void
knows_pictures_by_their_octets(void **state)
{
    static const struct {
        const char *octets;
        size_t len;
        carnet_image_type type;
    } table[] = {
        { "\xff\xd8\xff\xe0", 4, CARNET_IMAGE_JPEG },
        { "\xff\xd8", 2, CARNET_IMAGE_NONE },
        { "\xff\xd8\xff", 3, CARNET_IMAGE_NONE },
        { "\0\0\0\x0cjP  \r\n\x87\nx", 13, CARNET_IMAGE_JPEG2000 },
        { "\x89PNG\r\n\x1a\nx", 9, CARNET_IMAGE_PNG },
        { "<svg onload=x>", 14, CARNET_IMAGE_NONE },
        { "GIF89a", 6, CARNET_IMAGE_NONE },
        { "", 0, CARNET_IMAGE_NONE },
    };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(table); i++)
        assert_int_equal(carnet_image_sniff(carnet_span_of(table[i].octets, table[i].len)), table[i].type);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_forms_and_refuses_what_is_malformed),
        cmocka_unit_test(refuses_every_prefix),
        cmocka_unit_test(stops_at_too_many_parts),
        cmocka_unit_test(knows_pictures_by_their_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
