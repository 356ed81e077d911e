/* SPDX-License-Identifier: Apache-2.0 */
/* BlueZ as seen over D-Bus: its adapter, its objects, its signals. */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEVICE "org.bluez.Device1"

bool
carnet_bluez_put(char *out, size_t cap, const char *text, const char *more)
{
    int len = snprintf(out, cap, "%s%s", text, more);

    if (len < 0 || (size_t)len >= cap) {
        out[0] = 0;
        return false;
    }
    return true;
}

bool
carnet_bluez_address_parse(const char *text, uint8_t address[6])
{
    uint8_t octets[6];
    carnet_buf out;

    if (strlen(text) != 17) {
        return false;
    }
    for (size_t i = 0; i < 6; i++) {
        out = carnet_buf_of(&octets[5 - i], 1);
        if ((i < 5 && text[3 * i + 2] != ':') ||
            carnet_hex_decode((carnet_str){ text + 3 * i, 2 }, &out, NULL) != CARNET_OK || out.len != 1) {
            return false;
        }
    }
    memcpy(address, octets, sizeof octets);
    return true;
}

void
carnet_bluez_device_path(const carnet_bluez *bluez, const uint8_t address[6], char path[CARNET_BLUEZ_PATH])
{
    char name[24];

    snprintf(name, sizeof name, "/dev_%02X_%02X_%02X_%02X_%02X_%02X", address[5], address[4], address[3], address[2],
             address[1], address[0]);
    (void)carnet_bluez_put(path, CARNET_BLUEZ_PATH, bluez->adapter, name);
}

/* BlueZ's words for what failed, and whether it is the adapter that is not there. */
static carnet_rc
refuse(carnet_bluez *bluez, const sd_bus_error *error, int status, carnet_err *err)
{
    static const char *const absent[] = { "org.freedesktop.DBus.Error.ServiceUnknown",
                                          "org.freedesktop.DBus.Error.NameHasNoOwner",
                                          "org.freedesktop.DBus.Error.Spawn.ServiceNotFound",
                                          "org.freedesktop.DBus.Error.Spawn.ExecFailed" };

    if (sd_bus_error_has_name(error, "org.bluez.Error.NotReady")) {
        bluez->gone = true;
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "the Bluetooth adapter is switched off");
    }
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        if (sd_bus_error_has_name(error, absent[i])) {
            bluez->gone = true;
            return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL, "BlueZ (bluetoothd) does not run here");
        }
    }
    return carnet_fail(err, CARNET_E_LINK_IO, NULL, error->message != NULL ? error->message : strerror(-status));
}

carnet_rc
carnet_bluez_call(carnet_bluez *bluez, const char *path, const char *interface, const char *member, int timeout_ms,
                  sd_bus_message **reply, carnet_err *err, const char *types, ...)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *message = NULL;
    carnet_rc rc = CARNET_OK;
    va_list list;
    int status = sd_bus_message_new_method_call(bluez->bus, &message, "org.bluez", path, interface, member);

    va_start(list, types);
    status = status < 0 ? status : sd_bus_message_appendv(message, types, list);
    va_end(list);
    status = status < 0 ? status : sd_bus_call(bluez->bus, message, (uint64_t)timeout_ms * 1000, &error, reply);
    if (status < 0) {
        rc = refuse(bluez, &error, status, err);
    }
    sd_bus_message_unref(message);
    sd_bus_error_free(&error);
    return rc;
}

bool
carnet_bluez_flag(carnet_bluez *bluez, const char *path, const char *name)
{
    int value = 0;

    return sd_bus_get_property_trivial(bluez->bus, "org.bluez", path, DEVICE, name, NULL, 'b', &value) >= 0 && value;
}

void
carnet_bluez_forget(carnet_bluez *bluez, const char *device)
{
    if (device[0] == 0 || bluez->gone) {
        return;
    }
    if (!carnet_bluez_flag(bluez, device, "Paired")) {
        (void)carnet_bluez_call(bluez, bluez->adapter, "org.bluez.Adapter1", "RemoveDevice", CARNET_BLUEZ_CALL_MS, NULL,
                                NULL, "o", device);
    }
}

void
carnet_bluez_forget_later(carnet_bluez *bluez, const char *device)
{
    if (device[0] != 0 && bluez->bus != NULL && !carnet_bluez_flag(bluez, device, "Paired")) {
        (void)sd_bus_call_method_async(bluez->bus, NULL, "org.bluez", bluez->adapter, "org.bluez.Adapter1",
                                       "RemoveDevice", NULL, NULL, "o", device);
    }
}

static int
read_uuids(sd_bus_message *m, const char *wanted, bool *offers)
{
    const char *uuid;
    int status = sd_bus_message_enter_container(m, 'v', "as");

    status = status < 0 ? status : sd_bus_message_enter_container(m, 'a', "s");
    while (status >= 0 && (status = sd_bus_message_read(m, "s", &uuid)) > 0) {
        *offers = *offers || (wanted != NULL && strcmp(uuid, wanted) == 0);
    }
    status = status < 0 ? status : sd_bus_message_exit_container(m);
    return status < 0 ? status : sd_bus_message_exit_container(m);
}

