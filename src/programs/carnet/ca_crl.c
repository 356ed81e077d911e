/* SPDX-License-Identifier: Apache-2.0 */
/* carnet ca crl: revoke, and write the list. */
#include "ca.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REVOKED_MAX ((size_t)100000)

/** The serial number of a certificate that this authority signed. */
static carnet_span
serial_of_file(const ca_authority *ca, carnet_crypto *crypto, const char *path)
{
    carnet_certificate certificate;
    carnet_err err = { 0 };
    carnet_span der;

    cli_read_certificates(path, &der, 1);
    if (carnet_certificate_open(der, &certificate, &err) != CARNET_OK) {
        cli_die(path, &err);
    }
    if (!carnet_certificate_issued_by(&certificate, &ca->certificate) ||
        carnet_certificate_verify(&certificate, &ca->certificate.public_key, crypto, NULL) != CARNET_OK) {
        cli_die_text(path, "this authority did not sign this certificate");
    }
    return certificate.serial;
}

/** Hexadecimal digits, with colons or not, as the INTEGER's content. */
static carnet_span
serial_of_text(const char *argument)
{
    size_t len = strlen(argument);
    char *digits = cli_alloc(len + 2);
    carnet_buf octets = cli_buf(len + 2);
    size_t count = 0;

    octets.ptr[octets.len++] = 0;
    for (size_t i = 0; i < len; i++) {
        if (argument[i] != ':') {
            digits[count++] = argument[i];
        }
    }
    if (count == 0 || count > 40 || carnet_hex_decode((carnet_str){ digits, count }, &octets, NULL) != CARNET_OK) {
        cli_usage("\"%s\" is neither a file nor a serial number in hexadecimal", argument);
    }
    while (octets.len > 1 && octets.ptr[0] == 0 && octets.ptr[1] < 0x80) {
        octets.ptr++;
        octets.len--;
    }
    return carnet_buf_span(&octets);
}

static carnet_span
serial_of(const ca_arguments *a, const ca_authority *ca, carnet_crypto *crypto, const char *argument)
{
    carnet_span serial;

    if (access(argument, F_OK) == 0) {
        return serial_of_file(ca, crypto, argument);
    }
    serial = serial_of_text(argument);
    if (!a->force && !ca_has_issued(ca, ca_hex(serial))) {
        cli_die_text(argument, "this authority has issued no certificate of this serial number; --force revokes it all "
                               "the same");
    }
    return serial;
}

/** Add what the command line revokes; what was revoked before keeps its date. */
static size_t
add_revoked(const ca_arguments *a, const ca_authority *ca, carnet_crypto *crypto, ca_revocation *list, size_t count,
            carnet_time now)
{
    for (size_t i = 0; i < a->revoke_count; i++) {
        carnet_span serial = serial_of(a, ca, crypto, a->revoke[i]);
        bool known = false;

        for (size_t n = 0; n < count && !known; n++) {
            known = carnet_span_equal(list[n].serial, serial);
        }
        if (!known && count < REVOKED_MAX) {
            list[count++] = (ca_revocation){ serial, now };
        }
    }
    return count;
}

static void
tell(const char *path, const carnet_crl_spec *spec, bool json)
{
    char from[CARNET_TIME_TEXT_MAX], until[CARNET_TIME_TEXT_MAX];

    carnet_time_text(spec->this_update, from);
    carnet_time_text(spec->next_update, until);
    if (!json) {
        printf("certificate revocation list\n  %-15s%s\n  %-15s%llu\n  %-15s%s\n  %-15s%s\n  %-15s%zu\n", "list", path,
               "number", (unsigned long long)spec->number, "thisUpdate", from, "nextUpdate", until, "revoked",
               spec->count);
        return;
    }
    fputs("{\n  \"kind\": \"certificate revocation list\",\n  \"list\": ", stdout);
    cli_json_string(stdout, carnet_str_of(path));
    printf(",\n  \"number\": %llu,\n  \"thisUpdate\": \"%s\",\n  \"nextUpdate\": \"%s\",\n  \"revoked\": [",
           (unsigned long long)spec->number, from, until);
    for (size_t i = 0; i < spec->count; i++) {
        carnet_str serial = ca_hex(spec->entries[i].serial);
        char at[CARNET_TIME_TEXT_MAX];

        carnet_time_text(spec->entries[i].revoked_at, at);
        printf("%s\n    {\"serial\": \"%.*s\", \"at\": \"%s\"}", i > 0 ? "," : "", (int)serial.len, serial.ptr, at);
    }
    printf("%s]\n}\n", spec->count > 0 ? "\n  " : "");
}

int
ca_crl(const ca_arguments *a, carnet_crypto *crypto)
{
    const char *path = a->output != NULL ? a->output : cli_join(a->directory, "ca.crl");
    ca_revocation *list = cli_alloc(REVOKED_MAX * sizeof *list);
    carnet_crl_entry *entries;
    carnet_crl_spec spec = { .struct_size = sizeof spec };
    carnet_err err = { 0 };
    carnet_buf der;
    ca_authority ca;

    spec.this_update = a->valid_from != NULL ? cli_time(a->valid_from, cli_now()) : cli_now();
    spec.next_update = cli_time(a->valid_until != NULL ? a->valid_until : "+30d", spec.this_update);
    ca_open(a->directory, crypto, &ca);
    spec.count = ca_read_revoked(&ca, list, REVOKED_MAX);
    spec.count = add_revoked(a, &ca, crypto, list, spec.count, spec.this_update);
    entries = cli_alloc(spec.count * sizeof *entries);
    for (size_t i = 0; i < spec.count; i++) {
        entries[i] = (carnet_crl_entry){ list[i].serial, list[i].at };
    }
    spec.entries = entries;
    spec.number = ca.crl_number + 1;
    der = cli_buf(1024 + 48 * spec.count);
    if (carnet_crl_build(&spec, &ca.certificate, &ca.key, crypto, &der, &err) != CARNET_OK) {
        cli_die(a->directory, &err);
    }
    /* The number is used up before a list with it leaves: two lists never share one. */
    ca.crl_number = spec.number;
    ca_write_state(&ca);
    ca_write_revoked(&ca, list, spec.count);
    if (a->der) {
        cli_write(path, carnet_buf_span(&der), 0644);
    } else {
        cli_write_pem(path, "X509 CRL", carnet_buf_span(&der));
    }
    carnet_key_done(&ca.key);
    tell(path, &spec, a->json);
    return CLI_VALID;
}
