/* SPDX-License-Identifier: Apache-2.0 */
/* What codes say, as tables. */
#include "carnet/iso8583_codes.h"

#include <string.h>

typedef struct coded {
    const char *code, *text;
} coded;

static const char *
look_up(const coded *table, size_t count, carnet_str code)
{
    for (size_t i = 0; i < count; i++)
        if (carnet_str_is(code, table[i].code))
            return table[i].text;
    return NULL;
}

#define LOOK_UP(table, code) look_up((table), CARNET_COUNT(table), (code))

static const coded responses_1987[] = {
    { "00", "approved" },
    { "01", "refer to the card issuer" },
    { "02", "refer to the card issuer, special conditions" },
    { "03", "not a merchant that may do this" },
    { "04", "pick up the card" },
    { "05", "do not honour" },
    { "06", "error" },
    { "07", "pick up the card, special conditions" },
    { "08", "approved with identification" },
    { "10", "approved for a part of the amount" },
    { "11", "approved (VIP)" },
    { "12", "transaction not valid" },
    { "13", "amount not valid" },
    { "14", "card number not valid" },
    { "15", "no such issuer" },
    { "17", "cancelled by the customer" },
    { "19", "enter the transaction again" },
    { "21", "no action taken" },
    { "22", "suspected malfunction" },
    { "25", "record not found" },
    { "26", "duplicate record" },
    { "28", "file temporarily not available" },
    { "30", "format error" },
    { "31", "bank not supported by the switch" },
    { "33", "expired card, pick up" },
    { "34", "suspected fraud, pick up" },
    { "36", "restricted card, pick up" },
    { "38", "PIN tries exceeded, pick up" },
    { "39", "no credit account" },
    { "40", "function not supported" },
    { "41", "lost card, pick up" },
    { "42", "no universal account" },
    { "43", "stolen card, pick up" },
    { "44", "no investment account" },
    { "51", "not sufficient funds" },
    { "52", "no cheque account" },
    { "53", "no savings account" },
    { "54", "expired card" },
    { "55", "incorrect PIN" },
    { "56", "no card record" },
    { "57", "not permitted to the cardholder" },
    { "58", "not permitted to the terminal" },
    { "59", "suspected fraud" },
    { "60", "the acceptor is to contact the acquirer" },
    { "61", "exceeds the amount limit" },
    { "62", "restricted card" },
    { "63", "security violation" },
    { "64", "original amount incorrect" },
    { "65", "exceeds the frequency limit" },
    { "66", "the acceptor is to call the acquirer's security department" },
    { "67", "hard capture" },
    { "68", "response received too late" },
    { "75", "PIN tries exceeded" },
    { "76", "no such original transaction" },
    { "77", "the original transaction differs" },
    { "82", "authentication value not valid" },
    { "85", "no reason to decline" },
    { "86", "PIN cannot be verified" },
    { "90", "cutoff in process" },
    { "91", "issuer or switch inoperative" },
    { "92", "no route to the destination" },
    { "93", "cannot be completed, violation of law" },
    { "94", "duplicate transmission" },
    { "95", "reconciliation error" },
    { "96", "system malfunction" },
    { "1A", "additional customer authentication required" },
};

static const coded responses_1993[] = {
    { "000", "approved" },
    { "001", "honour with identification" },
    { "002", "approved for a part of the amount" },
    { "003", "approved (VIP)" },
    { "004", "approved, update track 3" },
    { "005", "approved, account type specified by the issuer" },
    { "006", "approved for a part, account type specified by the issuer" },
    { "007", "approved, update the chip" },
    { "100", "do not honour" },
    { "101", "expired card" },
    { "102", "suspected fraud" },
    { "103", "the acceptor is to contact the acquirer" },
    { "104", "restricted card" },
    { "105", "the acceptor is to call the acquirer's security department" },
    { "106", "allowable PIN tries exceeded" },
    { "107", "refer to the card issuer" },
    { "108", "refer to the card issuer, special conditions" },
    { "109", "merchant not valid" },
    { "110", "amount not valid" },
    { "111", "card number not valid" },
    { "112", "PIN data required" },
    { "113", "fee not acceptable" },
    { "114", "no account of the type requested" },
    { "115", "function not supported" },
    { "116", "not sufficient funds" },
    { "117", "incorrect PIN" },
    { "118", "no card record" },
    { "119", "not permitted to the cardholder" },
    { "120", "not permitted to the terminal" },
    { "121", "exceeds the amount limit" },
    { "122", "security violation" },
    { "123", "exceeds the frequency limit" },
    { "124", "violation of law" },
    { "125", "card not effective" },
    { "126", "PIN block not valid" },
    { "127", "PIN length error" },
    { "128", "PIN key synchronisation error" },
    { "129", "suspected counterfeit card" },
    { "180", "by the cardholder's wish" },
    { "200", "do not honour, pick up" },
    { "201", "expired card, pick up" },
    { "202", "suspected fraud, pick up" },
    { "204", "restricted card, pick up" },
    { "206", "allowable PIN tries exceeded, pick up" },
    { "208", "lost card, pick up" },
    { "209", "stolen card, pick up" },
    { "210", "suspected counterfeit card, pick up" },
    { "300", "successful" },
    { "302", "record not found" },
    { "306", "not successful" },
    { "400", "accepted" },
    { "500", "reconciled, in balance" },
    { "501", "reconciled, out of balance" },
    { "600", "accepted" },
    { "700", "accepted" },
    { "800", "accepted" },
    { "900", "advice acknowledged, no liability accepted" },
    { "901", "advice acknowledged, liability accepted" },
    { "902", "transaction not valid" },
    { "903", "enter the transaction again" },
    { "904", "format error" },
    { "905", "acquirer not supported by the switch" },
    { "906", "cutoff in process" },
    { "907", "issuer or switch inoperative" },
    { "908", "no route to the destination" },
    { "909", "system malfunction" },
    { "910", "issuer signed off" },
    { "911", "issuer timed out" },
    { "912", "issuer unavailable" },
    { "913", "duplicate transmission" },
    { "914", "original transaction not found" },
    { "915", "reconciliation cutover or checkpoint error" },
    { "916", "MAC incorrect" },
    { "917", "MAC key synchronisation error" },
    { "918", "no communication keys available" },
    { "919", "encryption key synchronisation error" },
    { "920", "security software or hardware error, try again" },
    { "921", "security software or hardware error, no action" },
    { "922", "message number out of sequence" },
    { "923", "request in progress" },
    { "950", "violation of business arrangement" },
};

