/* SPDX-License-Identifier: Apache-2.0 */
/* carnet atm: a terminal that hands out cash, or takes a purchase, against a staged transaction (P1940 4). */
#include "atm.h"

#include <string.h>

enum {
    OPTION_ID = 256,
    OPTION_LABEL,
    OPTION_MERCHANT,
    OPTION_NAME,
    OPTION_ACQUIRER,
    OPTION_MCC,
    OPTION_CURRENCY,
    OPTION_CODE_KEY,
    OPTION_CODE_LIFE,
    OPTION_COLLECT,
    OPTION_CASSETTES,
    OPTION_POS,
    OPTION_DUAL,
    OPTION_PRICE,
    OPTION_SWITCH,
    OPTION_SPEC,
    OPTION_FRAMING,
    OPTION_MAC,
    OPTION_MAC_KEY,
    OPTION_CARRIER,
    OPTION_ELEMENT,
    OPTION_SWITCH_CA,
    OPTION_SWITCH_CERTIFICATE,
    OPTION_SWITCH_KEY,
    OPTION_SIGN_ON,
    OPTION_ECHO,
    OPTION_ANSWER,
    OPTION_REPEAT,
    OPTION_SERVER,
    OPTION_CA,
    OPTION_CERTIFICATE,
    OPTION_KEY,
    OPTION_LOOPBACK,
    OPTION_QR,
    OPTION_READER_CERTIFICATE,
    OPTION_READER_KEY,
    OPTION_LISTEN,
    OPTION_ONCE,
    OPTION_SETTLE,
    OPTION_JSON,
    OPTION_OFF
};

