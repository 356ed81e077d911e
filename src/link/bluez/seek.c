/* SPDX-License-Identifier: Apache-2.0 */
/* A GATT client (18013-5 11.1.3): finds the server by its service's UUID, connects, and uses its characteristics. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define ADAPTER        "org.bluez.Adapter1"
#define DEVICE         "org.bluez.Device1"
#define CHARACTERISTIC "org.bluez.GattCharacteristic1"

static void
failed(carnet_bluez_side *side)
{
    carnet_bluez_feed(side, CARNET_BLE_ON_FAILED, CARNET_BLE_STATE, 0, (carnet_span){ 0 });
}

/* --- finding --- */

static void
visit_device(void *context, const carnet_bluez_object *object)
{
    carnet_bluez_side *side = context;
    size_t len = strlen(side->owner->adapter);

    if (strcmp(object->interface, DEVICE) == 0 && object->offers && object->in_sight && object->address != NULL &&
        strncmp(object->path, side->owner->adapter, len) == 0 && object->path[len] == '/' && side->device[0] == 0 &&
        carnet_bluez_address_parse(object->address, side->address)) {
        side->address_random = object->address_type != NULL && strcmp(object->address_type, "random") == 0;
        (void)carnet_bluez_put(side->device, sizeof side->device, object->path, "");
    }
}

void
carnet_bluez_stop_scan(carnet_bluez_side *side)
{
    if (side->scanning) {
        side->scanning = false;
        (void)carnet_bluez_call(side->owner, side->owner->adapter, ADAPTER, "StopDiscovery", CARNET_BLUEZ_CALL_MS, NULL,
                                NULL, "");
    }
}

static bool
start_scan(carnet_bluez_side *side)
{
    bool first = side->scan_since == 0;

    side->scan_since = carnet_link_now_ms();
    side->scanning =
        carnet_bluez_call(side->owner, side->owner->adapter, ADAPTER, "SetDiscoveryFilter", CARNET_BLUEZ_CALL_MS, NULL,
                          NULL, "a{sv}", 2, "UUIDs", "as", 1, side->uuid, "Transport", "s", "le") == CARNET_OK &&
        carnet_bluez_call(side->owner, side->owner->adapter, ADAPTER, "StartDiscovery", CARNET_BLUEZ_CALL_MS, NULL,
                          NULL, "") == CARNET_OK;
    if (side->scanning && first) {
        carnet_bluez_tell(side->owner, CARNET_BLUEZ_SCANNING);
    }
    return side->scanning;
}

carnet_bluez_did
carnet_bluez_seek(carnet_bluez_side *side)
{
    if (!side->scanning) {
        carnet_bluez_forget(side->owner, side->device); /* of an attempt before */
        side->device[0] = 0;
        (void)start_scan(side);
    } else if (carnet_link_now_ms() >= side->scan_since + CARNET_BLUEZ_RESCAN) {
        carnet_bluez_stop_scan(side); /* some controllers report an advertisement only once in a search */
        (void)start_scan(side);
    } else if (side->owner->looks) {
        side->owner->looks = false;
        (void)carnet_bluez_objects(side->owner, side->uuid, visit_device, side, NULL);
    }
    if (side->device[0] == 0) {
        side->tick = side->scan_since + CARNET_BLUEZ_RESCAN;
        return CARNET_BLUEZ_LATER;
    }
    carnet_bluez_stop_scan(side);
    return CARNET_BLUEZ_DONE;
}

carnet_bluez_did
carnet_bluez_connect(carnet_bluez_side *side)
{
    if (carnet_bluez_seek(side) == CARNET_BLUEZ_LATER) {
        return CARNET_BLUEZ_LATER;
    }
    side->resolved = false;
    side->owner->looks = true;
    if (carnet_bluez_call(side->owner, side->device, DEVICE, "Connect", CARNET_BLUEZ_CALL_MS, NULL, NULL, "") ==
            CARNET_OK ||
        carnet_bluez_flag(side->owner, side->device, "Connected")) {
        carnet_bluez_connected(side);
    } else {
        failed(side);
    }
    return CARNET_BLUEZ_DONE;
}

/* --- what the server has --- */

typedef struct {
    carnet_bluez_side *side;
    char service[CARNET_BLUEZ_PATH];
    uint32_t found;
} service_search;

static void
visit_service(void *context, const carnet_bluez_object *object)
{
    service_search *search = context;
    carnet_bluez_side *side = search->side;

    if (strcmp(object->interface, DEVICE) == 0 && strcmp(object->path, side->device) == 0) {
        side->resolved = object->resolved;
    } else if (strcmp(object->interface, "org.bluez.GattService1") == 0 && object->device != NULL &&
               strcmp(object->device, side->device) == 0 && object->uuid != NULL &&
               strcmp(object->uuid, side->uuid) == 0) {
        (void)carnet_bluez_put(search->service, sizeof search->service, object->path, "");
    }
}

