/* SPDX-License-Identifier: Apache-2.0 */
/* What of a link over BlueZ needs no Bluetooth: addresses and paths, and what is said where BlueZ is not there. */
#include "internal.h"
#include "support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- a D-Bus of our own --- */

static pid_t daemon_pid;
static char directory[] = "/tmp/carnet-bus-XXXXXX";

static const char configuration[] =
    "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
    " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
    "<busconfig><type>session</type><listen>unix:path=%s/bus</listen>\n"
    "<policy context=\"default\"><allow send_destination=\"*\"/><allow receive_type=\"method_return\"/><allow "
    "receive_type=\"error\"/>"
    "<allow receive_type=\"signal\"/><allow own=\"*\"/></policy></busconfig>\n";

static void
write_configuration(const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fprintf(file, configuration, directory) > 0);
    assert_int_equal(fclose(file), 0);
}

/* dbus-daemon says on its output when it can be reached. */
static void
start_bus(const char *path)
{
    int ready[2];
    char octet;

    assert_int_equal(pipe(ready), 0);
    daemon_pid = fork();
    assert_true(daemon_pid >= 0);
    if (daemon_pid == 0) {
        dup2(ready[1], 3);
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2); /* it says that it may not open 65,536 files */
        execlp("dbus-daemon", "dbus-daemon", "--nofork", "--nopidfile", "--print-address=3", "--config-file", path,
               (char *)NULL);
        _exit(127);
    }
    close(ready[1]);
    if (read(ready[0], &octet, 1) != 1) {
        close(ready[0]);
        waitpid(daemon_pid, NULL, 0);
        daemon_pid = 0;
        carnet_test_skip("dbus-daemon cannot be started");
    }
    close(ready[0]);
}

static void
with_bus(void)
{
    char path[128];

    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/bus.conf", directory);
    write_configuration(path);
    start_bus(path);
    snprintf(path, sizeof path, "unix:path=%s/bus", directory);
    assert_int_equal(setenv("DBUS_SYSTEM_BUS_ADDRESS", path, 1), 0);
}

static int
without_bus(void **state)
{
    char path[128];

    (void)state;
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
    if (daemon_pid > 0) {
        kill(daemon_pid, SIGTERM);
        waitpid(daemon_pid, NULL, 0);
    }
    snprintf(path, sizeof path, "%s/bus.conf", directory);
    unlink(path);
    snprintf(path, sizeof path, "%s/bus", directory);
    unlink(path);
    return rmdir(directory);
}

/* --- tests --- */

static void
bluez_not_running(void **state)
{
    carnet_bluez *bluez = (carnet_bluez *)&daemon_pid;
    carnet_err err;

    (void)state;
    with_bus();
    assert_carnet_rc(carnet_bluez_new(&bluez, NULL, false, &err), CARNET_E_LINK_ABSENT);
    assert_null(bluez);
    assert_non_null(strstr(err.reason, "bluetoothd"));
    assert_carnet_rc(carnet_bluez_new(&bluez, "hci0", true, &err), CARNET_E_LINK_ABSENT);
    assert_null(bluez);
}

static void
no_bus(void **state)
{
    carnet_bluez *bluez = NULL;
    carnet_err err;

    (void)state;
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    assert_carnet_rc(carnet_bluez_new(&bluez, NULL, false, &err), CARNET_E_LINK_ABSENT);
    assert_non_null(strstr(err.reason, "D-Bus"));
    unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

static void
addresses(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "00:AA:01:0b:00:42", true },   { "FF:FF:FF:FF:FF:FF", true },   { "", false },
        { "00:AA:01:00:00", false },     { "00:AA:01:00:00:4", false },   { "00:AA:01:00:00:42:", false },
        { "00-AA-01-00-00-42", false },  { "00:AA:01:00:00:4G", false },  { " 0:AA:01:00:00:42", false },
        { "00:AA:01:00:00:42 ", false }, { "000AA:01:00:00:42x", false }, { "00:AA:01:00:00 42", false },
    };
    carnet_bluez bluez = { .adapter = "/org/bluez/hci3" };
    char path[CARNET_BLUEZ_PATH];
    uint8_t address[6];

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        memset(address, 0x77, sizeof address);
        assert_int_equal(carnet_bluez_address_parse(cases[i].text, address), cases[i].good);
        assert_int_equal(address[0] == 0x77, !cases[i].good); /* untouched if refused */
    }
    assert_true(carnet_bluez_address_parse("00:AA:01:0b:00:42", address));
    assert_span_equal(carnet_span_of(address, 6), carnet_test_hex("42000b01aa00"));
    carnet_bluez_device_path(&bluez, address, path);
    assert_string_equal(path, "/org/bluez/hci3/dev_00_AA_01_0B_00_42");
}