static const struct argp_option options[] = {
    { NULL, 0, NULL, 0, "The terminal:", 1 },
    { "state", 's', "DIR", 0, "its journal", 1 },
    { "id", OPTION_ID, "TEXT", 0, "what it is called (DE 41)", 1 },
    { "label", OPTION_LABEL, "TEXT", 0, "what its users call it (as --id)", 1 },
    { "merchant", OPTION_MERCHANT, "TEXT", 0, "whose it is (DE 42)", 1 },
    { "name", OPTION_NAME, "TEXT", 0, "name and place (DE 43)", 1 },
    { "acquirer", OPTION_ACQUIRER, "NUMBER", 0, "the acquirer (DE 32)", 1 },
    { "mcc", OPTION_MCC, "NUMBER", 0, "what kind of business (6011; --pos: 5999)", 1 },
    { "currency", OPTION_CURRENCY, "NUMBER", 0, "what it dispenses, three digits (840)", 1 },
    { "code-key", OPTION_CODE_KEY, "FILE", 0, "key of its QR codes: hexadecimal digits in the first line", 1 },
    { "code-life", OPTION_CODE_LIFE, "SECONDS", 0, "how long a code is good (60)", 1 },
    { "collect-wait", OPTION_COLLECT, "SECONDS", 0, "how long a user may take then (180)", 1 },
    { "cassettes", OPTION_CASSETTES, "FILE", 0, "the dispenser, which is a file: notes, and how many (JSON)", 1 },
    { NULL, 0, NULL, 0, "A purchase instead of cash:", 2 },
    { "pos", OPTION_POS, NULL, 0, "take purchases", 2 },
    { "dual", OPTION_DUAL, NULL, 0, "in two messages, 0100 and 0220", 2 },
    { "price", OPTION_PRICE, "N", 0, "minor units it comes to in the end (as staged)", 2 },
    { NULL, 0, NULL, 0, "The switch:", 6 },
    { "switch", OPTION_SWITCH, "HOST:PORT", 0, "where it is", 6 },
    { "spec", OPTION_SPEC, "NAME", 0, "how messages are written: 1987, 1993:bcd, ... (1987; carnet-iso8583(1))", 6 },
    { "framing", OPTION_FRAMING, "NAME", 0, "how they are framed (post)", 6 },
    { "mac", OPTION_MAC, "NAME", 0, "their MAC: retail, retail-2, aes-cmac (none)", 6 },
    { "mac-key", OPTION_MAC_KEY, "FILE", 0, "its key: hexadecimal digits in the first line", 6 },
    { "carrier", OPTION_CARRIER, "FORM", 0, "how vectors travel: text, tlv, tlv-short (text)", 6 },
    { "carrier-element", OPTION_ELEMENT, "N", 0, "and in which data element (48; tlv: 55)", 6 },
    { "switch-ca", OPTION_SWITCH_CA, "FILE", 0, "TLS: who certifies the switch", 6 },
    { "switch-cert", OPTION_SWITCH_CERTIFICATE, "FILE", 0, "TLS: the terminal's certificate", 6 },
    { "switch-key", OPTION_SWITCH_KEY, "FILE", 0, "TLS: its key", 6 },
    { "sign-on", OPTION_SIGN_ON, NULL, 0, "sign on before anything else", 6 },
    { "echo", OPTION_ECHO, "SECONDS", 0, "an echo when nothing was heard for so long (never)", 6 },
    { "answer-ms", OPTION_ANSWER, "N", 0, "wait so long for an answer, then reverse (30000)", 6 },
    { "repeat-ms", OPTION_REPEAT, "N", 0, "between repeats (10000)", 6 },
    { NULL, 0, NULL, 0, "The mobile app server:", 7 },
    { "server", OPTION_SERVER, "URL", 0, "where it is", 7 },
    { "ca", OPTION_CA, "FILE", 0, "certificates for https instead of the system's", 7 },
    { "cert", OPTION_CERTIFICATE, "FILE", 0, "the terminal's certificate (urn:p1940:terminal:ID)", 7 },
    { "key", OPTION_KEY, "FILE", 0, "its key", 7 },
    { "insecure-loopback", OPTION_LOOPBACK, NULL, 0, "http too, to this machine, for tests", 7 },
    { NULL, 0, NULL, 0, "Documents shown at the terminal:", 5 },
    { "doctype", 'D', "TYPE", 0, "ask for a document of this type: mdl, photoid, pid, av, or in full (mdl)", 5 },
    { "element", 'e', "[NS:]ELEMENT", 0, "and for this element of it (issuing_country; may be repeated)", 5 },
    { "qr", OPTION_QR, "STRING|IMAGE", 0, "the holder's QR code: mdoc:..., or a PNG, waited for", 5 },
    { "reader-cert", OPTION_READER_CERTIFICATE, "FILE", 0, "the reader's certificate, and those above it if any", 5 },
    { "reader-key", OPTION_READER_KEY, "FILE", 0, "its private key: requests and what is handed on are signed", 5 },
    { NULL, 0, NULL, 0, "What to do:", 8 },
    { "listen", OPTION_LISTEN, "[ADDRESS:]PORT", 0, "serve the screen as a web page (127.0.0.1:0)", 8 },
    { "once", OPTION_ONCE, NULL, 0, "one transaction, without a screen", 8 },
    { "settle", OPTION_SETTLE, NULL, 0, "only finish what is open", 8 },
    { "json", OPTION_JSON, NULL, 0, "tell what happens as lines of JSON", 8 },
    { "verbose", 'v', NULL, 0, "say why nobody answers", 8 },
    { "off-after", OPTION_OFF, "N", OPTION_HIDDEN, "end as if the power went", 8 },
    { 0 },
};