/* Where a property of that name belongs; NULL: it does not matter here. */
static const char **
text_member(carnet_bluez_object *object, const char *name)
{
    const struct {
        const char *name, **text;
    } known[] = { { "UUID", &object->uuid },
                  { "Address", &object->address },
                  { "AddressType", &object->address_type },
                  { "Service", &object->service },
                  { "Device", &object->device } };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            return known[i].text;
        }
    }
    return NULL;
}

static bool *
flag_member(carnet_bluez_object *object, const char *name)
{
    const struct {
        const char *name;
        bool *flag;
    } known[] = { { "Powered", &object->powered },
                  { "Connected", &object->connected },
                  { "ServicesResolved", &object->resolved },
                  { "Paired", &object->paired } };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            return known[i].flag;
        }
    }
    return NULL;
}

static int
read_property(sd_bus_message *m, const char *name, const char *uuid, carnet_bluez_object *object)
{
    const char *type = "", **text = text_member(object, name);
    bool *flag = flag_member(object, name);
    int value = 0, status = sd_bus_message_peek_type(m, NULL, &type);

    if (status < 0) {
        return status;
    }
    object->in_sight = object->in_sight || strcmp(name, "RSSI") == 0;
    if (text != NULL && (type[0] == 's' || type[0] == 'o')) {
        return sd_bus_message_read(m, "v", type, text);
    }
    if (flag != NULL && type[0] == 'b') {
        status = sd_bus_message_read(m, "v", "b", &value);
        *flag = value != 0;
        return status;
    }
    if (strcmp(name, "MTU") == 0 && type[0] == 'q') {
        return sd_bus_message_read(m, "v", "q", &object->mtu);
    }
    return strcmp(name, "UUIDs") == 0 ? read_uuids(m, uuid, &object->offers) : sd_bus_message_skip(m, "v");
}