static void
paths_that_do_not_fit(void **state)
{
    char path[8] = "before";

    (void)state;
    assert_true(carnet_bluez_put(path, sizeof path, "abc", "defg"));
    assert_string_equal(path, "abcdefg");
    assert_false(carnet_bluez_put(path, sizeof path, "abc", "defgh"));
    assert_string_equal(path, "");
}

static void
address_of_the_adapter(void **state)
{
    const carnet_bluez bluez = { .address = { 6, 5, 4, 3, 2, 1 }, .address_random = true, .psm = 0x81 };
    uint8_t address[6];
    bool random = false;

    (void)state;
    carnet_bluez_address(&bluez, address, &random);
    assert_span_equal(carnet_span_of(address, 6), carnet_test_hex("010203040506"));
    assert_true(random);
    assert_int_equal(carnet_bluez_psm(&bluez), 0x81);
}

static void
modes_refused(void **state)
{
    static const carnet_ble_parameters servers[2] = { { .mode = CARNET_BLE_PERIPHERAL_SERVER, .server = true },
                                                      { .mode = CARNET_BLE_CENTRAL_CLIENT, .server = true } };
    carnet_bluez bluez = { .listener = -1 }, *used = &bluez;
    carnet_link link;

    (void)state;
    for (size_t count = 0; count <= 3; count++) {
        const carnet_bluez_peer peer = { .modes = servers, .mode_count = count };

        if (count != 1) {
            assert_carnet_rc(carnet_bluez_open(&used, &peer, &link, 0, NULL), CARNET_E_USAGE);
            assert_null(link.ops);
            assert_ptr_equal(used, &bluez);
        }
    }
}

static void
freeing_nothing(void **state)
{
    carnet_bluez *none = NULL;
    carnet_bluez_side *side = NULL;

    (void)state;
    carnet_bluez_free(&none);
    carnet_bluez_side_free(&side);
    assert_null(none);
}

static void
sides_take_bluez_limits(void **state)
{
    carnet_bluez bluez = { .psm = 0x90, .peer = { .message_max = 4096 } };
    carnet_ble_parameters given = { .mode = CARNET_BLE_PERIPHERAL_SERVER, .mdoc = true, .server = true };
    carnet_bluez_side *side;

    (void)state;
    for (size_t i = 0; i < 16; i++) {
        given.service[i] = (uint8_t)(0x10 + i);
    }
    side = carnet_bluez_side_new(&bluez, &given);
    assert_non_null(side);
    assert_string_equal(side->uuid, "10111213-1415-1617-1819-1a1b1c1d1e1f");
    assert_int_equal(side->ble.parameters.psm, 0x90);
    assert_int_equal(side->ble.parameters.part_max, CARNET_BLE_BLUEZ_PART_MAX);
    assert_int_equal(side->ble.parameters.att_header, CARNET_BLE_BLUEZ_NOTIFY_HEADER);
    assert_true(side->capacity >= 4096);
    side->owner->gone = true; /* no bus to say goodbye on */
    carnet_bluez_side_free(&side);
    assert_null(side);
    bluez.gone = false;
    given = (carnet_ble_parameters){ .mode = CARNET_BLE_PERIPHERAL_SERVER, .part_max = 100 };
    side = carnet_bluez_side_new(&bluez, &given);
    assert_int_equal(side->ble.parameters.psm, 0);
    assert_int_equal(side->ble.parameters.part_max, 100); /* what the caller set stays */
    assert_int_equal(side->ble.parameters.att_header, 0);
    side->owner->gone = true;
    carnet_bluez_side_free(&side);
}

