/* SPDX-License-Identifier: Apache-2.0 */
/* Between links that are not alike: versions, flavours, framings, carriers, PIN blocks, MACs. */
#include "carnet/pin_block.h"
#include "carnet/vector_carrier.h"
#include "world.h"

#include <stdio.h>
#include <string.h>

static issuer bank;
static switch_world sw;
static terminal atm;
static written here, there; /* the terminals' link, and the issuer's */

#define MAC_KEY "000102030405060708090a0b0c0d0e0f"
#define PIN_A   "0123456789abcdeffedcba9876543210"
#define PIN_B   "a1a2a3a4a5a6a7a8b1b2b3b4b5b6b7b8"

static char *
text(const char *of)
{
    return (char *)(uintptr_t)of;
}

static char *
key_file(const char *name, const char *key)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];
    FILE *file;

    (void)snprintf(path, 128, "%s/%s", sw.folder, name);
    assert_non_null(file = fopen(path, "w"));
    assert_true(fprintf(file, "%s\n", key) > 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void
set(carnet_config_payment_link *link, const written *how, const char *flavour, const char *framing)
{
    static const char *const versions[] = { "1987", "1993", "2003" };

    link->version = text(versions[how->spec->version]);
    link->flavour = text(flavour);
    link->framing = text(framing);
}

typedef struct side {
    carnet_iso8583_version version;
    const char *flavour, *framing;
} side;

static void
begin(side terminals, side issuers)
{
    memset(&bank, 0, sizeof(bank));
    written_as(&here, terminals.version, terminals.flavour, terminals.framing);
    written_as(&there, issuers.version, issuers.flavour, issuers.framing);
    issuer_begin(&bank, &there, 0);
    assert_int_equal(switch_begin(&sw, bank.port), 0);
    set(&sw.terminals[0], &here, terminals.flavour, terminals.framing);
    set(&sw.issuers[0], &there, issuers.flavour, issuers.framing);
}

static void
start(void)
{
    switch_start(&sw);
    switch_until_up(&sw);
    terminal_begin(&atm, &here, sw.port);
}

static void
end(void)
{
    terminal_end(&atm);
    assert_int_equal(switch_end(&sw), 0);
    issuer_end(&bank);
}

static const side text_1987 = { CARNET_ISO8583_1987, "ascii", "post" },
                  packed_1993 = { CARNET_ISO8583_1993, "bcd", "nac" },
                  wide_2003 = { CARNET_ISO8583_2003, "ascii", "ascii4" };

/* The last message of a class that the issuer was sent. */
static carnet_iso8583_message
got(unsigned class)
{
    const received *r = issuer_message(&bank, class, issuer_count(&bank, class) - 1);
    carnet_iso8583_message m;

    message_parse(&there, carnet_span_of(r->octets, r->len), &m);
    return m;
}

static void
assert_has(const carnet_iso8583_message *m, const element *elements)
{
    for (; elements->number != 0; elements++)
        if (elements->text == NULL ? carnet_iso8583_has(m, elements->number)
                                   : !carnet_iso8583_is(m, elements->number, elements->text))
            fail_msg("DE %u is not %s", elements->number, elements->text != NULL ? elements->text : "absent");
}

static void
a_withdrawal_of_1987_becomes_one_of_1993_and_back(void **state)
{
    static const element expected[] = { { 2, "9999401234567890" },
                                        { 3, "011000" },
                                        { 4, "000000020000" },
                                        { 7, "1121140509" },
                                        { 11, "000042" },
                                        { 13, NULL },
                                        { 18, NULL },
                                        { 22, "V3020033314C" },
                                        { 24, "200" },
                                        { 26, "6011" },
                                        { 32, "990001" },
                                        { 37, "632514000042" },
                                        { 41, "ATM00001" },
                                        { 49, "978" },
                                        { 0, NULL } };
    static const element answered[] = { { 7, "1121140509" }, { 11, "000042" }, { 12, "150509" },      { 13, "1121" },
                                        { 38, "123456" },    { 39, "00" },     { 4, "000000020000" }, { 0, NULL } };
    uint8_t room_octets[32];
    carnet_buf room = carnet_buf_of(room_octets, sizeof(room_octets));
    carnet_iso8583_message m;
    carnet_str time;

    (void)state;
    begin(text_1987, packed_1993);
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    m = got(2);
    assert_int_equal(m.mti, 0x1200);
    assert_has(&m, expected);
    time = carnet_iso8583_text(&m, 12, &room);
    assert_int_equal(time.len, 12);
    assert_memory_equal(time.ptr + 2, "1121140509", 10);
    assert_int_equal(atm.message.mti, 0x0210);
    assert_has(&atm.message, answered);
    end();
}

static void
a_reversal_names_what_it_reverses_in_either_version(void **state)
{
    static const element expected[] = { { 24, "400" },    { 25, "4021" },        { 39, NULL }, { 90, NULL },
                                        { 11, "000042" }, { 4, "000000020000" }, { 0, NULL } };
    uint8_t room_octets[64];
    carnet_buf room = carnet_buf_of(room_octets, sizeof(room_octets));
    carnet_iso8583_message m, original;
    carnet_str name, time;

    (void)state;
    begin(text_1987, packed_1993);
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000042")), "00");
    issuer_until(&bank, 4, 1);
    m = got(4);
    original = got(2);
    assert_int_equal(m.mti, 0x1420);
    assert_has(&m, expected);
    name = carnet_iso8583_text(&m, 56, &room);
    time = carnet_iso8583_text(&original, 12, &room);
    assert_int_equal(name.len, 30);
    assert_memory_equal(name.ptr, "1200000042", 10);
    assert_memory_equal(name.ptr + 10, time.ptr, 12); /* by which the issuer knows it */
    assert_memory_equal(name.ptr + 22, "06990001", 8);
    end();
}

static void
a_part_that_was_handed_out_is_told_in_either_version(void **state)
{
    static element part[20];
    static const element expected[] = { { 4, "000000005000" }, { 30, "000000020000000000000000" },
                                        { 24, "401" },         { 25, "4004" },
                                        { 95, NULL },          { 0, NULL } };
    const element *whole = reversal("000042");
    carnet_iso8583_message m;
    size_t n = 0;

    (void)state;
    for (; whole[n].number != 0; n++)
        part[n] = whole[n].number == 39 ? (element){ 39, "32" } : whole[n];
    part[n++] = (element){ 95, "000000005000000000000000000000000000000000" };
    part[n] = (element){ 0, NULL };
    begin(text_1987, packed_1993);
    start();
    assert_string_equal(terminal_ask(&atm, "0420", part), "00");
    issuer_until(&bank, 4, 1);
    m = got(4);
    assert_has(&m, expected);
    end();
}

static const element *
withdrawal_1993(const char *trace)
{
    static element list[] = {
        { 2, "9999401234567890" }, { 3, "011000" },        { 4, "000000020000" }, { 7, "1121140509" }, { 11, "" },
        { 12, "261121150509" },    { 22, "V3020033314C" }, { 24, "200" },         { 26, "6011" },      { 32, "990001" },
        { 37, "632514000042" },    { 41, "ATM00001" },     { 49, "978" },         { 0, NULL }
    };

    list[4].text = trace;
    return list;
}

static void
a_withdrawal_of_1993_becomes_one_of_1987_and_back(void **state)
{
    static const element expected[] = { { 7, "1121150509" }, { 12, "150509" }, { 13, "1121" },
                                        { 18, "6011" },      { 22, "821" },    { 24, NULL },
                                        { 26, NULL },        { 49, "978" },    { 0, NULL } };
    static const element back[] = { { 12, "261121150509" }, { 7, "1121140509" }, { 39, "116" }, { 0, NULL } };
    static const element reverse[] = { { 2, "9999401234567890" },
                                       { 3, "011000" },
                                       { 4, "000000020000" },
                                       { 7, "1121140609" },
                                       { 11, "000043" },
                                       { 12, "261121150609" },
                                       { 24, "400" },
                                       { 25, "4021" },
                                       { 41, "ATM00001" },
                                       { 49, "978" },
                                       { 56, "120000004226112115050906990001" },
                                       { 0, NULL } };
    static const element reversed[] = { { 39, "68" },
                                        { 90, "020000004211211505090000099000100000000000" },
                                        { 0, NULL } };
    carnet_iso8583_message m;

    (void)state;
    begin(packed_1993, text_1987);
    start();
    bank.code = "51";
    assert_string_equal(terminal_ask(&atm, "1200", withdrawal_1993("000042")), "116");
    m = got(2);
    assert_int_equal(m.mti, 0x0200);
    assert_has(&m, expected);
    assert_int_equal(atm.message.mti, 0x1210);
    assert_has(&atm.message, back);
    assert_string_equal(terminal_ask(&atm, "1420", reverse), "400");
    issuer_until(&bank, 4, 1);
    m = got(4);
    assert_has(&m, reversed);
    end();
}

/* A card that is to be kept is kept, and what was approved in part is not approved whole. */
static void
codes_mean_the_same_in_the_other_version(void **state)
{
    static const struct {
        const char *of_1987, *of_1993, *back;
    } codes[] = {
        { "04", "200", "04" }, { "41", "208", "41" }, { "43", "209", "43" }, { "10", "002", "10" },
        { "25", "914", "25" }, { "53", "114", "39" }, { "68", "911", "68" }, { "88", "100", "05" },
    };
    char trace[7];

    (void)state;
    for (unsigned way = 0; way < 2; way++) {
        begin(way == 0 ? text_1987 : packed_1993, way == 0 ? packed_1993 : text_1987);
        start();
        for (size_t i = 0; i < CARNET_COUNT(codes); i++) {
            snprintf(trace, sizeof(trace), "%06zu", 100 + i);
            bank.code = way == 0 ? codes[i].of_1993 : codes[i].of_1987;
            if (way == 0)
                assert_string_equal(terminal_ask(&atm, "0200", withdrawal(trace)), codes[i].back);
            else
                assert_string_equal(terminal_ask(&atm, "1200", withdrawal_1993(trace)), codes[i].of_1993);
        }
        bank.code = way == 0 ? "299" : "00";
        assert_string_equal(way == 0 ? terminal_ask(&atm, "0200", withdrawal("000200"))
                                     : terminal_ask(&atm, "1200", withdrawal_1993("000200")),
                            way == 0 ? "04" : "000");
        end();
    }
}

static void
amounts_of_2003_have_their_currency_and_go_to_1987_and_back(void **state)
{
    static const element expected[] = { { 4, "9782000000020000" },
                                        { 11, "000000000042" },
                                        { 41, "ATM00001" },
                                        { 42, "BANK0000000001" },
                                        { 49, NULL },
                                        { 24, "200" },
                                        { 26, "6011" },
                                        { 0, NULL } };
    static const element answered[] = { { 4, "000000020000" }, { 11, "000042" },   { 12, "150509" },
                                        { 49, "978" },         { 41, "ATM00001" }, { 0, NULL } };
    carnet_iso8583_message m;

    (void)state;
    begin(text_1987, wide_2003);
    start();
    bank.code = "0000";
    bank.reversal_code = "4000";
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    m = got(2);
    assert_int_equal(m.mti, 0x2200);
    assert_has(&m, expected);
    assert_has(&atm.message, answered);
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000042")), "00");
    issuer_until(&bank, 4, 1);
    m = got(4);
    assert_int_equal(m.mti, 0x2420);
    assert_true(carnet_iso8583_has(&m, 56));
    end();
}

static void
a_peer_that_always_has_a_secondary_bitmap_is_served(void **state)
{
    const side npm = { CARNET_ISO8583_1987, "ascii-npm", "post" };
    const received *r;

    (void)state;
    begin(npm, text_1987);
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    assert_true((atm.answer.ptr[4] & 0x80) != 0);
    r = issuer_message(&bank, 2, 0);
    assert_int_equal(r->octets[4] & 0x40, 0); /* hexadecimal there, and no bit 1 */
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000042")), "00");
    issuer_until(&bank, 4, 1);
    end();
}

static void
ebcdic_on_one_side_is_ascii_on_the_other(void **state)
{
    const side host = { CARNET_ISO8583_1987, "ebcdic", "vap" };
    carnet_iso8583_message m, sent;
    uint8_t octets[MESSAGE_MAX];

    (void)state;
    begin(text_1987, host);
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    m = got(2);
    message_parse(&here, carnet_span_of(octets, message_make(&here, "0200", withdrawal("000042"), octets)), &sent);
    for (unsigned e = 2; e < 128; e++)
        assert_true(carnet_iso8583_same(&m, &sent, e));
    end();
}

/* --- carriers --- */

static carnet_vector_carrier
a_carrier(void)
{
    carnet_vector_carrier c = { .present = CARNET_CARRIER_VECTOR | CARNET_CARRIER_TRUSTMARK | CARNET_CARRIER_REFERENCE |
                                           CARNET_CARRIER_SESSION | CARNET_CARRIER_AUTH_TIME | CARNET_CARRIER_EXPIRY |
                                           CARNET_CARRIER_SIGNATURE,
                                .vector = carnet_str_of("Ce.Cg.Cn"),
                                .trustmark = 1,
                                .reference = carnet_str_of("TX7QK2M9"),
                                .auth_time = 1800000000,
                                .expiry = 1800000300 };

    for (size_t i = 0; i < sizeof(c.signature); i++)
        c.signature[i] = (uint8_t)(3 * i + 1);
    memset(c.session, 0x5a, sizeof(c.session));
    return c;
}

static const element *
with(const element *base, unsigned number, const char *value)
{
    static element list[32];
    size_t n = 0;

    for (; base[n].number != 0; n++)
        list[n] = base[n];
    list[n++] = (element){ number, value };
    list[n] = (element){ 0, NULL };
    return list;
}

static void
a_vector_moves_to_the_element_of_the_other_link(void **state)
{
    const carnet_vector_carrier sent = a_carrier();
    static uint8_t octets[1000], room_octets[1000];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets) - 1), room = carnet_buf_of(room_octets, sizeof(room_octets));
    carnet_vector_carrier moved;
    carnet_iso8583_message m;

    (void)state;
    begin(text_1987, packed_1993);
    sw.issuers[0].carrier = text("tlv");
    start();
    assert_carnet_ok(carnet_carrier_write_text(&sent, CARNET_TEST_BYTES("AB003xyzZZ0011"), &out, NULL), NULL);
    carnet_buf_add_byte(&out, 0);
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000042"), 48, (const char *)octets)), "00");
    m = got(2);
    assert_true(carnet_iso8583_is(&m, 48, "AB003xyzZZ0011")); /* the others stay */
    assert_carnet_ok(carnet_carrier_read_tlv(carnet_iso8583_binary(&m, 55, &room), &moved, NULL), NULL);
    assert_int_equal(moved.present, sent.present);
    assert_str_is(moved.vector, "Ce.Cg.Cn");
    assert_str_is(moved.reference, "TX7QK2M9");
    assert_memory_equal(moved.signature, sent.signature, 64);
    assert_memory_equal(moved.session, sent.session, 16);
    /* The issuer echoes both; the answer has it where it was. */
    assert_true(carnet_iso8583_is(&atm.message, 48, (const char *)octets));
    assert_false(carnet_iso8583_has(&atm.message, 55));
    end();
}