/** Where an option's text goes; NULL for an option that has none. */
static const char **
place_of(atm_arguments *a, int key)
{
    const cli_place places[] = {
        { 's', &a->state },
        { OPTION_ID, &a->id },
        { OPTION_LABEL, &a->label },
        { OPTION_MERCHANT, &a->merchant },
        { OPTION_NAME, &a->name },
        { OPTION_ACQUIRER, &a->acquirer },
        { OPTION_MCC, &a->mcc },
        { OPTION_CURRENCY, &a->currency },
        { OPTION_CODE_KEY, &a->code_key },
        { OPTION_CASSETTES, &a->cassettes },
        { OPTION_PRICE, &a->price },
        { OPTION_SWITCH, &a->to },
        { OPTION_SPEC, &a->spec },
        { OPTION_FRAMING, &a->framing },
        { OPTION_MAC, &a->mac },
        { OPTION_MAC_KEY, &a->mac_key },
        { OPTION_CARRIER, &a->carrier },
        { OPTION_SWITCH_CA, &a->switch_ca },
        { OPTION_SWITCH_CERTIFICATE, &a->switch_certificate },
        { OPTION_SWITCH_KEY, &a->switch_key },
        { OPTION_SERVER, &a->server },
        { OPTION_CA, &a->ca },
        { OPTION_CERTIFICATE, &a->certificate },
        { OPTION_KEY, &a->key },
        { OPTION_QR, &a->qr },
        { OPTION_READER_CERTIFICATE, &a->reader_certificate },
        { OPTION_READER_KEY, &a->reader_key },
        { OPTION_LISTEN, &a->listen },
        { OPTION_OFF, &a->off_after },
    };

    return cli_place_of(places, CARNET_COUNT(places), key);
}

static bool *
flag_of(atm_arguments *a, int key)
{
    switch (key) {
    case OPTION_POS:
        return &a->pos;
    case OPTION_DUAL:
        return &a->dual;
    case OPTION_SIGN_ON:
        return &a->sign_on;
    case OPTION_LOOPBACK:
        return &a->insecure_loopback;
    case OPTION_ONCE:
        return &a->once;
    case OPTION_SETTLE:
        return &a->settle;
    case OPTION_JSON:
        return &a->json;
    case 'v':
        return &a->verbose;
    default:
        return NULL;
    }
}

static bool
take_number(atm_arguments *a, int key, const char *arg)
{
    switch (key) {
    case OPTION_CODE_LIFE:
        a->code_s = (unsigned)cli_number(arg, 3600, "time in seconds");
        return true;
    case OPTION_COLLECT:
        a->collect_s = (unsigned)cli_number(arg, 3600, "time in seconds");
        return true;
    case OPTION_ECHO:
        a->echo_s = (unsigned)cli_number(arg, 86400, "time in seconds");
        return true;
    case OPTION_ANSWER:
        a->answer_ms = (unsigned)cli_number(arg, 600000, "time in milliseconds");
        return true;
    case OPTION_REPEAT:
        a->repeat_ms = (unsigned)cli_number(arg, 86400000, "time in milliseconds");
        return true;
    case OPTION_ELEMENT:
        a->carrier_element = (unsigned)cli_number(arg, 127, "data element");
        return true;
    default:
        return false;
    }
}

static void
check_length(const char *option, const char *text, size_t most)
{
    if (text != NULL && (text[0] == '\0' || strlen(text) > most)) {
        cli_usage("--%s has 1 to %zu characters", option, most);
    }
}

static void
check_digits(const char *option, const char *text)
{
    if (text != NULL && strspn(text, "0123456789") != strlen(text)) {
        cli_usage("--%s is a number", option);
    }
}

