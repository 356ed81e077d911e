/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to believe that a wallet is one: PEM files of the configuration, certificates and bare public keys. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (256 * 1024)

static carnet_rc
read_all(const char *path, uint8_t *out, size_t cap, size_t *len, carnet_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    *len = 0;
    if (fd < 0)
        return carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, "a file of wallet attesters cannot be read");
    while (*len < cap && ((n = read(fd, out + *len, cap - *len)) > 0 || (n < 0 && errno == EINTR)))
        *len += n > 0 ? (size_t)n : 0;
    (void)close(fd);
    return n == 0 ? CARNET_OK
                  : carnet_fail(err, CARNET_E_CONFIG_FILE, NULL,
                                "a file of wallet attesters is too long, or cannot be read");
}

static carnet_rc
add_key(authorization_trust *trust, const carnet_public_key *key, carnet_err *err)
{
    if (trust->attesters.key_count == AUTHORIZATION_ATTESTERS)
        return carnet_fail(err, CARNET_E_LIMIT, NULL, "there are too many wallet attesters");
    trust->keys[trust->attesters.key_count++].key = *key;
    return CARNET_OK;
}

/* A certificate ends paths; its key is also taken from those who send no certificates. */
static carnet_rc
add_object(authorization_trust *trust, carnet_str label, carnet_span der, carnet_crypto *crypto, carnet_err *err)
{
    carnet_certificate certificate;
    carnet_public_key key;
    carnet_rc rc;

    if (carnet_str_is(label, "PUBLIC KEY")) {
        rc = carnet_public_key_from_spki(crypto, der, &key, err);
        return rc == CARNET_OK ? add_key(trust, &key, err) : rc;
    }
    if (!carnet_str_is(label, "CERTIFICATE"))
        return CARNET_OK;
    rc = carnet_anchor_store_add(&trust->store, der, (carnet_str){ 0 }, err);
    if (rc == CARNET_OK)
        rc = carnet_certificate_open(der, &certificate, err);
    if (rc == CARNET_OK && carnet_public_key_from_spki(crypto, certificate.spki, &key, NULL) == CARNET_OK)
        rc = add_key(trust, &key, err);
    return rc;
}

static carnet_rc
add_file(authorization_trust *trust, const char *path, carnet_crypto *crypto, carnet_err *err)
{
    uint8_t *pem = malloc(FILE_MAX);
    size_t len = 0, began = trust->attesters.key_count;
    carnet_str text, label;
    carnet_rc rc =
        pem == NULL ? carnet_fail(err, CARNET_E_NO_SPACE, NULL, NULL) : read_all(path, pem, FILE_MAX, &len, err);

    text = (carnet_str){ (const char *)pem, len };
    while (rc == CARNET_OK) {
        size_t at = trust->der.len;

        rc = carnet_pem_next(&text, &label, &trust->der, err);
        if (rc == CARNET_OK)
            rc = add_object(trust, label, carnet_span_of(trust->der.ptr + at, trust->der.len - at), crypto, err);
        else if (rc == CARNET_E_PEM && label.len == 0)
            break;
    }
    free(pem);
    if (rc == CARNET_E_PEM && trust->attesters.key_count > began)
        return CARNET_OK;
    if (rc == CARNET_E_PEM)
        rc = carnet_fail(err, CARNET_E_CONFIG_FILE, NULL, "a file of wallet attesters has no certificate and no key");
    carnet_err_within(err, path);
    return rc;
}

carnet_rc
carnet_authorization_trust_read(authorization_trust *trust, const carnet_config_texts *files, carnet_crypto *crypto,
                                carnet_err *err)
{
    carnet_rc rc = CARNET_OK;

    carnet_anchor_store_init(&trust->store, trust->anchors, AUTHORIZATION_ATTESTERS, NULL, 0);
    trust->der = carnet_buf_of(trust->octets, sizeof(trust->octets));
    for (size_t i = 0; i < files->count && rc == CARNET_OK; i++)
        rc = add_file(trust, files->list[i], crypto, err);
    trust->source = carnet_anchor_store_anchors(&trust->store);
    trust->attesters.struct_size = sizeof(trust->attesters);
    trust->attesters.anchors = &trust->source;
    trust->attesters.keys = trust->keys;
    trust->attesters.anchor_in_chain_allowed = true;
    return rc;
}
