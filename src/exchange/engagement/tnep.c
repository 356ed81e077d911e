/* SPDX-License-Identifier: Apache-2.0 */
/* Tag NDEF Exchange Protocol: Service Parameter, Service Select and Status records (TNEP 1.0, 4). */
#include "carnet/tnep.h"

#define CLAUSE "TNEP 1.0 4"

uint32_t
carnet_tnep_wait_ms(uint8_t wait_time)
{
    static const uint32_t quarter[] = { 10000, 11893, 14143, 16818 }; /* 2^(n/4), in ten thousandths, rounded up */
    unsigned n = wait_time > 63 ? 63 : wait_time;
    uint64_t doubled = (uint64_t)quarter[n % 4] << (n / 4);

    return (uint32_t)((doubled + 19999) / 20000);
}

static carnet_rc
fail(carnet_err *err, carnet_rc rc, const char *reason, const carnet_ndef_record *record, carnet_span message)
{
    size_t at = record != NULL && record->payload.ptr != NULL ? (size_t)(record->payload.ptr - message.ptr) : 0;

    return carnet_fail_at(err, rc, CLAUSE, reason, at, NULL);
}

/** Read a Service Parameter record; NULL, or what is wrong with it. */
static const char *
read_service(carnet_span payload, carnet_tnep_service *service)
{
    size_t name;

    *service = (carnet_tnep_service){ 0 };
    if (payload.len < 2 || payload.len < (name = payload.ptr[1]) + 7u) {
        return "a Service Parameter record is cut off";
    }
    if (payload.ptr[0] >> 4 != 1) {
        return "the major version of TNEP is not 1";
    }
    if (name == 0) {
        return "a service has no name";
    }
    *service = (carnet_tnep_service){
        .name = { (const char *)payload.ptr + 2, name },
        .version = payload.ptr[0],
        .communication_mode = payload.ptr[name + 2],
        .wait_time = payload.ptr[name + 3] & 0x3f,
        .wait_extensions = payload.ptr[name + 4] & 0x0f,
        .message_max = (uint16_t)(payload.ptr[name + 5] << 8 | payload.ptr[name + 6]),
    };
    return NULL;
}

carnet_rc
carnet_tnep_service_find(carnet_span message, const char *name, carnet_tnep_service *service, bool *found,
                         carnet_err *err)
{
    carnet_ndef_reader r = carnet_ndef_open(message);
    carnet_tnep_service each;
    carnet_ndef_record record;
    carnet_rc rc;

    *found = false;
    *service = (carnet_tnep_service){ 0 };
    while (carnet_ndef_next(&r, &record)) {
        const char *reason;

        if (!carnet_ndef_is(&record, CARNET_NDEF_WELL_KNOWN, "Tp")) {
            continue;
        }
        reason = read_service(record.payload, &each);
        if (reason != NULL) {
            carnet_ndef_refuse(&r, CARNET_E_TNEP_STRUCTURE, record.payload.ptr, CLAUSE, reason);
        } else if (!*found && carnet_str_is(each.name, name)) {
            *service = each;
            *found = true;
        }
    }
    rc = carnet_ndef_done(&r, err);
    if (rc != CARNET_OK) {
        *found = false;
        *service = (carnet_tnep_service){ 0 };
    }
    return rc;
}

/** Begin a well-known record of this type. */
static carnet_ndef_mark
begin(carnet_ndef_builder *b, const char *type)
{
    return carnet_ndef_begin(b, &(carnet_ndef_record){ .format = CARNET_NDEF_WELL_KNOWN, .type = carnet_str_of(type) });
}

void
carnet_tnep_service_add(carnet_ndef_builder *b, const carnet_tnep_service *service)
{
    carnet_ndef_mark mark = begin(b, "Tp");
    uint8_t head[2] = { service->version, (uint8_t)service->name.len };
    uint8_t tail[5] = { service->communication_mode, service->wait_time, service->wait_extensions,
                        (uint8_t)(service->message_max >> 8), (uint8_t)service->message_max };

    if (service->name.len == 0 || service->name.len > 255 || service->wait_time > 63 || service->wait_extensions > 15) {
        b->rc = b->rc != CARNET_OK ? b->rc : CARNET_E_USAGE;
    }
    carnet_ndef_append(b, carnet_span_of(head, sizeof head));
    carnet_ndef_append(b, carnet_str_bytes(service->name));
    carnet_ndef_append(b, carnet_span_of(tail, sizeof tail));
    carnet_ndef_end(b, mark);
}

carnet_rc
carnet_tnep_select_open(carnet_span message, carnet_str *name, carnet_err *err)
{
    carnet_ndef_record record;
    carnet_rc rc;
    bool found;

    *name = (carnet_str){ 0 };
    rc = carnet_ndef_find(message, CARNET_NDEF_WELL_KNOWN, "Ts", &record, &found, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    if (!found || record.payload.len == 0 || record.payload.len != record.payload.ptr[0] + 1u) {
        return fail(err, CARNET_E_TNEP_STRUCTURE, "there is no Service Select record, or its length is wrong", &record,
                    message);
    }
    *name = (carnet_str){ (const char *)record.payload.ptr + 1, record.payload.len - 1 };
    return CARNET_OK;
}

void
carnet_tnep_select_add(carnet_ndef_builder *b, carnet_str name)
{
    carnet_ndef_mark mark = begin(b, "Ts");
    uint8_t len = (uint8_t)name.len;

    if (name.len > 255) {
        b->rc = b->rc != CARNET_OK ? b->rc : CARNET_E_USAGE;
    }
    carnet_ndef_append(b, carnet_span_of(&len, 1));
    carnet_ndef_append(b, carnet_str_bytes(name));
    carnet_ndef_end(b, mark);
}

carnet_rc
carnet_tnep_status_open(carnet_span message, uint8_t *status, carnet_err *err)
{
    carnet_ndef_record record;
    carnet_rc rc;
    bool found;

    *status = CARNET_TNEP_PROTOCOL_ERROR;
    rc = carnet_ndef_find(message, CARNET_NDEF_WELL_KNOWN, "Te", &record, &found, err);
    if (rc != CARNET_OK) {
        return rc;
    }
    if (!found || record.payload.len != 1) {
        return fail(err, CARNET_E_TNEP_STRUCTURE, "there is no Status record, or its length is wrong", &record,
                    message);
    }
    *status = record.payload.ptr[0];
    return CARNET_OK;
}

void
carnet_tnep_status_add(carnet_ndef_builder *b, uint8_t status)
{
    carnet_ndef_mark mark = begin(b, "Te");

    carnet_ndef_append(b, carnet_span_of(&status, 1));
    carnet_ndef_end(b, mark);
}
