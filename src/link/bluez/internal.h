/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share. */
#ifndef CARNET_BLUEZ_INTERNAL_H
#define CARNET_BLUEZ_INTERNAL_H
#include "carnet/link_bluez.h"
#include "link_io.h"

#include <systemd/sd-bus.h>

#define CARNET_BLUEZ_PATH     96    /* octets of an object's path, zero included */
#define CARNET_BLUEZ_SDU      16384 /* octets of the longest SDU taken */
#define CARNET_BLUEZ_CALL_MS  10000 /* the longest wait for BlueZ while a peer may have a say */
#define CARNET_BLUEZ_AT_ONCE  64    /* so many of a kind, then the others and the clock are looked at again */
#define CARNET_BLUEZ_RESCAN   1000  /* milliseconds after which a search is started afresh */
#define CARNET_BLUEZ_LONG_MTU 513   /* with a larger ATT_MTU a BlueZ server loses the longest values */

typedef struct carnet_bluez_side carnet_bluez_side;

/* A characteristic of ours, as an object on the bus. */
typedef struct carnet_bluez_served {
    carnet_bluez_side *side;
    carnet_ble_characteristic which;
    char path[CARNET_BLUEZ_PATH];
    char uuid[CARNET_BLE_UUID_TEXT];
} carnet_bluez_served;

/* One mode, being run. */
struct carnet_bluez_side {
    carnet_bluez *owner;
    carnet_ble ble;
    uint8_t *storage;
    size_t capacity;
    carnet_ble_action held;          /* taken from the machine, and not yet done */
    bool holding;                    /* there is one */
    int room_fd;                     /* it waits until this can be written; -1: it does not */
    int64_t tick;                    /* it is tried again then, if not before; INT64_MAX: nothing is waited for */
    char uuid[CARNET_BLE_UUID_TEXT]; /* of the service */
    char device[CARNET_BLUEZ_PATH];  /* the peer's object; empty: none */
    bool connected;                  /* as told to the machine */
    int notify[CARNET_BLE_CHARACTERISTICS]; /* sockets of AcquireNotify: a client's to read, a server's to write */

    /* server */
    char base[CARNET_BLUEZ_PATH]; /* above its objects */
    carnet_bluez_served served[CARNET_BLE_CHARACTERISTICS];
    sd_bus_slot *objects[CARNET_BLE_CHARACTERISTICS + 3];
    size_t object_count;
    sd_bus_slot *call; /* a registration that is not answered yet */
    bool registered, advertised, warned;

    /* client */
    bool scanning, resolved;
    int64_t scan_since;
    uint8_t address[6]; /* the peer's, least significant octet first */
    bool address_random;
    char characteristics[CARNET_BLE_CHARACTERISTICS][CARNET_BLUEZ_PATH];
    uint16_t mtu;
    int write_fd; /* socket of AcquireWrite */

    int channel; /* the L2CAP channel */
};

struct carnet_bluez {
    sd_bus *bus;
    sd_bus_slot *matches[4];
    char adapter[CARNET_BLUEZ_PATH];
    uint8_t address[6]; /* least significant octet first */
    bool address_random;
    bool gone;  /* the adapter, or BlueZ, is not there any more */
    bool looks; /* something changed among the devices */
    int listener;
    uint16_t psm;
    uint8_t *sdu; /* CARNET_BLUEZ_SDU octets */
    carnet_bluez_peer peer;
    carnet_bluez_side *sides[2];
    size_t side_count;
    size_t told_sent, told_received; /* of the messages under way, as last reported */
};

/* One interface of an object of BlueZ's, as far as it matters here. */
typedef struct carnet_bluez_object {
    const char *path, *interface;
    const char *uuid, *address, *address_type, *service, *device;
    bool powered, connected, resolved, paired, in_sight;
    bool offers; /* the UUID looked for is among its UUIDs */
    uint16_t mtu;
} carnet_bluez_object;
typedef void carnet_bluez_visit(void *context, const carnet_bluez_object *object);

/* What became of an action. */
typedef enum carnet_bluez_did { CARNET_BLUEZ_DONE, CARNET_BLUEZ_LATER } carnet_bluez_did;

