/* SPDX-License-Identifier: Apache-2.0 */
/* Links with TLS, and links that are written as a file says. */
#include "carnet/iso8583_file.h"
#include "link/payment/certificates.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static certificates files;
static issuer bank;
static switch_world sw;
static terminal atm;
static written here, there;

static char *
text(const char *of)
{
    return (char *)(uintptr_t)of;
}

static void
begin(void)
{
    bank = (issuer){ 0 };
    written_as(&here, CARNET_ISO8583_1987, "ascii", "post");
    written_as(&there, CARNET_ISO8583_1987, "ascii", "post");
}

static void
end(void)
{
    assert_int_equal(switch_end(&sw), 0);
    issuer_end(&bank);
}

/* The switch shows `chain` to its issuer, and believes whom `ca` certified. */
static void
trust(carnet_config_payment_link *link, const char *chain, const char *key, const char *ca)
{
    link->tls_chain = text(chain);
    link->tls_key = text(key);
    link->tls_ca = text(ca);
}

static const carnet_payment_tls issuers = {
    .chain = files.server, .key = files.server_key, .ca = files.ca, .clients = true
};
static const carnet_payment_tls terminals = { .chain = files.client, .key = files.client_key, .ca = files.ca };
static const carnet_payment_tls nobody = { .ca = files.ca };

static void
a_withdrawal_goes_through_with_certificates_on_all_sides(void **state)
{
    (void)state;
    begin();
    here.tls = &terminals;
    there.tls = &issuers;
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    trust(&sw.terminals[0], files.server, files.server_key, files.ca);
    trust(&sw.issuers[0], files.client, files.client_key, files.ca);
    switch_start(&sw);
    switch_until_up(&sw);
    terminal_begin(&atm, &here, sw.port);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "00");
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000001")), "00");
    assert_string_equal(issuer_message(&bank, 4, 0)->trace, "000001");
    terminal_end(&atm);
    end();
}

/* With TLS 1.3 it is told when it listens. */
static void
a_terminal_without_a_certificate_reaches_nobody(void **state)
{
    (void)state;
    begin();
    here.tls = &nobody;
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    trust(&sw.terminals[0], files.server, files.server_key, files.ca);
    switch_start(&sw);
    switch_until_up(&sw);
    terminal_begin(&atm, &here, sw.port);
    terminal_send(&atm, "0200", withdrawal("000001"));
    switch_until_logged(&sw, "\"reason\":\"CARNET_E_PAYMENT_TLS\"", 1);
    assert_int_equal(issuer_count(&bank, 2), 0);
    terminal_end(&atm);
    end();
}

static void
an_issuer_that_somebody_else_certified_gets_nothing(void **state)
{
    (void)state;
    begin();
    there.tls = &issuers;
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    trust(&sw.issuers[0], files.client, files.client_key, files.other_ca);
    switch_start(&sw);
    terminal_begin(&atm, &here, sw.port);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000001")), "91");
    assert_int_equal(issuer_count(&bank, 2), 0);
    assert_int_equal(switch_metric(&sw, "carnet_switch_up{side=\"issuer\",link=\"bank\"} "), 0);
    terminal_end(&atm);
    end();
}

static void
a_certificate_that_is_not_there_is_named_at_the_start(void **state)
{
    carnet_service_hooks hooks = { .workers = 4 };
    carnet_err err = { 0 };
    void *self;

    (void)state;
    begin();
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    trust(&sw.terminals[0], files.server, "/nonexistent/key.pem", files.ca);
    assert_carnet_ok(carnet_service_context_new(&sw.config, &hooks, &sw.context, &err), &err);
    assert_int_not_equal(carnet_acquiring_switch_part.init(sw.context, NULL, &self, &err), CARNET_OK);
    assert_null(self);
    end();
}

/* --- a file --- */

static const char specification[] =
    "{\"name\":\"house\",\"version\":\"1987\",\"flavour\":{\"base\":\"bcd\",\"header\":5,\"secondary\":\"always\"},"
    "\"framing\":\"nac\",\"elements\":{\"41\":{\"encoding\":\"cp500\"},\"37\":{\"encoding\":\"cp037\"},"
    "\"48\":{\"width\":2,\"max\":99}}}";

static char *
write_file(const char *name, const char *content)
{
    static char path[128];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", sw.folder, name);
    assert_non_null(file = fopen(path, "w"));
    assert_true(fprintf(file, "%s", content) > 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void
a_link_is_written_as_its_file_says(void **state)
{
    static carnet_iso8583_file house;
    carnet_iso8583_message m;
    const received *r;
    carnet_err err = { 0 };

    (void)state;
    begin();
    assert_carnet_ok(carnet_iso8583_file_read(carnet_str_of(specification), &house, &err), &err);
    there = (written){ .spec = &house.spec, .framing = house.framing };
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    sw.issuers[0].spec_file = write_file("house.json", specification);
    switch_start(&sw);
    switch_until_up(&sw);
    terminal_begin(&atm, &here, sw.port);
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    assert_true(carnet_iso8583_is(&atm.message, 41, "ATM00001"));
    r = issuer_message(&bank, 2, 0);
    assert_string_equal(r->terminal, "ATM00001");
    assert_string_equal(r->trace, "000042");
    message_parse(&there, carnet_span_of(r->octets, r->len), &m);
    assert_int_equal(m.mti, 0x0200);
    assert_int_equal(m.mti_offset, 5);
    assert_memory_equal(m.octets.ptr + m.place[41].offset, "\xc1\xe3\xd4\xf0\xf0\xf0\xf0\xf1", 8); /* in EBCDIC */
    /* What is stored is read again by the same file. */
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000042")), "00");
    assert_string_equal(issuer_message(&bank, 4, 0)->trace, "000042");
    terminal_end(&atm);
    end();
}

static void
a_file_that_is_wrong_ends_the_start(void **state)
{
    carnet_service_hooks hooks = { .workers = 4 };
    carnet_err err = { 0 };
    void *self;

    (void)state;
    begin();
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    sw.terminals[0].spec_file = write_file("wrong.json", "{\"version\":\"1987\",\"elements\":{\"41\":{\"max\":-1}}}");
    assert_carnet_ok(carnet_service_context_new(&sw.config, &hooks, &sw.context, &err), &err);
    assert_int_not_equal(carnet_acquiring_switch_part.init(sw.context, NULL, &self, &err), CARNET_OK);
    assert_null(self);
    assert_non_null(strstr(err.path, "41"));
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_goes_through_with_certificates_on_all_sides),
        cmocka_unit_test(a_terminal_without_a_certificate_reaches_nobody),
        cmocka_unit_test(an_issuer_that_somebody_else_certified_gets_nothing),
        cmocka_unit_test(a_certificate_that_is_not_there_is_named_at_the_start),
        cmocka_unit_test(a_link_is_written_as_its_file_says),
        cmocka_unit_test(a_file_that_is_wrong_ends_the_start),
    };
    int status;

    certificates_make(&files);
    status = cmocka_run_group_tests(tests, NULL, NULL);
    certificates_remove(&files);
    return status;
}