const char *
carnet_iso8583_response_text(carnet_iso8583_version version, carnet_str code)
{
    if (version == CARNET_ISO8583_1987)
        return LOOK_UP(responses_1987, code);
    if (version == CARNET_ISO8583_2003 && code.len == 4)
        code.len = 3;
    return LOOK_UP(responses_1993, code);
}

bool
carnet_iso8583_approved(carnet_iso8583_version version, carnet_str code)
{
    if (version == CARNET_ISO8583_1987)
        return carnet_str_is(code, "00") || carnet_str_is(code, "08") || carnet_str_is(code, "10") ||
               carnet_str_is(code, "11");
    if (code.len != (version == CARNET_ISO8583_2003 ? 4 : 3))
        return false;
    if (code.ptr[0] == '0')
        return true;
    return code.ptr[0] >= '3' && code.ptr[0] <= '8' && code.ptr[1] == '0' && code.ptr[2] == '0';
}

const char *
carnet_iso8583_transaction_text(carnet_str processing_code)
{
    static const coded texts[] = {
        { "00", "purchase" },
        { "01", "cash withdrawal" },
        { "02", "debit adjustment" },
        { "09", "purchase with cashback" },
        { "20", "refund" },
        { "21", "deposit" },
        { "22", "credit adjustment" },
        { "30", "available funds inquiry" },
        { "31", "balance inquiry" },
        { "38", "card verification inquiry" },
        { "40", "transfer between accounts" },
        { "50", "payment" },
    };

    if (processing_code.len != 6)
        return NULL;
    return LOOK_UP(texts, ((carnet_str){ processing_code.ptr, 2 }));
}

const char *
carnet_iso8583_account_text(carnet_str account_type)
{
    static const coded texts[] = {
        { "00", "default account" },  { "10", "savings account" },   { "20", "cheque account" },
        { "30", "credit account" },   { "40", "universal account" }, { "50", "investment account" },
        { "60", "electronic purse" },
    };

    return LOOK_UP(texts, account_type);
}

const char *
carnet_iso8583_entry_mode_text(carnet_str code)
{
    static const coded texts[] = {
        { "00", "unknown" },
        { "01", "manual" },
        { "02", "magnetic stripe" },
        { "03", "bar code or QR code" },
        { "04", "optical character recognition" },
        { "05", "chip" },
        { "06", "contactless, mapped" },
        { "07", "contactless chip" },
        { "09", "remote payment with a cryptogram" },
        { "10", "credential on file" },
        { "79", "chip fallback, manual" },
        { "80", "chip fallback, magnetic stripe" },
        { "81", "electronic commerce" },
        { "82", "account number supplied by a server" },
        { "90", "magnetic stripe, full track" },
        { "91", "contactless magnetic stripe" },
        { "95", "chip, card verification value unreliable" },
    };

    if (code.len != 3 && code.len != 4)
        return NULL;
    return LOOK_UP(texts, ((carnet_str){ code.ptr, 2 }));
}

const char *
carnet_iso8583_pin_capability_text(carnet_str code)
{
    if (code.len != 3)
        return NULL;
    return code.ptr[2] == '0'   ? "unknown whether PINs can be entered"
           : code.ptr[2] == '1' ? "PINs can be entered"
           : code.ptr[2] == '2' ? "PINs cannot be entered"
                                : NULL;
}