/* bus.c */
carnet_rc carnet_bluez_bus_open(carnet_bluez *bluez, const char *adapter, carnet_err *err);
void carnet_bluez_bus_close(carnet_bluez *bluez);
/* Visit every adapter, device, service and characteristic; `uuid` may be NULL. */
carnet_rc carnet_bluez_objects(carnet_bluez *bluez, const char *uuid, carnet_bluez_visit *visit, void *context,
                               carnet_err *err);
/* Call BlueZ and wait for the answer; *reply may be NULL. */
carnet_rc carnet_bluez_call(carnet_bluez *bluez, const char *path, const char *interface, const char *member,
                            int timeout_ms, sd_bus_message **reply, carnet_err *err, const char *types, ...);
bool carnet_bluez_flag(carnet_bluez *bluez, const char *path, const char *name);
/* Remove what BlueZ remembers of the peer, unless it is paired; disconnects. */
void carnet_bluez_forget(carnet_bluez *bluez, const char *device);
/* The same of a device that was a peer and is gone, without waiting. */
void carnet_bluez_forget_later(carnet_bluez *bluez, const char *device);
/* Six octets, least significant first, of text such as 00:AA:01:00:00:42; false: it is none. */
bool carnet_bluez_address_parse(const char *text, uint8_t address[6]);
void carnet_bluez_device_path(const carnet_bluez *bluez, const uint8_t address[6], char path[CARNET_BLUEZ_PATH]);
bool carnet_bluez_put(char *out, size_t cap, const char *text, const char *more);

/* side.c */
carnet_bluez_side *carnet_bluez_side_new(carnet_bluez *owner, const carnet_ble_parameters *parameters);
void carnet_bluez_side_free(carnet_bluez_side **side);
void carnet_bluez_feed(carnet_bluez_side *side, carnet_ble_event_kind kind, carnet_ble_characteristic which,
                       uint32_t number, carnet_span value);
void carnet_bluez_connected(carnet_bluez_side *side);
void carnet_bluez_disconnected(carnet_bluez_side *side, uint32_t reason);
/* Take what has come on the side's sockets; true: something has. */
bool carnet_bluez_drain(carnet_bluez_side *side);
/* Do what the machine says, as far as it can be done now; true: something was. */
bool carnet_bluez_act(carnet_bluez_side *side);
/* Octets that a socket's other end has not taken yet. */
size_t carnet_bluez_queued(int fd);
/* Put a value into a socket shared with BlueZ. */
carnet_bluez_did carnet_bluez_put_value(carnet_bluez_side *side, int fd, carnet_span value);
void carnet_bluez_tell(const carnet_bluez *bluez, carnet_bluez_step step);
void carnet_bluez_close_fd(int *fd);

/* serve.c: a GATT server */
carnet_bluez_did carnet_bluez_advertise(carnet_bluez_side *side);
void carnet_bluez_hide(carnet_bluez_side *side);
void carnet_bluez_withdraw(carnet_bluez_side *side);
/* Is `device` the peer?  The first that asks becomes it. */
bool carnet_bluez_admit(carnet_bluez_side *side, const char *device, uint16_t mtu);

/* seek.c: a GATT client */
carnet_bluez_did carnet_bluez_seek(carnet_bluez_side *side);
void carnet_bluez_stop_scan(carnet_bluez_side *side);
carnet_bluez_did carnet_bluez_connect(carnet_bluez_side *side);
carnet_bluez_did carnet_bluez_discover(carnet_bluez_side *side);
void carnet_bluez_read(carnet_bluez_side *side);
void carnet_bluez_subscribe(carnet_bluez_side *side);
carnet_bluez_did carnet_bluez_write(carnet_bluez_side *side);

/* channel.c: L2CAP */
/* Leaves psm 0 where it cannot. */
void carnet_bluez_listen(carnet_bluez *bluez);
bool carnet_bluez_accept(carnet_bluez *bluez);
void carnet_bluez_channel_open(carnet_bluez_side *side);
carnet_bluez_did carnet_bluez_channel_send(carnet_bluez_side *side);
bool carnet_bluez_channel_drain(carnet_bluez_side *side);
/* Has all that was written left this machine's buffers? */
bool carnet_bluez_channel_empty(const carnet_bluez_side *side);

#endif