static void
a_vector_goes_to_125_of_2003(void **state)
{
    const carnet_vector_carrier sent = a_carrier();
    static uint8_t octets[1000], room_octets[1000];
    carnet_buf out = carnet_buf_of(octets, sizeof(octets) - 1), room = carnet_buf_of(room_octets, sizeof(room_octets));
    carnet_vector_carrier moved;
    carnet_iso8583_message m;

    (void)state;
    begin(text_1987, wide_2003);
    sw.issuers[0].carrier = text("tlv");
    sw.issuers[0].carrier_element = 125;
    start();
    bank.code = "0000";
    assert_carnet_ok(carnet_carrier_write_text(&sent, (carnet_span){ 0 }, &out, NULL), NULL);
    carnet_buf_add_byte(&out, 0);
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000042"), 48, (const char *)octets)), "00");
    m = got(2);
    assert_false(carnet_iso8583_has(&m, 48));
    assert_carnet_ok(carnet_carrier_read_tlv(carnet_iso8583_binary(&m, 125, &room), &moved, NULL), NULL);
    assert_str_is(moved.vector, "Ce.Cg.Cn");
    end();
}

static void
a_malformed_vector_is_30_where_it_must_move(void **state)
{
    (void)state;
    begin(text_1987, packed_1993);
    sw.issuers[0].carrier = text("tlv");
    start();
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000042"), 48, "P1009VT009Ce.C")), "30");
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000043"), 48, "P1008VT002CeZ")), "30");
    assert_int_equal(bank.count, 0);
    end();
}

