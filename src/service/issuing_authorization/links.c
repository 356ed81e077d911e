/* SPDX-License-Identifier: Apache-2.0 */
/* A link as it is configured: what is spoken, by whom, under which keys. */
#include "carnet/service_file.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1048576 };

static carnet_rc
fault(const ia_link *link, const char *key, const char *reason, carnet_err *err)
{
    const carnet_rc rc = carnet_fail(err, CARNET_E_AUTHORIZATION_LINK, NULL, reason);

    if (err != NULL)
        (void)snprintf(err->path, sizeof(err->path), "%s.%s", link->config->name, key);
    return rc;
}

static carnet_rc
read_key(const ia_link *link, const char *file, const char *name, uint8_t out[IA_KEY], carnet_span *key,
         carnet_err *err)
{
    size_t len;
    const carnet_rc rc = carnet_service_hex_file_read(file, out, IA_KEY, &len, err);

    *key = carnet_span_of(out, len);
    return rc == CARNET_OK && (len < 16 || len % 8 != 0)
               ? fault(link, name, "the file holds no key of 16, 24 or 32 octets in hexadecimal digits", err)
               : rc;
}

static carnet_rc
read_keys(ia_link *link, carnet_err *err)
{
    const carnet_config_payment_link *c = link->config;
    carnet_debit_link *d = &link->debit;
    carnet_rc rc = CARNET_OK;

    if (c->mac != NULL) {
        d->mac.algorithm = carnet_message_mac_named(carnet_str_of(c->mac));
        /* Data elements 64 and 128 have four octets where a specification says so. */
        d->mac.size = link->spec->fields[128].max == 4 ? 4 : CARNET_MESSAGE_MAC;
        rc = c->mac_key_file != NULL ? read_key(link, c->mac_key_file, "mac_key_file", link->mac, &d->mac.key, err)
                                     : fault(link, "mac_key_file", "a MAC needs a key", err);
    }
    if (rc == CARNET_OK && c->pin_key_file != NULL) {
        rc = read_key(link, c->pin_key_file, "pin_key_file", link->pin, &d->pin.key, err);
        d->pin.format = (carnet_pin_format)c->pin_format;
    }
    return rc;
}

static carnet_rc
read_file(ia_link *link, carnet_err *err)
{
    carnet_service_file text = { 0 };
    carnet_iso8583_file *file = malloc(sizeof(*file));
    carnet_rc rc = carnet_service_file_read(link->config->spec_file, FILE_MAX, &text, err);

    link->file = file;
    if (rc == CARNET_OK)
        rc = file != NULL ? carnet_iso8583_file_read(carnet_service_file_text(&text), file, err)
                          : carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    carnet_service_file_free(&text);
    if (rc != CARNET_OK || file == NULL)
        return rc;
    link->spec = &file->spec;
    if (file->framed && link->config->framing == NULL)
        link->framing = file->framing;
    return CARNET_OK;
}

static carnet_iso8583_version
version_of(const char *text)
{
    if (text == NULL || strcmp(text, "1987") == 0)
        return CARNET_ISO8583_1987;
    return strcmp(text, "1993") == 0 ? CARNET_ISO8583_1993 : CARNET_ISO8583_2003;
}

static carnet_rc
make_spec(ia_link *link, carnet_err *err)
{
    const carnet_config_payment_link *c = link->config;
    carnet_iso8583_flavour flavour;

    if (c->spec_file != NULL)
        return read_file(link, err);
    if (!carnet_iso8583_flavour_named(carnet_str_of(c->flavour != NULL ? c->flavour : "ascii"), &flavour))
        return fault(link, "flavour", "there is no flavour of this name", err);
    if ((link->spec = calloc(1, sizeof(*link->spec))) == NULL)
        return carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL);
    return carnet_iso8583_spec_init(link->spec, version_of(c->version), &flavour, err);
}

carnet_rc
carnet_ia_link_init(ia *owner, ia_link *link, const carnet_config_payment_link *config, carnet_err *err)
{
    const char *carrier = config->carrier != NULL ? config->carrier : "text";
    carnet_rc rc;

    link->owner = owner;
    link->config = config;
    if (!carnet_framing_named(carnet_str_of(config->framing != NULL ? config->framing : "post"), &link->framing))
        return fault(link, "framing", "there is no framing of this name", err);
    if ((rc = make_spec(link, err)) != CARNET_OK)
        return rc;
    link->debit.name = carnet_str_of(config->name);
    link->debit.spec = link->spec;
    link->debit.carrier_text = strcmp(carrier, "text") == 0;
    link->debit.carrier_tag = strcmp(carrier, "tlv-short") == 0 ? CARNET_CARRIER_TAG_SHORT : CARNET_CARRIER_TAG;
    link->debit.carrier = config->carrier_element != 0 ? config->carrier_element : link->debit.carrier_text ? 48 : 55;
    link->debit.plain_step_up = owner->config->plain_step_up;
    return read_keys(link, err);
}

void
carnet_ia_link_done(ia_link *link)
{
    carnet_wipe(link->mac, sizeof(link->mac));
    carnet_wipe(link->pin, sizeof(link->pin));
    if (link->file == NULL)
        free(link->spec); /* else it lies in the file's */
    free(link->file);
}
