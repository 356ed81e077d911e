/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include <bluetooth/bluetooth.h>
#include <bluetooth/hci.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static void
pause_ms(unsigned ms)
{
    const struct timespec pause = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

    nanosleep(&pause, NULL);
}

/* --- both parties --- */

static void
on_step(void *context, carnet_bluez_step step)
{
    party *who = context;

    who->steps |= 1u << step;
}

static void *
open_party(void *context)
{
    party *who = context;
    const carnet_bluez_peer peer = {
        .modes = who->modes, .mode_count = who->mode_count, .message_max = 65536, .tell = on_step, .tell_context = who
    };

    pause_ms(who->late_ms);
    who->rc = carnet_bluez_open(&who->bluez, &peer, &who->link, who->timeout_ms, &who->err);
    return NULL;
}

static carnet_ble_parameters
parameters_for(const pair_plan *plan, carnet_ble_mode mode, bool mdoc)
{
    static uint8_t transaction; /* each has a UUID of its own */
    carnet_ble_parameters made = { .mode = mode,
                                   .mdoc = mdoc,
                                   .server = (mode == CARNET_BLE_PERIPHERAL_SERVER) == mdoc,
                                   .service = { 0xa5, (uint8_t)mode, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14 },
                                   .l2cap = plan->way != WAY_GATT,
                                   .has_ident = true };

    transaction = (uint8_t)(transaction + mdoc);
    made.service[15] = transaction;
    memset(made.ident, plan->other_ident && !mdoc ? 0x22 : 0x11, sizeof made.ident);
    return made;
}

static void
take_adapter(party *who, const char *adapter, bool l2cap)
{
    who->adapter = adapter;
    assert_carnet_ok(carnet_bluez_new(&who->bluez, adapter, l2cap, &who->err), &who->err);
}

void
pair_open(pair *p, const pair_plan *plan)
{
    carnet_ble_mode other =
        plan->mode == CARNET_BLE_CENTRAL_CLIENT ? CARNET_BLE_PERIPHERAL_SERVER : CARNET_BLE_CENTRAL_CLIENT;
    pthread_t thread;

    *p = (pair){ .fds = count_fds() };
    take_adapter(&p->mdoc, "hci0", plan->way != WAY_GATT);
    take_adapter(&p->reader, "hci1", plan->way != WAY_GATT);
    p->mdoc.modes[p->mdoc.mode_count++] = parameters_for(plan, plan->mode, true);
    p->reader.modes[p->reader.mode_count++] = parameters_for(plan, plan->mode, false);
    if (plan->both_offered) {
        p->mdoc.modes[p->mdoc.mode_count] = parameters_for(plan, other, true);
        p->mdoc.modes[p->mdoc.mode_count++].service[2] = 99;
    }
    if (plan->way == WAY_CHANNEL_BY_ENGAGEMENT) {
        p->reader.modes[0].psm = carnet_bluez_psm(p->mdoc.bluez);
        p->reader.modes[0].has_address = true;
        carnet_bluez_address(p->mdoc.bluez, p->reader.modes[0].address, &p->reader.modes[0].address_random);
    }
    p->reader.late_ms = plan->reader_late_ms;
    p->mdoc.timeout_ms = p->reader.timeout_ms = plan->timeout_ms != 0 ? plan->timeout_ms : PATIENCE_MS;
    assert_int_equal(pthread_create(&thread, NULL, open_party, &p->mdoc), 0);
    open_party(&p->reader);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *
close_party(void *context)
{
    party *who = context;

    carnet_link_close(&who->link);
    carnet_bluez_free(&who->bluez);
    return NULL;
}

void
pair_close_only(pair *p)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, close_party, &p->mdoc), 0);
    close_party(&p->reader);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(count_fds(), p->fds);
}

void
pair_close(pair *p)
{
    pair_close_only(p);
    assert_nothing_left();
}

/* --- what is there --- */

