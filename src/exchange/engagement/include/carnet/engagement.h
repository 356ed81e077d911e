/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engagement: DeviceEngagement and ReaderEngagement (18013-5 9.1; 18013-7 A.1
 * to A.3) and the URIs that carry them (18013-5 9.3; 18013-7 A.4).
 *
 * Views point into the bytes they were opened on; those bytes, as received,
 * become DeviceEngagementBytes in the session transcript.  One view may be read
 * by several threads.
 */
#ifndef CARNET_ENGAGEMENT_H
#define CARNET_ENGAGEMENT_H
#include "carnet/cose_key.h"
CARNET_BEGIN_DECLS

/** What is odd in an engagement that was understood. */
enum {
    CARNET_ENGAGEMENT_METHOD_TWICE = 1,       /**< a (type, version) pair more than once */
    CARNET_ENGAGEMENT_METHOD_OPTIONS = 2,     /**< a method's options are not as its type demands: it is unusable */
    CARNET_ENGAGEMENT_CAPABILITIES_ALONE = 4, /**< Capabilities without OriginInfos */
    CARNET_ENGAGEMENT_VERSION_TOO_LOW = 8,    /**< members of version 1.1 under version 1.0 */
    CARNET_ENGAGEMENT_KEY_PARAMETERS = 16,    /**< EDeviceKey carries parameters it should not */
    CARNET_ENGAGEMENT_UNKNOWN_METHOD = 32,    /**< a retrieval method of a type not known: ignored */
    CARNET_ENGAGEMENT_MAC_KEYS_CURVES = 64,   /**< MacKeysCurves without MacKeysSupport */
    CARNET_ENGAGEMENT_KEY_FOREIGN = 128       /**< the key is no COSE_Key, but such as SubjectPublicKeyInfo: unusable */
};

/** Capabilities (18013-5 9.1; 18013-7 A.5): what the mdoc says it can do beyond the minimum. */
typedef struct carnet_capabilities {
    bool present, mac_keys_support, handover_session_establishment, reader_auth_all, extended_request;
    carnet_span mac_keys_curves; /**< array of COSE curve numbers as received; empty if absent */
} carnet_capabilities;

/** DeviceEngagement or ReaderEngagement. */
typedef struct carnet_engagement {
    carnet_span encoded;            /**< all of it, as received */
    carnet_str version;             /**< "1.0" or another 1.x */
    bool has_key;                   /**< there is a COSE_Key; a ReaderEngagement may do without */
    uint64_t cipher_suite;          /**< 1 */
    carnet_cbor_embedded key_bytes; /**< EDeviceKeyBytes or EReaderKeyBytes as received, tag 24 included */
    carnet_cose_key key;            /**< structure checked; the point when it is used */
    carnet_span methods;            /**< array of retrieval methods as received, or empty */
    carnet_span server_retrieval;   /**< map of the first edition's ServerRetrievalMethods, or empty */
    carnet_span origin_infos;       /**< array, or empty; has_origin_infos tells */
    bool has_origin_infos;
    carnet_capabilities capabilities;
    unsigned odd;      /**< CARNET_ENGAGEMENT_ bits */
    uint8_t cbor_seen; /**< CARNET_CBOR_ bits */
} carnet_engagement;

typedef enum carnet_method_type {
    CARNET_METHOD_NFC = 1,
    CARNET_METHOD_BLE = 2,
    CARNET_METHOD_WIFI_AWARE = 3,
    CARNET_METHOD_REST = 4
} carnet_method_type;

/** A retrieval method, its options read where the type is known. */
typedef struct carnet_retrieval_method {
    int64_t type, version;
    carnet_span options; /**< as received; a map if the method is usable */
    bool usable;         /**< known, and its options are as demanded */
    struct {
        uint64_t max_command, max_response; /**< data field lengths, octets */
    } nfc;
    struct {
        bool peripheral_server, central_client;
        carnet_span peripheral_server_uuid, central_client_uuid; /**< 16 octets each, or empty */
        carnet_span address; /**< 7 octets, or 6 where an NFC handover left out the kind of address, or empty */
        bool has_psm;
        uint64_t psm;
        bool peripheral_server_preferred; /**< of both modes the mdoc would rather have this one (NFC handover) */
    } ble;
    struct {
        carnet_str passphrase; /**< empty: derived */
        uint64_t operating_class, channel;
        bool has_operating_class, has_channel;
        carnet_span bands;
        carnet_span cipher_suites; /**< numbers of one octet each (NFC handover); empty: not said */
        uint16_t dh_group;         /**< 19: P-256 (NFC handover); 0: none */
        carnet_span dh_key;        /**< public key in that group; empty: none */
    } wifi_aware;
    carnet_str uri; /**< REST */
} carnet_retrieval_method;

