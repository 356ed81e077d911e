/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A presentation asked for by a service: ask, and hear the verified answer
 * (ISO/IEC 23220-1 8.3, IS-3).  Each way by which the question reaches the
 * holder's app and the answer comes back is one carnet_presentation_way.
 *
 * A way keeps nothing: what it needs until the answer it hands over as `state`,
 * which the caller keeps sealed and gives back, at any instance of the
 * deployment and once only.  Ways are const and called by several threads.
 */
#ifndef CARNET_PRESENTATION_H
#define CARNET_PRESENTATION_H
#include "carnet/reader.h"
#include "carnet/service_part.h"
CARNET_BEGIN_DECLS

#define CARNET_PRESENTATION_DOCUMENTS 8      /**< asked for at most: any one of them is enough */
#define CARNET_PRESENTATION_ELEMENTS  32     /**< of one document */
#define CARNET_PRESENTATION_STATE     49152  /**< octets of a way's state at most */
#define CARNET_PRESENTATION_MESSAGE   262144 /**< octets of a message of the app at most */

/** An element that is asked for, and what comes of it. */
typedef struct carnet_presentation_element {
    carnet_requested_element asked;
    carnet_element_name claim; /**< attribute of the new document; empty: none */
} carnet_presentation_element;

/** A document that is taken: all elements of it are needed. */
typedef struct carnet_presentation_document {
    carnet_str doc_type;
    carnet_presentation_element elements[CARNET_PRESENTATION_ELEMENTS];
    size_t count;
    carnet_element_name subject; /**< empty: a keyed digest of all elements */
} carnet_presentation_document;

/** What is asked, by whom, and where the answer goes. */
typedef struct carnet_presentation_question {
    const carnet_presentation_document *documents;
    size_t count;
    const carnet_trust_anchors *anchors; /**< the roots that are trusted */
    const char *reader_key;              /**< key of the configuration that authenticates the request; NULL: none */
    carnet_str uri;                      /**< where the app sends */
    carnet_str domain;                   /**< host of that address: where the holder is */
    carnet_time now;
} carnet_presentation_question;

/** How a message was understood. */
typedef enum carnet_presentation_hearing {
    CARNET_PRESENTATION_FAILED = 0, /**< `why`; the question may be asked anew */
    CARNET_PRESENTATION_MORE,       /**< there is a reply to be sent, and more to come */
    CARNET_PRESENTATION_ANSWERED    /**< and verified */
} carnet_presentation_hearing;

typedef enum carnet_presentation_why {
    CARNET_PRESENTATION_SESSION = 1, /**< the message is none of this session */
    CARNET_PRESENTATION_USER,        /**< nothing was shown */
    CARNET_PRESENTATION_DOCUMENT,    /**< the document is not valid, or not of an issuer that is trusted */
    CARNET_PRESENTATION_PART,        /**< another document than was asked for, or a part of it */
} carnet_presentation_why;

typedef struct carnet_presentation_heard {
    carnet_presentation_hearing hearing;
    carnet_presentation_why why;                  /**< FAILED */
    const carnet_presentation_document *document; /**< ANSWERED: which of those asked for it is */
    carnet_span issuer_signed;                    /**< ANSWERED: verified, all elements are there */
} carnet_presentation_heard;

/** A way.  Grows at the end only. */
typedef struct carnet_presentation_way {
    size_t size;      /**< sizeof(carnet_presentation_way) of the implementer */
    const char *name; /**< in sessions and events */
    /** Begin: append to `state` what is to be kept. */
    carnet_rc (*ask)(const carnet_presentation_question *question, carnet_service_worker *worker, carnet_buf *state,
                     carnet_err *err);
    /** Append the address that starts the holder's app, shown as a link and as a QR code. */
    carnet_rc (*link)(carnet_span state, carnet_buf *link, carnet_err *err);
    /** Take a message of the app: `reply` goes back in any case, `next` is kept in place of `state` when there is more to
     *  come.  A failure means: not judged. */
    carnet_rc (*hear)(const carnet_presentation_question *question, carnet_service_worker *worker, carnet_span state,
                      carnet_span message, carnet_buf *next, carnet_buf *reply, carnet_presentation_heard *heard,
                      carnet_err *err);
} carnet_presentation_way;

/** 18013-7 Annex A: a ReaderEngagement, answered over HTTP. */
extern const carnet_presentation_way carnet_presentation_website;

/** The part, "presentation": the plug of user identification. */
extern const carnet_service_part carnet_presentation_part;

CARNET_END_DECLS
#endif
