/* SPDX-License-Identifier: Apache-2.0 */
/* The first octet says what it is: a client's form, in one of the modes, or a message of JSON. */
#include "carnet/backchannel.h"
#include "carnet/http_parameters.h"
#include "fuzz.h"

#include <string.h>

static carnet_str
get(const void *self, const char *name)
{
    const carnet_str *value = carnet_service_parameter_get(self, name);

    return value != NULL ? *value : (carnet_str){ 0 };
}

static void
put(void *self, const char *name, carnet_str value)
{
    carnet_service_parameters *p = self;

    MUST(p->count < CARNET_SERVICE_PARAMETERS && value.len != 0);
    p->list[p->count].name = carnet_str_of(name);
    p->list[p->count++].value = value;
}

/* What is taken is handed out the same, and taken again. */
static void
form(carnet_str text, carnet_backchannel_mode mode)
{
    static uint8_t octets[65536], made[65536];
    static carnet_service_parameters parameters, again;
    carnet_buf room = carnet_buf_of(octets, sizeof(octets)), more = carnet_buf_of(made, sizeof(made));
    carnet_backchannel_request r, r2;

    if (carnet_service_parameters_read(text, &room, &parameters, NULL) != CARNET_OK)
        return;
    if (carnet_backchannel_request_read(get, &parameters, mode, &r, NULL) != CARNET_OK) {
        MUST(r.document == NULL && r.error != NULL);
        return;
    }
    MUST(r.login_hint.len != 0 && r.vtr_count <= CARNET_BOPS_VECTORS && r.binding_message.len <= 20);
    MUST(mode == CARNET_BACKCHANNEL_POLL || r.notification_token.len != 0);
    MUST(r.requested_expiry >= 0 && r.requested_expiry <= CARNET_BACKCHANNEL_EXPIRY);
    again.count = 0;
    MUST(carnet_backchannel_request_write(&r, &more, put, &again, NULL) == CARNET_OK);
    MUST(carnet_backchannel_request_read(get, &again, mode, &r2, NULL) == CARNET_OK);
    MUST(r2.vtr_count == r.vtr_count && r2.requested_expiry == r.requested_expiry);
    for (size_t i = 0; i < r.vtr_count; i++)
        MUST(carnet_str_equal(r.vtr[i], r2.vtr[i]));
    carnet_backchannel_request_close(&r2);
    carnet_backchannel_request_close(&r);
}

#define BOTH(name)                                                                                                     \
    static void name(carnet_str text)                                                                                  \
    {                                                                                                                  \
        static uint8_t octets[262144];                                                                                 \
        carnet_buf out = carnet_buf_of(octets, sizeof(octets));                                                        \
        carnet_backchannel_##name m, again;                                                                            \
                                                                                                                       \
        if (carnet_backchannel_##name##_read(text, &m, NULL) != CARNET_OK) {                                           \
            MUST(m.document == NULL);                                                                                  \
            return;                                                                                                    \
        }                                                                                                              \
        MUST(carnet_backchannel_##name##_write(&m, &out, NULL) == CARNET_OK);                                          \
        MUST(carnet_backchannel_##name##_read(carnet_buf_str(&out), &again, NULL) == CARNET_OK);                       \
        carnet_backchannel_##name##_close(&again);                                                                     \
        carnet_backchannel_##name##_close(&m);                                                                         \
    }
BOTH(started)
BOTH(ping)
BOTH(tokens)
BOTH(error)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const messages[])(carnet_str) = { started, ping, tokens, error };
    const carnet_str text = { (const char *)data + 1, size > 0 ? size - 1 : 0 };

    if (size == 0)
        return 0;
    if (data[0] % 8 < 4)
        messages[data[0] % 4](text);
    else
        form(text, (carnet_backchannel_mode)(CARNET_BACKCHANNEL_POLL + data[0] % 3));
    return 0;
}
