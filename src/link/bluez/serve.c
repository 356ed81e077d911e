/* SPDX-License-Identifier: Apache-2.0 */
/* A GATT server (18013-5 11.1.3): its service and characteristics as objects that BlueZ calls, and its advertisement. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHARACTERISTIC "org.bluez.GattCharacteristic1"

/* --- what a characteristic says of itself --- */

static int
get_uuid(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
         void *context, sd_bus_error *error)
{
    const carnet_bluez_served *served = context;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "s", served->uuid);
}

static int
get_service(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
            void *context, sd_bus_error *error)
{
    const carnet_bluez_served *served = context;
    char service[CARNET_BLUEZ_PATH];

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return carnet_bluez_put(service, sizeof service, served->side->base, "/service")
               ? sd_bus_message_append(reply, "o", service)
               : -ENAMETOOLONG;
}

static int
get_flags(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
          void *context, sd_bus_error *error)
{
    const carnet_bluez_served *served = context;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    switch (served->which) {
    case CARNET_BLE_STATE:
        return sd_bus_message_append(reply, "as", 2, "notify", "write-without-response");
    case CARNET_BLE_CLIENT2SERVER:
        return sd_bus_message_append(reply, "as", 1, "write-without-response");
    case CARNET_BLE_SERVER2CLIENT:
        return sd_bus_message_append(reply, "as", 1, "notify");
    case CARNET_BLE_IDENT:
    case CARNET_BLE_L2CAP:
    default:
        return sd_bus_message_append(reply, "as", 1, "read");
    }
}

static int
get_acquired(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
             void *context, sd_bus_error *error)
{
    const carnet_bluez_served *served = context;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "b", served->side->notify[served->which] >= 0);
}

/* --- what BlueZ asks of it --- */

typedef struct {
    const char *device;
    uint16_t mtu, offset;
} call_options;

