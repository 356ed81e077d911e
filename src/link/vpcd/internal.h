/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CARNET_LINK_VPCD_INTERNAL_H
#define CARNET_LINK_VPCD_INTERNAL_H
#include "carnet/link_vpcd.h"
#include "carnet/type4_tag.h"

#define CARNET_VPCD_FRAME_MAX   65535 /**< octets that the driver's protocol carries at once */
#define CARNET_VPCD_MESSAGE_MAX 32767 /**< octets of a handover message */

/** What came from the driver. */
typedef enum carnet_vpcd_frame {
    CARNET_VPCD_COMMAND, /**< an APDU */
    CARNET_VPCD_FIELD    /**< the field was switched off or on, or the card reset */
} carnet_vpcd_frame;

typedef enum carnet_vpcd_application {
    CARNET_VPCD_NONE,
    CARNET_VPCD_TAG,
    CARNET_VPCD_TRANSFER
} carnet_vpcd_application;

struct carnet_vpcd {
    int fd;
    carnet_vpcd_application application; /**< selected */
    bool has_tag;
    bool waiting, failed; /**< the link: a command waits for the answer; nothing can follow */
    carnet_type4_tag tag;
    carnet_nfc_holder holder;
    carnet_err refused;
    size_t have;    /**< octets of the frame and its length that are there */
    carnet_buf out; /**< over response, behind room for a length */
    size_t offer_len;
    uint8_t offer[CARNET_VPCD_MESSAGE_MAX], request[CARNET_VPCD_MESSAGE_MAX];
    uint8_t frame[2 + CARNET_VPCD_FRAME_MAX];
    uint8_t response[2 + CARNET_TYPE4_RESPONSE_MAX];
};

/** Connect to the driver. */
carnet_rc carnet_vpcd_connect(const char *host, uint16_t port, int64_t deadline_ms, int *fd, carnet_err *err);
/** Take the next frame; after CARNET_E_LINK_TIMEOUT it can be called again. */
carnet_rc carnet_vpcd_take(carnet_vpcd *card, int64_t deadline_ms, carnet_vpcd_frame *frame, carnet_span *command,
                           carnet_err *err);
/** The next take() gives the same frame again. */
void carnet_vpcd_keep(carnet_vpcd *card);
/** An empty buffer for a response. */
carnet_buf *carnet_vpcd_respond(carnet_vpcd *card);
/** Give that response to the driver. */
carnet_rc carnet_vpcd_give(carnet_vpcd *card, int64_t deadline_ms, carnet_err *err);
/** A command for the data transfer: SELECT of its application, or any while that is selected. */
carnet_nfc_event carnet_vpcd_transfer(carnet_vpcd *card, carnet_span command);

#endif