static int
read_properties(sd_bus_message *m, const char *uuid, carnet_bluez_object *object)
{
    int status = sd_bus_message_enter_container(m, 'a', "{sv}");

    while (status >= 0 && (status = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char *name;

        status = sd_bus_message_read(m, "s", &name);
        status = status < 0 ? status : read_property(m, name, uuid, object);
        status = status < 0 ? status : sd_bus_message_exit_container(m);
    }
    return status < 0 ? status : sd_bus_message_exit_container(m);
}

static int
read_interfaces(sd_bus_message *m, const char *path, const char *uuid, carnet_bluez_visit *visit, void *context)
{
    int status = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");

    while (status >= 0 && (status = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
        carnet_bluez_object object = { .path = path };

        status = sd_bus_message_read(m, "s", &object.interface);
        status = status < 0 ? status : read_properties(m, uuid, &object);
        status = status < 0 ? status : sd_bus_message_exit_container(m);
        if (status >= 0) {
            visit(context, &object);
        }
    }
    return status < 0 ? status : sd_bus_message_exit_container(m);
}

carnet_rc
carnet_bluez_objects(carnet_bluez *bluez, const char *uuid, carnet_bluez_visit *visit, void *context, carnet_err *err)
{
    sd_bus_message *m = NULL;
    carnet_rc rc = carnet_bluez_call(bluez, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                     CARNET_BLUEZ_CALL_MS, &m, err, "");
    int status = 0;

    if (rc != CARNET_OK) {
        return rc;
    }
    status = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
    while (status >= 0 && (status = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
        const char *path;

        status = sd_bus_message_read(m, "o", &path);
        status = status < 0 ? status : read_interfaces(m, path, uuid, visit, context);
        status = status < 0 ? status : sd_bus_message_exit_container(m);
    }
    sd_bus_message_unref(m);
    return status < 0 ? carnet_fail(err, CARNET_E_LINK_IO, NULL, "BlueZ's list of objects cannot be read") : CARNET_OK;
}

/* --- the adapter --- */

typedef struct {
    carnet_bluez *bluez;
    const char *name; /* NULL: any */
    bool seen, powered;
} adapter_search;

static void
visit_adapter(void *context, const carnet_bluez_object *object)
{
    adapter_search *search = context;
    const char *name = strrchr(object->path, '/') + 1;

    if (strcmp(object->interface, "org.bluez.Adapter1") != 0 || search->powered ||
        (search->name != NULL && strcmp(search->name, name) != 0)) {
        return;
    }
    search->seen = true;
    search->powered = object->powered && object->address != NULL &&
                      carnet_bluez_address_parse(object->address, search->bluez->address) &&
                      carnet_bluez_put(search->bluez->adapter, CARNET_BLUEZ_PATH, object->path, "");
    search->bluez->address_random = object->address_type != NULL && strcmp(object->address_type, "random") == 0;
}

static carnet_rc
find_adapter(carnet_bluez *bluez, const char *name, carnet_err *err)
{
    adapter_search search = { .bluez = bluez, .name = name };
    carnet_rc rc = carnet_bluez_objects(bluez, NULL, visit_adapter, &search, err);

    if (rc != CARNET_OK || search.powered) {
        return rc;
    }
    return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL,
                       search.seen    ? "the Bluetooth adapter is switched off"
                       : name != NULL ? "there is no Bluetooth adapter of that name"
                                      : "there is no Bluetooth adapter");
}

/* --- signals --- */

static void
device_changed(carnet_bluez *bluez, const char *path, const carnet_bluez_object *now, bool told_connected)
{
    bluez->looks = true;
    for (size_t i = 0; i < bluez->side_count; i++) {
        carnet_bluez_side *side = bluez->sides[i];

        if (strcmp(side->device, path) == 0) {
            side->resolved = side->resolved || now->resolved;
            if (told_connected && !now->connected) {
                carnet_bluez_disconnected(side, 0);
            }
        }
    }
}

/* Which of two flags that stand for "no more" a signal has: presence, and value. */
static int
read_change(sd_bus_message *m, carnet_bluez_object *now, bool *connected, bool *powered)
{
    int status = sd_bus_message_enter_container(m, 'a', "{sv}");

    while (status >= 0 && (status = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
        const char *name;

        status = sd_bus_message_read(m, "s", &name);
        if (status >= 0) {
            *connected = *connected || strcmp(name, "Connected") == 0;
            *powered = *powered || strcmp(name, "Powered") == 0;
            status = read_property(m, name, NULL, now);
        }
        status = status < 0 ? status : sd_bus_message_exit_container(m);
    }
    return status;
}

static int
on_properties(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez *bluez = context;
    carnet_bluez_object now = { .path = sd_bus_message_get_path(m) };
    bool connected = false, powered = false;

    (void)error;
    if (sd_bus_message_read(m, "s", &now.interface) < 0 || read_change(m, &now, &connected, &powered) < 0) {
        return 0;
    }
    if (strcmp(now.interface, DEVICE) == 0) {
        device_changed(bluez, now.path, &now, connected);
    } else if (strcmp(now.path, bluez->adapter) == 0 && powered && !now.powered) {
        bluez->gone = true;
    }
    return 0;
}

static int
on_added(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez *bluez = context;

    (void)m;
    (void)error;
    bluez->looks = true;
    return 0;
}

static int
on_removed(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez *bluez = context;
    const char *path, *interface;
    const carnet_bluez_object nothing = { 0 };

    (void)error;
    if (sd_bus_message_read(m, "o", &path) < 0 || sd_bus_message_enter_container(m, 'a', "s") < 0) {
        return 0;
    }
    while (sd_bus_message_read(m, "s", &interface) > 0) {
        bluez->gone =
            bluez->gone || (strcmp(path, bluez->adapter) == 0 && strcmp(interface, "org.bluez.Adapter1") == 0);
        if (strcmp(interface, DEVICE) == 0) {
            device_changed(bluez, path, &nothing, true);
        }
    }
    return 0;
}

static int
on_owner(sd_bus_message *m, void *context, sd_bus_error *error)
{
    carnet_bluez *bluez = context;

    (void)m;
    (void)error;
    bluez->gone = true;
    return 0;
}

static carnet_rc
watch(carnet_bluez *bluez, carnet_err *err)
{
    static const struct {
        const char *rule;
        sd_bus_message_handler_t handler;
    } rules[] = {
        { "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',"
          "member='PropertiesChanged',path_namespace='/org/bluez'",
          on_properties },
        { "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesAdded'",
          on_added },
        { "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',"
          "member='InterfacesRemoved'",
          on_removed },
        { "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
          "member='NameOwnerChanged',arg0='org.bluez'",
          on_owner },
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        int status = sd_bus_add_match(bluez->bus, &bluez->matches[i], rules[i].rule, rules[i].handler, bluez);

        if (status < 0) {
            return carnet_fail(err, CARNET_E_LINK_IO, NULL, strerror(-status));
        }
    }
    return CARNET_OK;
}

carnet_rc
carnet_bluez_bus_open(carnet_bluez *bluez, const char *adapter, carnet_err *err)
{
    int status = sd_bus_open_system(&bluez->bus);
    carnet_rc rc;

    if (status < 0) {
        return carnet_fail(err, CARNET_E_LINK_ABSENT, NULL,
                           "there is no system D-Bus here, over which BlueZ is reached");
    }
    rc = find_adapter(bluez, adapter, err);
    return rc == CARNET_OK ? watch(bluez, err) : rc;
}

void
carnet_bluez_bus_close(carnet_bluez *bluez)
{
    for (size_t i = 0; i < sizeof bluez->matches / sizeof bluez->matches[0]; i++) {
        bluez->matches[i] = sd_bus_slot_unref(bluez->matches[i]);
    }
    bluez->bus = sd_bus_flush_close_unref(bluez->bus);
}
