/* SPDX-License-Identifier: Apache-2.0 */
#include "test_config.h"

#include <stdio.h>
#include <string.h>

/* The next `key` at the start of a row of a table; empty at the end. */
static carnet_str
next_of_page(carnet_str *page)
{
    static const char row[] = "\n| `";

    for (size_t i = 0; i + sizeof(row) < page->len; i++) {
        const char *key = page->ptr + i + sizeof(row) - 1, *end;

        if (memcmp(page->ptr + i, row, sizeof(row) - 1) != 0)
            continue;
        end = memchr(key, '`', page->len - i - sizeof(row));
        assert_non_null(end);
        page->len -= (size_t)(end - page->ptr);
        page->ptr = end;
        return (carnet_str){ key, (size_t)(end - key) };
    }
    return (carnet_str){ 0 };
}

static carnet_str
next_of_schema(carnet_str *schema)
{
    const char *end = schema->len > 0 ? strstr(schema->ptr, "  ") : NULL;
    const char *line = schema->len > 0 ? memchr(schema->ptr, '\n', schema->len) : NULL;
    carnet_str key;

    if (end == NULL || line == NULL)
        return (carnet_str){ 0 };
    key = (carnet_str){ schema->ptr, (size_t)(end - schema->ptr) };
    schema->len -= (size_t)(line + 1 - schema->ptr);
    schema->ptr = line + 1;
    return key;
}

void
the_page_names_each_key_and_no_other(void **state)
{
    static uint8_t room[65536];
    carnet_buf out = carnet_buf_of(room, sizeof(room) - 1);
    carnet_span file = carnet_test_source("doc/carnetd.yaml.md");
    carnet_str page = { (const char *)file.ptr, file.len }, schema, a, b;
    size_t count = 0;

    (void)state;
    carnet_config_schema_text(&out);
    assert_false(out.overflow);
    schema = carnet_buf_str(&out);
    do {
        a = next_of_schema(&schema);
        b = next_of_page(&page);
        if (!carnet_str_equal(a, b))
            print_error("schema: %.*s, page: %.*s\n", (int)a.len, a.ptr != NULL ? a.ptr : "", (int)b.len,
                        b.ptr != NULL ? b.ptr : "");
        assert_true(carnet_str_equal(a, b));
        count++;
    } while (a.len > 0);
    assert_true(count > 150);
}

void
the_examples_are_good(void **state)
{
    static const char *const examples[] = { "development/carnetd.yaml", "one-machine/carnetd.yaml",
                                            "two-instances/carnetd.yaml" };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(examples); i++) {
        carnet_config_complaint complaint;
        carnet_config *config;
        char path[128];
        carnet_span text;

        (void)snprintf(path, sizeof(path), "dist/example/%s", examples[i]);
        text = carnet_test_source(path);
        if (carnet_config_read((carnet_str){ (const char *)text.ptr, text.len }, path, &config, &complaint) !=
            CARNET_OK)
            fail_msg("%s", complaint.text);
        carnet_config_free(&config);
    }
}