static void
an_issuer_that_names_better_vectors_is_1A_in_1987(void **state)
{
    (void)state;
    begin(text_1987, packed_1993);
    sw.issuers[0].carrier = text("text");
    start();
    bank.code = "122";
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000042"), 48, "P1019VR014Cf.Cg.Cj.Co,C0")), "1A");
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000043")), "63");
    end();
}

/* --- keys --- */

static void
a_mac_is_made_for_the_link_and_a_wrong_one_refused(void **state)
{
    uint8_t octets[MESSAGE_MAX];
    size_t len;

    (void)state;
    begin(text_1987, text_1987);
    sw.terminals[0].mac = sw.issuers[0].mac = text("aes-cmac");
    sw.terminals[0].mac_key_file = key_file("mac-a", MAC_KEY);
    sw.issuers[0].mac_key_file = key_file("mac-b", PIN_A);
    here.mac = (carnet_message_mac_key){ CARNET_MESSAGE_MAC_AES_CMAC, carnet_test_hex(MAC_KEY), 8 };
    there.mac = (carnet_message_mac_key){ CARNET_MESSAGE_MAC_AES_CMAC, carnet_test_hex(PIN_A), 8 };
    bank.how = there;
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    assert_true(carnet_iso8583_has(&atm.message, 64));
    assert_string_equal(terminal_ask(&atm, "0420", reversal("000042")), "00");
    assert_true(carnet_iso8583_has(&atm.message, 64) || carnet_iso8583_has(&atm.message, 128));
    issuer_until(&bank, 4, 1);
    /* One octet of the amount. */
    len = message_make(&here, "0200", withdrawal("000043"), octets);
    octets[56] ^= 1;
    assert_carnet_ok(carnet_payment_client_send(atm.client, (carnet_span){ 0 }, carnet_span_of(octets, len), NULL),
                     NULL);
    assert_true(terminal_receive(&atm, PATIENCE_MS));
    assert_string_equal(atm.code, "63");
    assert_int_equal(issuer_count(&bank, 2), 1);
    /* And one of the issuer's: no answer. */
    bank.mac_wrong = true;
    terminal_send(&atm, "0200", withdrawal("000044"));
    issuer_until(&bank, 2, 2);
    assert_false(terminal_receive(&atm, 100));
    assert_int_equal(switch_metric(&sw, "carnet_switch_mac_wrong_total{side=\"issuer\",link=\"bank\"} "), 1);
    end();
}