const char *
carnet_iso8583_pos_data_name(unsigned position)
{
    static const char *const names[] = { "card data input capability",  "cardholder authentication capability",
                                         "card capture capability",     "operating environment",
                                         "cardholder present",          "card present",
                                         "card data input mode",        "cardholder authentication method",
                                         "cardholder authenticated by", "card data output capability",
                                         "terminal output capability",  "PIN capture capability" };

    return position >= 1 && position <= CARNET_COUNT(names) ? names[position - 1] : NULL;
}

/* For each position of the point of service data code its characters and what they say. */
static const char *const pos_codes[] = { "0123456",   "0123456",  "01",    "012345", "012345", "01",
                                         "012345678", "0123456S", "01234", "0123",   "01234",  "0123456789ABC" };
static const char *const pos_texts[][13] = {
    { "unknown", "manual", "magnetic stripe", "bar code", "optical character recognition", "chip", "key entry" },
    { "none", "PIN", "electronic signature", "biometrics", "biographic", "inoperative", "other" },
    { "none", "capture" },
    { "no terminal", "on premises, attended", "on premises, unattended", "off premises, attended",
      "off premises, unattended", "on the cardholder's premises" },
    { "present", "not present", "not present, mail order", "not present, telephone", "not present, standing order",
      "not present, electronic order" },
    { "not present", "present" },
    { "unspecified", "manual", "magnetic stripe", "bar code", "optical character recognition", "chip", "key entry",
      "contactless chip", "on file" },
    { "not authenticated", "PIN", "electronic signature", "biometrics", "biographic", "manual signature",
      "other manual", "systematic" },
    { "not authenticated", "chip", "terminal", "authorizing agent", "merchant" },
    { "unknown", "none", "magnetic stripe", "chip" },
    { "unknown", "none", "printing", "display", "printing and display" },
    { "none", "unknown", NULL, NULL, "4 digits", "5 digits", "6 digits", "7 digits", "8 digits", "9 digits",
      "10 digits", "11 digits", "12 digits" },
};

const char *
carnet_iso8583_pos_data_text(unsigned position, char code)
{
    const char *at;

    if (position < 1 || position > CARNET_COUNT(pos_codes) || code == '\0')
        return NULL;
    at = strchr(pos_codes[position - 1], code);
    return at != NULL ? pos_texts[position - 1][at - pos_codes[position - 1]] : NULL;
}

const char *
carnet_iso8583_network_text(carnet_str code)
{
    static const coded texts[] = {
        { "001", "sign-on" },
        { "002", "sign-off" },
        { "003", "target system unavailable" },
        { "060", "store and forward requested" },
        { "061", "store and forward ended" },
        { "101", "key change" },
        { "161", "key change" },
        { "162", "new key requested" },
        { "201", "cutover" },
        { "202", "cutover completed" },
        { "270", "group sign-on" },
        { "301", "echo test" },
    };

    return LOOK_UP(texts, code);
}

const char *
carnet_iso8583_function_text(carnet_str code)
{
    static const coded texts[] = {
        { "100", "original authorization, amount accurate" },
        { "101", "original authorization, amount estimated" },
        { "102", "replacement authorization, amount accurate" },
        { "103", "replacement authorization, amount estimated" },
        { "200", "original financial request or advice" },
        { "201", "previously approved authorization, same amount" },
        { "202", "previously approved authorization, amount differs" },
        { "400", "full reversal" },
        { "401", "partial reversal" },
        { "500", "final reconciliation" },
        { "501", "checkpoint reconciliation" },
        { "801", "sign-on" },
        { "802", "sign-off" },
        { "811", "key change" },
        { "821", "cutover" },
        { "831", "echo test" },
    };

    return LOOK_UP(texts, code);
}

const char *
carnet_iso8583_reason_text(carnet_str code)
{
    static const coded texts[] = {
        { "1508", "online forced by the terminal" },
        { "4000", "cancelled by the customer" },
        { "4001", "unspecified, no action taken" },
        { "4002", "suspected malfunction" },
        { "4003", "format error" },
        { "4004", "completed in part" },
        { "4005", "original amount incorrect" },
        { "4006", "response received too late" },
        { "4007", "the terminal could not complete" },
        { "4013", "the terminal could not deliver to the point of service" },
        { "4021", "timed out waiting for a response" },
    };

    return LOOK_UP(texts, code);
}

const char *
carnet_iso8583_value_text(carnet_iso8583_version version, unsigned element, carnet_str value)
{
    bool first = version == CARNET_ISO8583_1987;

    switch (element) {
    case 3:
        return carnet_iso8583_transaction_text(value);
    case 22:
        return first ? carnet_iso8583_entry_mode_text(value) : NULL;
    case 24:
        return first ? NULL : carnet_iso8583_function_text(value);
    case 25:
        return first ? NULL : carnet_iso8583_reason_text(value);
    case 39:
        return carnet_iso8583_response_text(version, value);
    case 70:
        return first ? carnet_iso8583_network_text(value) : NULL;
    default:
        return NULL;
    }
}
