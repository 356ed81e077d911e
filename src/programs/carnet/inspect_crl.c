/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists (RFC 5280 5; 18013-5 B.2). */
#include "carnet/crl.h"
#include "inspect.h"

static void
entries(inspect *in, inspect_node *up, const carnet_crl *crl)
{
    enum { SHOWN = 100 };
    char text[CARNET_TIME_TEXT_MAX];
    carnet_span at = { 0 };
    carnet_crl_entry entry;
    size_t n = 0;

    while (carnet_crl_next(crl, &at, &entry)) {
        inspect_node *node;

        if (!in->full && n == SHOWN) {
            inspect_line(in, up, "...", "%zu more; --full shows them", crl->count - n);
            return;
        }
        carnet_time_text(entry.revoked_at, text);
        node = inspect_line(in, up, inspect_format("[%zu]", n++), "%s", inspect_bytes(in, entry.serial));
        inspect_place(in, node, entry.serial, entry.serial);
        inspect_note(node, INSPECT_PLAIN, "revoked %s", text);
    }
}

static void
times(inspect *in, inspect_node *node, const carnet_crl *crl)
{
    char text[CARNET_TIME_TEXT_MAX];
    inspect_node *line;

    carnet_time_text(crl->this_update, text);
    line = inspect_line(in, node, "this update", "%s", text);
    inspect_note(line, crl->this_update > in->now ? INSPECT_BAD : INSPECT_PLAIN, "%s",
                 inspect_relative(in, crl->this_update));
    if (!crl->has_next_update) {
        inspect_odd(line, "the list names no next update");
        return;
    }
    carnet_time_text(crl->next_update, text);
    line = inspect_line(in, node, "next update", "%s", text);
    inspect_note(line, crl->next_update < in->now ? INSPECT_BAD : INSPECT_PLAIN,
                 crl->next_update < in->now ? "stale: it was due %s" : "%s", inspect_relative(in, crl->next_update));
}

bool
inspect_crl(inspect *in, inspect_node *node, carnet_span der)
{
    carnet_crl crl;
    carnet_buf issuer;
    carnet_err err = { 0 };
    inspect_node *line;

    if (carnet_crl_open(der, &crl, NULL) != CARNET_OK) {
        return false;
    }
    issuer = cli_buf(crl.issuer.len * 2 + 64);
    carnet_name_text(crl.issuer, &issuer);
    line = inspect_line(in, node, "issuer", "%s", inspect_safe(carnet_buf_str(&issuer), false));
    inspect_place(in, line, crl.issuer, crl.issuer);
    times(in, node, &crl);
    if (crl.number.len > 0) {
        inspect_line(in, node, "CRL number", "%s", inspect_bytes(in, crl.number));
    }
    if (crl.authority_key_id.len > 0) {
        inspect_line(in, node, "authority key identifier", "%s", inspect_bytes(in, crl.authority_key_id));
    }
    line = inspect_line(in, node, "revoked", "%zu certificate%s", crl.count, crl.count == 1 ? "" : "s");
    entries(in, line, &crl);
    inspect_line(in, node, "signature algorithm", "%s", inspect_oid(crl.signature_oid));
    line = inspect_line(in, node, "signature", "%s", inspect_bytes(in, crl.signature));
    inspect_place(in, line, crl.signature, crl.signature);
    line = inspect_line(in, node, "profile", "%s", "18013-5 B.2");
    if (carnet_crl_conforms(&crl, NULL, &err) == CARNET_OK) {
        inspect_note(line, INSPECT_GOOD, "fits");
    } else {
        inspect_odd(line, "%s", err.reason[0] != '\0' ? err.reason : carnet_rc_text(err.rc));
    }
    if (crl.unknown_critical.len > 0) {
        inspect_odd(line, "an unknown critical extension, %s: the list must not be relied on",
                    inspect_oid(crl.unknown_critical));
    }
    return true;
}