static void
no_channels(void **state)
{
    carnet_bluez bluez = { .listener = -1, .address = { 1, 2, 3, 4, 5, 6 } };
    int fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    (void)state;
    if (fd >= 0) {
        close(fd);
        carnet_test_skip("this kernel has L2CAP");
    }
    carnet_bluez_listen(&bluez);
    assert_int_equal(bluez.psm, 0);
    assert_int_equal(bluez.listener, -1);
    assert_false(carnet_bluez_accept(&bluez));
}

static void
count_warnings(void *context, carnet_bluez_step step)
{
    unsigned *told = context;

    told[step]++;
}

static void
a_server_has_one_peer(void **state)
{
    unsigned told[CARNET_BLUEZ_LOSSY + 1] = { 0 };
    carnet_bluez bluez = { .peer = { .message_max = 4096, .tell = count_warnings, .tell_context = told } };
    const carnet_ble_parameters given = { .mode = CARNET_BLE_PERIPHERAL_SERVER, .mdoc = true, .server = true };
    carnet_bluez_side *side = carnet_bluez_side_new(&bluez, &given);

    (void)state;
    assert_non_null(side);
    assert_false(carnet_bluez_admit(side, "", 185)); /* BlueZ did not say whose call it is */
    assert_true(carnet_bluez_admit(side, "/org/bluez/hci0/dev_A", 185));
    assert_true(carnet_bluez_admit(side, "/org/bluez/hci0/dev_A", 0));
    assert_int_equal(side->ble.mtu, 185);
    assert_false(carnet_bluez_admit(side, "/org/bluez/hci0/dev_B", 23));
    assert_int_equal(side->ble.mtu, 185);
    assert_int_equal(told[CARNET_BLUEZ_CONNECTED], 1);
    carnet_bluez_disconnected(side, 0);
    assert_int_equal(side->ble.phase, CARNET_BLE_SETUP); /* awaited anew */
    assert_true(carnet_bluez_admit(side, "/org/bluez/hci0/dev_B", 23));
    assert_false(carnet_bluez_admit(side, "/org/bluez/hci0/dev_A", 23));
    assert_int_equal(told[CARNET_BLUEZ_CONNECTED], 2);
    bluez.gone = true;
    carnet_bluez_side_free(&side);
}

static void
lossy_is_said_once(void **state)
{
    static const struct {
        uint16_t mtu;
        unsigned warnings;
    } cases[] = { { 23, 0 }, { 513, 0 }, { 514, 1 }, { 517, 1 } };

    (void)state;
    for (size_t i = 0; i < CARNET_COUNT(cases); i++) {
        unsigned told[CARNET_BLUEZ_LOSSY + 1] = { 0 };
        carnet_bluez bluez = { .peer = { .message_max = 4096, .tell = count_warnings, .tell_context = told } };
        const carnet_ble_parameters given = { .mode = CARNET_BLE_CENTRAL_CLIENT, .server = true };
        carnet_bluez_side *side = carnet_bluez_side_new(&bluez, &given);

        assert_non_null(side);
        assert_true(carnet_bluez_admit(side, "/a", cases[i].mtu));
        assert_true(carnet_bluez_admit(side, "/a", cases[i].mtu));
        assert_int_equal(told[CARNET_BLUEZ_LOSSY], cases[i].warnings);
        bluez.gone = true;
        carnet_bluez_side_free(&side);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        { "without bluetoothd an adapter is absent, and the error says so", bluez_not_running, NULL, without_bus,
          NULL },
        { "without D-Bus an adapter is absent, and the error says so", no_bus, NULL, NULL, NULL },
        { "addresses are read strictly and make a device's path", addresses, NULL, NULL, NULL },
        { "a path that does not fit is empty", paths_that_do_not_fit, NULL, NULL, NULL },
        { "an engagement has the address the other way round", address_of_the_adapter, NULL, NULL, NULL },
        { "no mode, three modes or two servers are refused", modes_refused, NULL, NULL, NULL },
        { "freeing nothing does nothing", freeing_nothing, NULL, NULL, NULL },
        { "without L2CAP in the kernel there is no PSM", no_channels, NULL, NULL, NULL },
        { "a server serves one device until that disconnects", a_server_has_one_peer, NULL, NULL, NULL },
        { "a warning is given where BlueZ would lose long values", lossy_is_said_once, NULL, NULL, NULL },
        { "a side keeps to the limits of BlueZ unless told others", sides_take_bluez_limits, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests_name("links over BLE, without BlueZ", tests, NULL, NULL);
}