static void
a_message_without_a_mac_is_refused_where_one_is_demanded(void **state)
{
    (void)state;
    begin(packed_1993, packed_1993);
    sw.terminals[0].mac = text("retail");
    sw.terminals[0].mac_key_file = key_file("mac-a", MAC_KEY);
    start();
    assert_string_equal(terminal_ask(&atm, "1200", withdrawal_1993("000042")), "916");
    assert_int_equal(bank.count, 0);
    end();
}

static void
a_mac_of_2003_has_four_octets(void **state)
{
    (void)state;
    begin(text_1987, wide_2003);
    sw.issuers[0].mac = text("aes-cmac");
    sw.issuers[0].mac_key_file = key_file("mac-b", MAC_KEY);
    bank.how.mac = (carnet_message_mac_key){ CARNET_MESSAGE_MAC_AES_CMAC, carnet_test_hex(MAC_KEY), 4 };
    bank.code = "0000";
    start();
    assert_string_equal(terminal_ask(&atm, "0200", withdrawal("000042")), "00");
    end();
}

static void
a_pin_is_enciphered_anew_for_the_other_link(void **state)
{
    const carnet_pin_key a = { carnet_test_hex(PIN_A), CARNET_PIN_FORMAT_0 },
                         b = { carnet_test_hex(PIN_B), CARNET_PIN_FORMAT_3 };
    const carnet_str pan = carnet_str_of("9999401234567890");
    carnet_test_seed seed = { 5 };
    const carnet_random random = carnet_test_random(&seed);
    uint8_t octets[64];
    carnet_buf hex = carnet_buf_of(octets, sizeof(octets)), room = carnet_buf_of(octets, sizeof(octets));
    carnet_iso8583_message m;
    carnet_crypto crypto;
    carnet_pin pin, back;
    carnet_pin_block block;

    (void)state;
    begin(text_1987, packed_1993);
    sw.terminals[0].pin_key_file = key_file("pin-a", PIN_A);
    sw.issuers[0].pin_key_file = key_file("pin-b", PIN_B);
    sw.issuers[0].pin_format = 3;
    start();
    assert_carnet_ok(carnet_crypto_init(&crypto, NULL), NULL);
    assert_carnet_ok(carnet_pin_from_text(carnet_str_of("4929"), &pin, NULL), NULL);
    assert_carnet_ok(carnet_pin_encipher(&crypto, &a, &pin, pan, &random, &block, NULL), NULL);
    carnet_buf_add_hex(&hex, carnet_span_of(block.bytes, block.len));
    carnet_buf_add_byte(&hex, 0);
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000042"), 52, (const char *)octets)), "00");
    m = got(2);
    assert_carnet_ok(carnet_pin_decipher(&crypto, &b, carnet_iso8583_binary(&m, 52, &room), pan, &back, NULL), NULL);
    assert_true(carnet_pin_equal(&pin, &back));
    /* A block that is none for this key goes nowhere. */
    assert_string_equal(terminal_ask(&atm, "0200", with(withdrawal("000043"), 52, "0123456789abcdef")), "63");
    assert_int_equal(issuer_count(&bank, 2), 1);
    carnet_crypto_done(&crypto);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_withdrawal_of_1987_becomes_one_of_1993_and_back),
        cmocka_unit_test(a_reversal_names_what_it_reverses_in_either_version),
        cmocka_unit_test(a_part_that_was_handed_out_is_told_in_either_version),
        cmocka_unit_test(a_withdrawal_of_1993_becomes_one_of_1987_and_back),
        cmocka_unit_test(codes_mean_the_same_in_the_other_version),
        cmocka_unit_test(amounts_of_2003_have_their_currency_and_go_to_1987_and_back),
        cmocka_unit_test(a_peer_that_always_has_a_secondary_bitmap_is_served),
        cmocka_unit_test(ebcdic_on_one_side_is_ascii_on_the_other),
        cmocka_unit_test(a_vector_moves_to_the_element_of_the_other_link),
        cmocka_unit_test(a_vector_goes_to_125_of_2003),
        cmocka_unit_test(a_malformed_vector_is_30_where_it_must_move),
        cmocka_unit_test(an_issuer_that_names_better_vectors_is_1A_in_1987),
        cmocka_unit_test(a_mac_is_made_for_the_link_and_a_wrong_one_refused),
        cmocka_unit_test(a_message_without_a_mac_is_refused_where_one_is_demanded),
        cmocka_unit_test(a_mac_of_2003_has_four_octets),
        cmocka_unit_test(a_pin_is_enciphered_anew_for_the_other_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