size_t
count_fds(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

static uint64_t
adapter_property(sd_bus *bus, const char *path, const char *interface, const char *name, char type)
{
    union {
        int flag;
        uint8_t octet;
    } value = { 0 };

    (void)sd_bus_get_property_trivial(bus, "org.bluez", path, interface, name, NULL, type, &value);
    return type == 'b' ? (uint64_t)value.flag : value.octet;
}

/* Services of ours that an adapter still offers. */
static size_t
count_services(sd_bus *bus, const char *path)
{
    char **uuids = NULL;
    size_t count = 0;

    (void)sd_bus_get_property_strv(bus, "org.bluez", path, "org.bluez.Adapter1", "UUIDs", NULL, &uuids);
    for (size_t i = 0; uuids != NULL && uuids[i] != NULL; i++) {
        count += strncmp(uuids[i], "a5", 2) == 0;
        free(uuids[i]);
    }
    free(uuids);
    return count;
}

static void
count_interface(sd_bus *bus, const char *path, const char *interface, bluez_count *count)
{
    count->objects++;
    if (strcmp(interface, "org.bluez.Device1") == 0) {
        count->devices++;
        if (count->forget) {
            char adapter[64] = "";

            memcpy(adapter, path, strlen("/org/bluez/hci0"));
            (void)sd_bus_call_method(bus, "org.bluez", adapter, "org.bluez.Adapter1", "RemoveDevice", NULL, NULL, "o",
                                     path);
        }
    }
    if (strcmp(interface, "org.bluez.Adapter1") == 0) {
        count->searches += adapter_property(bus, path, interface, "Discovering", 'b');
        count->services += count_services(bus, path);
    } else if (strcmp(interface, "org.bluez.LEAdvertisingManager1") == 0) {
        count->advertisements += adapter_property(bus, path, interface, "ActiveInstances", 'y');
    }
}

static bluez_count
look(bool forget)
{
    bluez_count count = { .forget = forget };
    sd_bus *bus = NULL;
    sd_bus_message *m = NULL;
    const char *path, *interface;

    assert_true(sd_bus_open_system(&bus) >= 0);
    assert_true(sd_bus_call_method(bus, "org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
                                   NULL, &m, "") >= 0);
    assert_true(sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}") >= 0);
    while (sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}") > 0) {
        assert_true(sd_bus_message_read(m, "o", &path) > 0);
        assert_true(sd_bus_message_enter_container(m, 'a', "{sa{sv}}") >= 0);
        while (sd_bus_message_enter_container(m, 'e', "sa{sv}") > 0) {
            assert_true(sd_bus_message_read(m, "s", &interface) > 0);
            assert_true(sd_bus_message_skip(m, "a{sv}") >= 0);
            assert_true(sd_bus_message_exit_container(m) >= 0);
            count_interface(bus, path, interface, &count);
        }
        assert_true(sd_bus_message_exit_container(m) >= 0 && sd_bus_message_exit_container(m) >= 0);
    }
    sd_bus_message_unref(m);
    sd_bus_flush_close_unref(bus);
    return count;
}

bluez_count
count_bluez(void)
{
    return look(false);
}

void
forget_devices(void)
{
    (void)look(true);
}

void
assert_nothing_left(void)
{
    bluez_count count = { 0 };

    for (size_t tries = 0; tries < 50; tries++) {
        count = count_bluez();
        if (count.devices + count.advertisements + count.services + count.searches == 0) {
            return;
        }
        pause_ms(100);
    }
    fail_msg("left in BlueZ: %zu devices, %zu advertisements, %zu services, %zu searches", count.devices,
             count.advertisements, count.services, count.searches);
}

/* --- what goes wrong --- */

void
break_connection(void)
{
    /* The kernel's management channel: disconnect (0x0014) from index 0, by public LE address. */
    uint8_t command[] = { 0x14, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 1 };
    const struct sockaddr_hci control = { .hci_family = AF_BLUETOOTH, .hci_dev = HCI_DEV_NONE, .hci_channel = 3 };
    uint8_t answer[64];
    carnet_bluez *reader = NULL;
    bool random;
    int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, BTPROTO_HCI);

    assert_carnet_ok(carnet_bluez_new(&reader, "hci1", false, NULL), NULL);
    carnet_bluez_address(reader, command + 6, &random);
    carnet_bluez_free(&reader);
    for (size_t i = 0; i < 3; i++) {
        uint8_t octet = command[6 + i];

        command[6 + i] = command[11 - i];
        command[11 - i] = octet;
    }
    assert_true(fd >= 0 && bind(fd, (const struct sockaddr *)&control, sizeof control) == 0);
    assert_int_equal(write(fd, command, sizeof command), sizeof command);
    assert_true(read(fd, answer, sizeof answer) > 0);
    close(fd);
}

void
set_power(const char *adapter, bool on)
{
    char path[64];
    sd_bus *bus = NULL;

    snprintf(path, sizeof path, "/org/bluez/%s", adapter);
    assert_true(sd_bus_open_system(&bus) >= 0);
    assert_true(sd_bus_set_property(bus, "org.bluez", path, "org.bluez.Adapter1", "Powered", NULL, "b", on) >= 0);
    sd_bus_flush_close_unref(bus);
}
