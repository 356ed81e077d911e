/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader terminal in one file: a barrier that opens for people over 18.
 *
 * It is linked with the terminal profile (-Dprofile=terminal), has no heap and
 * keeps everything it needs in one struct.  What the board has - a camera, a
 * radio, a clock - comes in as functions; here they are the program's arguments
 * and its standard input and output, a message being four octets of length, the
 * most significant first, and its bytes.
 *
 *     terminal IACA.der SECONDS-SINCE-1970 mdoc:... <from-holder >to-holder
 */
#include <carnet/anchor_store.h>
#include <carnet/policy.h>
#include <carnet/reader.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { MESSAGE_MAX = 65536, ENTRIES = 2 * CARNET_REPORT_DOCUMENT_ENTRIES };

typedef struct terminal {
    carnet_crypto crypto;
    carnet_anchor_store store;
    carnet_anchor anchors[4];
    carnet_span lists[4];
    carnet_remembered_chain chains[8];
    carnet_chain_memory memory;
    carnet_reader reader;
    carnet_report_entry entries[ENTRIES];
    carnet_report report;
    uint8_t iaca[2048], engagement[1024], storage[2048], scratch[1024], request[1024], message[MESSAGE_MAX];
} terminal;

/* --- the board --- */

static bool
receive_all(uint8_t *to, size_t len)
{
    ssize_t got;

    for (; len > 0; to += got, len -= (size_t)got)
        if ((got = read(STDIN_FILENO, to, len)) <= 0)
            return false;
    return true;
}

static size_t
receive_message(uint8_t *to, size_t cap)
{
    uint8_t head[4];
    size_t len;

    if (!receive_all(head, sizeof(head)))
        return 0;
    len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    return len <= cap && receive_all(to, len) ? len : 0;
}

static bool
send_message(const carnet_cbor_builder *message)
{
    const uint8_t head[4] = { (uint8_t)(message->len >> 24), (uint8_t)(message->len >> 16),
                              (uint8_t)(message->len >> 8), (uint8_t)message->len };

    return message->rc == CARNET_OK && write(STDOUT_FILENO, head, 4) == 4 &&
           write(STDOUT_FILENO, message->ptr, message->len) == (ssize_t)message->len;
}

/* --- the reading --- */

static carnet_rc
trust(terminal *t, const char *path, carnet_err *err)
{
    int file = open(path, O_RDONLY);
    ssize_t len = file < 0 ? -1 : read(file, t->iaca, sizeof(t->iaca));

    carnet_anchor_store_init(&t->store, t->anchors, CARNET_COUNT(t->anchors), t->lists, CARNET_COUNT(t->lists));
    if (len < 0)
        return CARNET_E_TRUST_ANCHOR;
    close(file);
    return carnet_anchor_store_add(&t->store, carnet_span_of(t->iaca, (size_t)len), carnet_str_of(""), err);
}

/* One question, and nothing that tells who it is. */
static carnet_rc
ask(terminal *t, carnet_err *err)
{
    const carnet_requested_element over_18 = { carnet_str_of("org.iso.18013.5.1"), carnet_str_of("age_over_18"),
                                               false };
    const carnet_doc_request_draft licence = { .doc_type = carnet_str_of("org.iso.18013.5.1.mDL"),
                                               .elements = &over_18,
                                               .count = 1 };
    const carnet_device_request_draft draft = { .documents = &licence, .count = 1 };
    carnet_buf scratch = carnet_buf_of(t->scratch, sizeof(t->scratch));
    carnet_cbor_builder message = carnet_cbor_build(t->request, sizeof(t->request));
    carnet_rc rc = carnet_reader_request(&t->reader, &draft, &scratch, &message, err);

    return rc == CARNET_OK && !send_message(&message) ? CARNET_E_LINK_IO : rc;
}

static carnet_rc
judge(terminal *t, carnet_span response, carnet_time now, carnet_err *err)
{
    const carnet_trust_anchors anchors = carnet_anchor_store_anchors(&t->store);
    const carnet_verification with = {
        .struct_size = sizeof(with), .crypto = &t->crypto, .anchors = &anchors, .memory = &t->memory
    };

    carnet_report_init(&t->report, t->entries, ENTRIES, now, 60);
    return carnet_reader_judge(&t->reader, &with, response, carnet_span_of(NULL, 0), &t->report, err);
}

/* True if an element, which the issuer signed, is there and true.  Only asked of a response that was judged good. */
static bool
says_yes(carnet_span response, const char *name_space, const char *identifier)
{
    static const uint8_t yes[] = { 0xf5 };
    carnet_device_response view;
    carnet_document document;
    carnet_issuer_signed held;
    carnet_issuer_signed_item item;

    return carnet_device_response_open(response, 0, &view, NULL) == CARNET_OK &&
           carnet_document_open(carnet_device_response_document(&view, 0), 0, &document, NULL) == CARNET_OK &&
           carnet_issuer_signed_open(document.issuer_signed, 0, &held, NULL) == CARNET_OK &&
           carnet_issuer_signed_find(&held, carnet_str_of(name_space), carnet_str_of(identifier), &item) &&
           carnet_span_equal(item.value, carnet_span_of(yes, sizeof(yes)));
}

/* From the code that was scanned to the barrier: *open is false unless everything was good. */
static carnet_rc
pass(terminal *t, const char *uri, carnet_time now, bool *open, carnet_err *err)
{
    static const carnet_policy policy = { .name = "barrier" };
    carnet_buf engagement = carnet_buf_of(t->engagement, sizeof(t->engagement));
    carnet_buf storage = carnet_buf_of(t->storage, sizeof(t->storage));
    carnet_uri_kind kind;
    carnet_span response;
    uint64_t status;
    carnet_rc rc;

    *open = false;
    if ((rc = carnet_engagement_uri_decode(carnet_str_of(uri), &kind, &engagement, err)) != CARNET_OK ||
        (rc = carnet_reader_engage(&t->reader, &t->crypto, carnet_buf_span(&engagement), NULL, &storage, err)) !=
            CARNET_OK ||
        (rc = ask(t, err)) != CARNET_OK ||
        (rc = carnet_reader_receive(&t->reader, t->message, receive_message(t->message, MESSAGE_MAX), &response,
                                    &status, err)) != CARNET_OK ||
        (rc = judge(t, response, now, err)) != CARNET_OK)
        return rc;
    *open = carnet_policy_judge(&policy, &t->report, CARNET_NO_DOCUMENT) == CARNET_VERDICT_VALID &&
            says_yes(response, "org.iso.18013.5.1", "age_over_18");
    return CARNET_OK;
}

int
main(int argc, char **argv)
{
    static terminal t;
    carnet_err err = { 0 };
    bool open = false;
    carnet_rc rc;

    if (argc != 4)
        return 2;
    carnet_chain_memory_init(&t.memory, t.chains, CARNET_COUNT(t.chains));
    rc = carnet_crypto_init(&t.crypto, &err);
    if (rc == CARNET_OK)
        rc = trust(&t, argv[1], &err);
    if (rc == CARNET_OK)
        rc = pass(&t, argv[3], strtoll(argv[2], NULL, 10), &open, &err);
    carnet_reader_done(&t.reader);
    carnet_crypto_done(&t.crypto);
    return rc != CARNET_OK ? 3 : open ? 0 : 1;
}