static void
visit_characteristic(void *context, const carnet_bluez_object *object)
{
    service_search *search = context;
    carnet_bluez_side *side = search->side;
    carnet_ble_characteristic which;
    uint8_t uuid[CARNET_BLE_UUID];

    if (strcmp(object->interface, CHARACTERISTIC) == 0 && object->service != NULL &&
        strcmp(object->service, search->service) == 0 && carnet_ble_uuid_parse(carnet_str_of(object->uuid), uuid) &&
        carnet_ble_characteristic_of(side->ble.parameters.mode, uuid, &which) &&
        carnet_bluez_put(side->characteristics[which], CARNET_BLUEZ_PATH, object->path, "")) {
        search->found |= 1u << which;
        side->mtu = object->mtu != 0 ? object->mtu : side->mtu;
    }
}

carnet_bluez_did
carnet_bluez_discover(carnet_bluez_side *side)
{
    service_search search = { .side = side };

    if (side->owner->looks || side->resolved) {
        side->owner->looks = false;
        (void)carnet_bluez_objects(side->owner, NULL, visit_service, &search, NULL);
    }
    if (!side->resolved) {
        return CARNET_BLUEZ_LATER;
    }
    (void)carnet_bluez_objects(side->owner, NULL, visit_characteristic, &search, NULL);
    if (side->held.kind == CARNET_BLE_DO_EXCHANGE_MTU) { /* BlueZ did when it connected */
        carnet_bluez_feed(side, CARNET_BLE_ON_MTU, CARNET_BLE_STATE, side->mtu, (carnet_span){ 0 });
    } else {
        carnet_bluez_feed(side, CARNET_BLE_ON_SERVICES, CARNET_BLE_STATE, search.found, (carnet_span){ 0 });
    }
    return CARNET_BLUEZ_DONE;
}

/* --- using it --- */

void
carnet_bluez_read(carnet_bluez_side *side)
{
    carnet_ble_characteristic which = side->held.characteristic;
    sd_bus_message *reply = NULL;
    const void *ptr = NULL;
    size_t len = 0;

    if (carnet_bluez_call(side->owner, side->characteristics[which], CHARACTERISTIC, "ReadValue", CARNET_BLUEZ_CALL_MS,
                          &reply, NULL, "a{sv}", 0) == CARNET_OK &&
        sd_bus_message_read_array(reply, 'y', &ptr, &len) >= 0) {
        carnet_bluez_feed(side, CARNET_BLE_ON_READ, which, 0, carnet_span_of(ptr, len));
    } else {
        failed(side);
    }
    sd_bus_message_unref(reply);
}

/* A socket to read notifications from or to write values to; -1: BlueZ gave none. */
static int
acquire(carnet_bluez_side *side, carnet_ble_characteristic which, const char *member)
{
    sd_bus_message *reply = NULL;
    uint16_t mtu = 0;
    int fd = -1, lent;

    if (carnet_bluez_call(side->owner, side->characteristics[which], CHARACTERISTIC, member, CARNET_BLUEZ_CALL_MS,
                          &reply, NULL, "a{sv}", 0) == CARNET_OK &&
        sd_bus_message_read(reply, "hq", &lent, &mtu) >= 0) {
        fd = fcntl(lent, F_DUPFD_CLOEXEC, 3);
    }
    sd_bus_message_unref(reply);
    if (fd >= 0) {
        (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        carnet_bluez_feed(side, CARNET_BLE_ON_MTU, which, mtu, (carnet_span){ 0 });
    }
    return fd;
}

void
carnet_bluez_subscribe(carnet_bluez_side *side)
{
    carnet_ble_characteristic which = side->held.characteristic;

    carnet_bluez_close_fd(&side->notify[which]);
    side->notify[which] = acquire(side, which, "AcquireNotify");
    if (side->notify[which] >= 0) {
        carnet_bluez_feed(side, CARNET_BLE_ON_SUBSCRIBED, which, 0, (carnet_span){ 0 });
    } else {
        failed(side);
    }
}

/* State goes by D-Bus and data by a socket: BlueZ must have taken all data before State is said. */
static carnet_bluez_did
write_state(carnet_bluez_side *side)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *message = NULL;
    int status;

    if (carnet_bluez_queued(side->write_fd) > 0) {
        side->tick = carnet_link_now_ms() + 2;
        return CARNET_BLUEZ_LATER;
    }
    status = sd_bus_message_new_method_call(side->owner->bus, &message, "org.bluez",
                                            side->characteristics[CARNET_BLE_STATE], CHARACTERISTIC, "WriteValue");
    status =
        status < 0 ? status : sd_bus_message_append_array(message, 'y', side->held.value.ptr, side->held.value.len);
    status = status < 0 ? status : sd_bus_message_append(message, "a{sv}", 1, "type", "s", "command");
    status = status < 0 ? status
                        : sd_bus_call(side->owner->bus, message, (uint64_t)CARNET_BLUEZ_CALL_MS * 1000, &error, NULL);
    sd_bus_message_unref(message);
    sd_bus_error_free(&error);
    if (status < 0) {
        carnet_bluez_disconnected(side, 0);
    }
    return CARNET_BLUEZ_DONE;
}

carnet_bluez_did
carnet_bluez_write(carnet_bluez_side *side)
{
    if (!side->connected) {
        return CARNET_BLUEZ_DONE;
    }
    if (side->held.characteristic == CARNET_BLE_STATE) {
        return write_state(side);
    }
    if (side->write_fd < 0) {
        side->write_fd = acquire(side, CARNET_BLE_CLIENT2SERVER, "AcquireWrite");
    }
    return carnet_bluez_put_value(side, side->write_fd, side->held.value);
}