static int
read_options(sd_bus_message *m, call_options *options)
{
    int status = sd_bus_message_enter_container(m, 'a', "{sv}");

    *options = (call_options){ .device = "" };
    while (status >= 0 && (status = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char *name;

        status = sd_bus_message_read(m, "s", &name);
        if (status >= 0) {
            status = strcmp(name, "device") == 0   ? sd_bus_message_read(m, "v", "o", &options->device)
                     : strcmp(name, "mtu") == 0    ? sd_bus_message_read(m, "v", "q", &options->mtu)
                     : strcmp(name, "offset") == 0 ? sd_bus_message_read(m, "v", "q", &options->offset)
                                                   : sd_bus_message_skip(m, "v");
        }
        status = status < 0 ? status : sd_bus_message_exit_container(m);
    }
    return status < 0 ? status : sd_bus_message_exit_container(m);
}

static int
not_the_peer(sd_bus_error *error)
{
    return sd_bus_error_set_const(error, "org.bluez.Error.NotAuthorized", "another device is served");
}

static int
on_write(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez_served *served = context;
    call_options options;
    const void *ptr = NULL;
    size_t len = 0;
    int status = sd_bus_message_read_array(m, 'y', &ptr, &len);

    status = status < 0 ? status : read_options(m, &options);
    if (status < 0) {
        return status;
    }
    if (!carnet_bluez_admit(served->side, options.device, options.mtu)) {
        return not_the_peer(error);
    }
    carnet_bluez_feed(served->side, CARNET_BLE_ON_VALUE, served->which, 0, carnet_span_of(ptr, len));
    return sd_bus_reply_method_return(m, NULL);
}

static int
on_read(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez_served *served = context;
    sd_bus_message *reply = NULL;
    call_options options;
    carnet_span value;
    int status = read_options(m, &options);

    if (status < 0) {
        return status;
    }
    if (!carnet_bluez_admit(served->side, options.device, options.mtu)) {
        return not_the_peer(error);
    }
    value = carnet_ble_value(&served->side->ble, served->which);
    if (value.len == 0) {
        return sd_bus_error_set_const(error, "org.bluez.Error.NotPermitted", "it has no value");
    }
    if (options.offset > value.len) {
        return sd_bus_error_set_const(error, "org.bluez.Error.InvalidOffset", "the value is shorter");
    }
    status = sd_bus_message_new_method_return(m, &reply);
    status = status < 0
                 ? status
                 : sd_bus_message_append_array(reply, 'y', value.ptr + options.offset, value.len - options.offset);
    status = status < 0 ? status : sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return status;
}

static int
on_acquire(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez_served *served = context;
    carnet_bluez_side *side = served->side;
    call_options options;
    int pair[2];
    int status = read_options(m, &options);

    if (status < 0) {
        return status;
    }
    if (!carnet_bluez_admit(side, options.device, options.mtu)) {
        return not_the_peer(error);
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) {
        return -errno;
    }
    status = sd_bus_reply_method_return(m, "hq", pair[1], options.mtu);
    close(pair[1]);
    carnet_bluez_close_fd(&side->notify[served->which]);
    side->notify[served->which] = pair[0];
    carnet_bluez_feed(side, CARNET_BLE_ON_SUBSCRIBED, served->which, 0, (carnet_span){ 0 });
    return status;
}

bool
carnet_bluez_admit(carnet_bluez_side *side, const char *device, uint16_t mtu)
{
    if (side->connected && strcmp(side->device, device) != 0) {
        return false;
    }
    if (!side->connected) {
        if (strcmp(side->device, device) != 0) {
            carnet_bluez_forget_later(side->owner, side->device);
        }
        if (device[0] == 0 || !carnet_bluez_put(side->device, sizeof side->device, device, "")) {
            return false;
        }
        carnet_bluez_connected(side);
    }
    if (mtu != 0) {
        carnet_bluez_feed(side, CARNET_BLE_ON_MTU, CARNET_BLE_STATE, mtu, (carnet_span){ 0 });
    }
    if (mtu > CARNET_BLUEZ_LONG_MTU && !side->warned) {
        side->warned = true;
        carnet_bluez_tell(side->owner, CARNET_BLUEZ_LOSSY);
    }
    return true;
}

/* AcquireWrite is not offered: BlueZ 5.66 loses what comes while it waits for the answer. */
#define DESCRIPTION                                                                                                    \
    SD_BUS_PROPERTY("UUID", "s", get_uuid, 0, SD_BUS_VTABLE_PROPERTY_CONST),                                           \
        SD_BUS_PROPERTY("Service", "o", get_service, 0, SD_BUS_VTABLE_PROPERTY_CONST),                                 \
        SD_BUS_PROPERTY("Flags", "as", get_flags, 0, SD_BUS_VTABLE_PROPERTY_CONST)
#define WRITABLE SD_BUS_METHOD("WriteValue", "aya{sv}", NULL, on_write, SD_BUS_VTABLE_UNPRIVILEGED)
#define NOTIFYING                                                                                                      \
    SD_BUS_PROPERTY("NotifyAcquired", "b", get_acquired, 0, 0),                                                        \
        SD_BUS_METHOD("AcquireNotify", "a{sv}", "hq", on_acquire, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable state_table[] = { SD_BUS_VTABLE_START(0), DESCRIPTION, WRITABLE, NOTIFYING,
                                             SD_BUS_VTABLE_END };
static const sd_bus_vtable write_table[] = { SD_BUS_VTABLE_START(0), DESCRIPTION, WRITABLE, SD_BUS_VTABLE_END };
static const sd_bus_vtable notify_table[] = { SD_BUS_VTABLE_START(0), DESCRIPTION, NOTIFYING, SD_BUS_VTABLE_END };
static const sd_bus_vtable read_table[] = {
    SD_BUS_VTABLE_START(0), DESCRIPTION, SD_BUS_METHOD("ReadValue", "a{sv}", "ay", on_read, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END
};
static const sd_bus_vtable *const tables[CARNET_BLE_CHARACTERISTICS] = { state_table, write_table, notify_table,
                                                                         read_table, read_table };

/* --- the service and the advertisement --- */

static int
get_service_uuid(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                 void *context, sd_bus_error *error)
{
    const carnet_bluez_side *side = context;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "s", side->uuid);
}

static int
get_primary(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
            void *context, sd_bus_error *error)
{
    (void)bus, (void)path, (void)interface, (void)property, (void)context, (void)error;
    return sd_bus_message_append(reply, "b", 1);
}

static int
get_type(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
         void *context, sd_bus_error *error)
{
    (void)bus, (void)path, (void)interface, (void)property, (void)context, (void)error;
    return sd_bus_message_append(reply, "s", "peripheral");
}

static int
get_uuids(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
          void *context, sd_bus_error *error)
{
    const carnet_bluez_side *side = context;

    (void)bus, (void)path, (void)interface, (void)property, (void)error;
    return sd_bus_message_append(reply, "as", 1, side->uuid);
}

static int
on_release(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez_side *side = context;

    (void)error;
    side->advertised = false;
    return sd_bus_reply_method_return(m, NULL);
}

static const sd_bus_vtable service_table[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("UUID", "s", get_service_uuid, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Primary", "b", get_primary, 0, SD_BUS_VTABLE_PROPERTY_CONST), SD_BUS_VTABLE_END
};
static const sd_bus_vtable advertisement_table[] = {
    SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Type", "s", get_type, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("ServiceUUIDs", "as", get_uuids, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_METHOD("Release", NULL, NULL, on_release, SD_BUS_VTABLE_UNPRIVILEGED), SD_BUS_VTABLE_END
};

static bool
add_object(carnet_bluez_side *side, const char *path, const char *interface, const sd_bus_vtable *table, void *context)
{
    sd_bus_slot **slot = &side->objects[side->object_count];
    bool added = sd_bus_add_object_vtable(side->owner->bus, slot, path, interface, table, context) >= 0;

    side->object_count += added;
    return added;
}

static bool
is_served(const carnet_bluez_side *side, carnet_ble_characteristic which)
{
    return which == CARNET_BLE_IDENT
               ? side->ble.parameters.has_ident && side->ble.parameters.mode == CARNET_BLE_CENTRAL_CLIENT
           : which == CARNET_BLE_L2CAP ? side->ble.parameters.psm != 0
                                       : true;
}

static bool
add_characteristics(carnet_bluez_side *side)
{
    bool good = true;

    for (unsigned i = 0; i < CARNET_BLE_CHARACTERISTICS && good; i++) {
        carnet_bluez_served *served = &side->served[i];
        const char name[] = { '/', 's', 'e', 'r', 'v', 'i', 'c', 'e', '/', 'c', (char)('0' + i), 0 };
        uint8_t uuid[CARNET_BLE_UUID];

        *served = (carnet_bluez_served){ .side = side, .which = (carnet_ble_characteristic)i };
        if (is_served(side, served->which) && carnet_ble_uuid(side->ble.parameters.mode, served->which, uuid)) {
            carnet_ble_uuid_text(uuid, served->uuid);
            good = carnet_bluez_put(served->path, sizeof served->path, side->base, name) &&
                   add_object(side, served->path, CHARACTERISTIC, tables[i], served);
        }
    }
    return good;
}

/* An empty place above the objects, its list of objects, the service, its characteristics, the advertisement. */
static bool
add_objects(carnet_bluez_side *side)
{
    char path[CARNET_BLUEZ_PATH];

    if (sd_bus_add_object_manager(side->owner->bus, &side->objects[0], side->base) < 0) {
        return false;
    }
    side->object_count = 1;
    return carnet_bluez_put(path, sizeof path, side->base, "/service") &&
           add_object(side, path, "org.bluez.GattService1", service_table, side) && add_characteristics(side) &&
           carnet_bluez_put(path, sizeof path, side->base, "_advertisement") &&
           add_object(side, path, "org.bluez.LEAdvertisement1", advertisement_table, side);
}

static int
on_advertised(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez_side *side = context;

    (void)error;
    side->call = sd_bus_slot_unref(side->call);
    if (sd_bus_message_is_method_error(m, NULL)) {
        carnet_bluez_feed(side, CARNET_BLE_ON_FAILED, CARNET_BLE_STATE, 0, (carnet_span){ 0 });
        return 0;
    }
    side->advertised = true;
    carnet_bluez_tell(side->owner, CARNET_BLUEZ_ADVERTISING);
    return 0;
}

static int
register_advertisement(carnet_bluez_side *side)
{
    char path[CARNET_BLUEZ_PATH];

    return carnet_bluez_put(path, sizeof path, side->base, "_advertisement")
               ? sd_bus_call_method_async(side->owner->bus, &side->call, "org.bluez", side->owner->adapter,
                                          "org.bluez.LEAdvertisingManager1", "RegisterAdvertisement", on_advertised,
                                          side, "oa{sv}", path, 0)
               : -ENAMETOOLONG;
}

static int
on_registered(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez_side *side = context;

    (void)error;
    side->call = sd_bus_slot_unref(side->call);
    side->registered = !sd_bus_message_is_method_error(m, NULL);
    if (!side->registered || register_advertisement(side) < 0) {
        carnet_bluez_feed(side, CARNET_BLE_ON_FAILED, CARNET_BLE_STATE, 0, (carnet_span){ 0 });
    }
    return 0;
}

carnet_bluez_did
carnet_bluez_advertise(carnet_bluez_side *side)
{
    int status = 0;

    if (side->call != NULL || side->advertised) {
        return CARNET_BLUEZ_DONE;
    }
    if (side->registered) {
        status = register_advertisement(side);
    } else {
        status = !add_objects(side)
                     ? -ENOMEM
                     : sd_bus_call_method_async(side->owner->bus, &side->call, "org.bluez", side->owner->adapter,
                                                "org.bluez.GattManager1", "RegisterApplication", on_registered, side,
                                                "oa{sv}", side->base, 0);
    }
    if (status < 0) {
        carnet_bluez_feed(side, CARNET_BLE_ON_FAILED, CARNET_BLE_STATE, 0, (carnet_span){ 0 });
    }
    return CARNET_BLUEZ_DONE;
}

void
carnet_bluez_hide(carnet_bluez_side *side)
{
    char path[CARNET_BLUEZ_PATH];

    if (side->advertised && carnet_bluez_put(path, sizeof path, side->base, "_advertisement")) {
        side->advertised = false;
        (void)sd_bus_call_method_async(side->owner->bus, NULL, "org.bluez", side->owner->adapter,
                                       "org.bluez.LEAdvertisingManager1", "UnregisterAdvertisement", NULL, NULL, "o",
                                       path);
    }
}

void
carnet_bluez_withdraw(carnet_bluez_side *side)
{
    char path[CARNET_BLUEZ_PATH];
    bool gone = side->owner->gone;

    side->call = sd_bus_slot_unref(side->call);
    if (side->object_count > 0 && !gone) {
        /* Also where the registration was not answered: BlueZ then refuses, which does no harm. */
        (void)carnet_bluez_put(path, sizeof path, side->base, "_advertisement");
        (void)carnet_bluez_call(side->owner, side->owner->adapter, "org.bluez.LEAdvertisingManager1",
                                "UnregisterAdvertisement", CARNET_BLUEZ_CALL_MS, NULL, NULL, "o", path);
        (void)carnet_bluez_call(side->owner, side->owner->adapter, "org.bluez.GattManager1", "UnregisterApplication",
                                CARNET_BLUEZ_CALL_MS, NULL, NULL, "o", side->base);
    }
    while (side->object_count > 0) {
        side->object_count--;
        side->objects[side->object_count] = sd_bus_slot_unref(side->objects[side->object_count]);
    }
    side->registered = side->advertised = false;
}