/** Open a DeviceEngagement.  Refuses: an unknown major version, no Security, another cipher suite than 1, a key that is
 *  none or of a curve not for key agreement, more than 16 methods or OriginInfos, an OriginInfo type met twice; leaves
 *  odd things to `odd`. */
CARNET_API carnet_rc carnet_device_engagement_open(carnet_span cbor, carnet_engagement *view, carnet_err *err);
/** Open a ReaderEngagement; Security and methods may be absent (18013-7 A.1). */
CARNET_API carnet_rc carnet_reader_engagement_open(carnet_span cbor, carnet_engagement *view, carnet_err *err);
/** Step through the methods; start with *rest = view->methods.  False after the last. */
CARNET_API bool carnet_engagement_next_method(const carnet_engagement *view, carnet_span *rest,
                                              carnet_retrieval_method *method);
/** The domain named by an OriginInfo of type 1; ptr NULL if there is none (18013-7 A.3). */
CARNET_API carnet_str carnet_engagement_domain(const carnet_engagement *view);

/** A DeviceEngagement or ReaderEngagement to be built. */
typedef struct carnet_engagement_parameters {
    const carnet_public_key *key; /**< the ephemeral key; NULL only for a reader's poster */
    const carnet_span *methods;   /**< encoded retrieval methods, see below */
    size_t method_count;
    bool origin_infos;  /**< write OriginInfos, empty unless `domain` is given; makes it version 1.1 */
    const char *domain; /**< NULL: none */
    bool reader;        /**< a ReaderEngagement: version 1.1 always */
    bool reader_auth_all, extended_request; /**< capabilities; they make it version 1.1 with OriginInfos */
    bool handover_session_establishment;    /**< capability 2, likewise (18013-5 9.2.3) */
    bool mac_keys;                          /**< capability MacKeysSupport, likewise (18013-7 A.5) */
    const int *mac_keys_curves;             /**< COSE numbers of curves; they must not follow from the documents held */
    size_t mac_keys_curve_count;            /**< 0: no MacKeysCurves; otherwise mac_keys must be set */
} carnet_engagement_parameters;

/** Append an engagement.  The builder fails with CARNET_E_USAGE without a key, unless for a reader. */
CARNET_API void carnet_engagement_build(carnet_cbor_builder *b, const carnet_engagement_parameters *parameters);
/** Append a BLE method; a NULL UUID leaves the mode out, 16 octets otherwise (18013-5 11.1.2).  The builder
 *  fails with CARNET_E_USAGE without either. */
CARNET_API void carnet_method_build_ble(carnet_cbor_builder *b, const uint8_t *peripheral_server_uuid,
                                        const uint8_t *central_client_uuid);
/** Append an NFC method (18013-5 11.2): lengths in octets, 255 to 65535 and 256 to 65536; the builder fails with
 *  CARNET_E_USAGE otherwise. */
CARNET_API void carnet_method_build_nfc(carnet_cbor_builder *b, uint32_t max_command, uint32_t max_response);
/** Append a website method (18013-7 A.6.1). */
CARNET_API void carnet_method_build_rest(carnet_cbor_builder *b, carnet_str uri);
/** Append the method that the view says, with all its options: BLE with address and PSM, Wi-Fi Aware with its bands,
 *  which must be there but may be empty (ptr not NULL).  Members that only NFC handover has are left out.  The builder
 *  fails with CARNET_E_USAGE if a reader would find the method unusable. */
CARNET_API void carnet_method_build(carnet_cbor_builder *b, const carnet_retrieval_method *method);

/** What a URI turned out to be. */
typedef enum carnet_uri_kind {
    CARNET_URI_DEVICE_ENGAGEMENT, /**< mdoc:... */
    CARNET_URI_READER_ENGAGEMENT  /**< mdoc://... */
} carnet_uri_kind;

/** Append "mdoc:" (device) or "mdoc://" (reader) and the engagement in base64url. */
CARNET_API void carnet_engagement_uri_encode(carnet_uri_kind kind, carnet_span engagement, carnet_buf *out);
/** Append the engagement a URI carries.  The scheme is matched without regard to case (RFC 3986, 3.1).  Readers in the
 *  field write device engagements with slashes too: `kind` is decided by the scheme's form.  On failure nothing is added. */
CARNET_API carnet_rc carnet_engagement_uri_decode(carnet_str uri, carnet_uri_kind *kind, carnet_buf *out,
                                                  carnet_err *err);

/** Append an app link: the https URL `base`, with the reader engagement in base64url as "mdoc" in its query. */
CARNET_API void carnet_engagement_link_encode(carnet_str base, carnet_span reader_engagement, carnet_buf *out);
/** Append the reader engagement an app link carries.  CARNET_E_ENGAGEMENT_URI: not https, no "mdoc" in the query, or more
 *  than one.  On failure nothing is added. */
CARNET_API carnet_rc carnet_engagement_link_decode(carnet_str link, carnet_buf *out, carnet_err *err);

CARNET_END_DECLS
#endif