static void
check(const atm_arguments *a)
{
    if (a->state == NULL || a->id == NULL || a->to == NULL || a->server == NULL || a->code_key == NULL) {
        cli_usage("a terminal needs --state, --id, --code-key, --switch and --server");
    }
    if ((a->cassettes == NULL) != a->pos) {
        cli_usage("cash comes from --cassettes, a purchase (--pos) from none");
    }
    if ((a->dual || a->price != NULL) && !a->pos) {
        cli_usage("--dual and --price are for --pos");
    }
    if ((a->certificate == NULL) != (a->key == NULL)) {
        cli_usage("--cert and --key go together");
    }
    if (a->asked.count > 0) {
        ask_check(&a->asked);
    }
    if (a->once + a->settle + (a->listen != NULL) > 1) {
        cli_usage("only one of --listen, --once and --settle");
    }
    if (onsite_any(&a->ways) != (a->reader_key != NULL) || (a->qr != NULL && !onsite_any(&a->ways))) {
        cli_usage("to read documents takes a way (--socket, --ble, --nfc, ...), --reader-key and, but for --nfc, --qr");
    }
    check_length("id", a->id, 16);
    check_length("merchant", a->merchant, 15);
    check_length("name", a->name, 40);
    check_length("acquirer", a->acquirer, 11);
    check_length("mcc", a->mcc, 4);
    check_length("currency", a->currency, 3);
    check_digits("acquirer", a->acquirer);
    check_digits("mcc", a->mcc);
    check_digits("currency", a->currency);
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
    atm_arguments *a = state->input;
    const char **place = place_of(a, key);
    bool *flag = flag_of(a, key);

    if (place != NULL) {
        *place = arg;
        return 0;
    }
    if (flag != NULL) {
        *flag = true;
        return 0;
    }
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &a->ways;
        return 0;
    case 'D':
        ask_doctype(&a->asked, arg, NULL);
        return 0;
    case 'e':
        ask_element(&a->asked, arg);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\" is one argument too many", arg);
        return 0;
    case ARGP_KEY_END:
        check(a);
        return 0;
    default:
        return take_number(a, key, arg) ? 0 : ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = { { &onsite_parser, 0, NULL, 0 }, { 0 } };

static const char doc[] =
    "Be a terminal that hands out cash without a card, or takes a purchase (P1940 4).\v"
    "It shows a code, waits until a phone has fulfilled a transaction with it and its user is authenticated, has the "
    "amount authorised through the switch, and hands it out.  What it does not know to have been handed out is "
    "reversed, also after a restart; what it cannot know it writes into the file `manual' for somebody to look at.  "
    "Exit status of --once: 0 handed out, in whole or in part; 1 not; 3 it is not known.";

static int
run(atm *t)
{
    const atm_arguments *a = t->a;
    carnet_terminal_config config = { .pos = a->pos,
                                      .dual = a->dual,
                                      .code_ms = 1000 * a->code_s,
                                      .collect_ms = 1000 * a->collect_s,
                                      .answer_ms = a->answer_ms,
                                      .repeat_ms = a->repeat_ms };
    int status;

    atm_copy(config.terminal, sizeof config.terminal, a->id != NULL ? a->id : "");
    atm_copy(config.merchant, sizeof config.merchant, a->merchant != NULL ? a->merchant : "");
    atm_copy(config.name, sizeof config.name, a->name != NULL ? a->name : "");
    atm_copy(config.acquirer, sizeof config.acquirer, a->acquirer != NULL ? a->acquirer : "");
    atm_copy(config.mcc, sizeof config.mcc, a->mcc != NULL ? a->mcc : a->pos ? "5999" : "6011");
    atm_copy(config.currency, sizeof config.currency, a->currency != NULL ? a->currency : "840");
    if (a->cassettes != NULL) {
        atm_dispenser_open(&t->dispenser, a->cassettes);
    }
    atm_switch_open(t, &config);
    atm_server_open(t);
    atm_state_open(t, &config);
    onsite_catch_signals();
    status = a->once || a->settle ? atm_run_once(t) : atm_run_screen(t);
    atm_state_close(t);
    atm_server_close(t);
    atm_switch_close(t);
    return status;
}

int
cli_atm(int argc, char **argv)
{
    static const struct argp parser = { options, parse, "", doc, children, NULL, NULL };
    static atm_arguments a;
    static atm t;
    carnet_crypto crypto;
    carnet_err err = { 0 };
    int status;

    onsite_options_begin(&a.ways);
    ask_begin(&a.asked);
    argp_parse(&parser, argc, argv, 0, NULL, &a);
    if (carnet_crypto_init(&crypto, &err) != CARNET_OK) {
        cli_die("cryptography", &err);
    }
    t.a = &a;
    t.crypto = &crypto;
    pthread_mutex_init(&t.mutex, NULL);
    status = run(&t);
    carnet_crypto_done(&crypto);
    return status;
}
