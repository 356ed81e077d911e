/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <stdlib.h>

#define PEM_MAX (size_t)65536

/* The certificates of a PEM file, in place of its text: DER is shorter. */
static carnet_rc
read_certificates(const char *path, carnet_service_file *file, carnet_span *list, size_t cap, size_t *count,
                  carnet_err *err)
{
    carnet_service_file pem;
    carnet_rc rc = carnet_service_file_read(path, PEM_MAX, &pem, err);
    carnet_str text = { (const char *)pem.ptr, pem.len }, label;
    carnet_buf out;

    *count = 0;
    if (rc != CARNET_OK)
        return rc;
    file->ptr = malloc(pem.len + 1);
    out = carnet_buf_of(file->ptr, file->ptr != NULL ? pem.len : 0);
    while (rc == CARNET_OK && file->ptr != NULL) {
        size_t at = out.len;

        if (carnet_pem_next(&text, &label, &out, NULL) != CARNET_OK)
            break;
        if (!carnet_str_is(label, "CERTIFICATE"))
            out.len = at;
        else if (*count == cap)
            rc = carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "the file has too many certificates");
        else
            list[(*count)++] = carnet_span_of(out.ptr + at, out.len - at);
    }
    file->len = out.len;
    carnet_service_file_free(&pem);
    if (rc == CARNET_OK && *count == 0)
        rc = carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "the file has no certificate in PEM");
    return rc;
}

/* Each signed by the next, the last by the root if there is one. */
static carnet_rc
check_links(const carnet_span *chain, size_t count, carnet_span root, carnet_crypto *crypto, carnet_err *err)
{
    carnet_certificate below, above;
    carnet_rc rc;

    if (count == 0)
        return carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "there is no certificate");
    rc = carnet_certificate_open(chain[0], &below, err);

    for (size_t i = 1; rc == CARNET_OK && i <= count; i++) {
        carnet_span next = i < count ? chain[i] : root;

        if (next.len == 0)
            break;
        if ((rc = carnet_certificate_open(next, &above, err)) != CARNET_OK)
            return rc;
        if (!carnet_certificate_issued_by(&below, &above))
            return carnet_fail(err, CARNET_E_SERVICE_KEY, "RFC 5280 6.1", "a certificate is not the next one's");
        rc = carnet_certificate_verify(&below, &above.public_key, crypto, err);
        below = above;
    }
    return rc;
}

carnet_rc
carnet_service_chain_read(carnet_service_kept_key *key, const carnet_public_key *public_key, carnet_crypto *crypto,
                          carnet_err *err)
{
    carnet_service_key *view = &key->view;
    carnet_certificate own;
    carnet_span roots[1] = { 0 };
    size_t root_count = 0;
    carnet_rc rc;

    if (key->config->chain == NULL)
        return CARNET_OK;
    if ((rc = read_certificates(key->config->chain, &key->chain, view->chain, CARNET_SERVICE_CHAIN, &view->chain_count,
                                err)) != CARNET_OK)
        return rc;
    if (key->config->root != NULL) {
        if ((rc = read_certificates(key->config->root, &key->root, roots, 1, &root_count, err)) != CARNET_OK)
            return rc;
        view->root = roots[0];
    }
    if ((rc = carnet_certificate_open(view->chain[0], &own, err)) != CARNET_OK ||
        (rc = check_links(view->chain, view->chain_count, view->root, crypto, err)) != CARNET_OK)
        return rc;
    if (!carnet_public_key_equal(&own.public_key, public_key))
        return carnet_fail(err, CARNET_E_SERVICE_KEY, NULL, "the certificate is another key's");
    view->not_before = own.not_before;
    view->not_after = own.not_after;
    return CARNET_OK;
}
