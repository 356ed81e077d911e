/* SPDX-License-Identifier: Apache-2.0 */
#include "bank.h"
#include "fuzz.h"

static bank b;

static void
open_once(void)
{
    static bool opened;

    if (opened)
        return;
    MUST(bank_open(&b));
    for (unsigned i = 0; i < 3; i++)
        b.link[i].mac.algorithm = CARNET_MESSAGE_MAC_NONE; /* so that what is behind it is reached */
    opened = true;
}

/* Whatever comes: the books are right, only an approval moves money, the answer is a message, and a second time moves nothing. */
static void
check(carnet_iso8583_version version, carnet_span input, const carnet_debit_resolution *resolution)
{
    static carnet_iso8583_message answer;
    int64_t balance = b.books.customer.balance, held = b.books.customer.held;

    if (bank_receive(&b, version, input, resolution) != CARNET_OK)
        return;
    MUST(bank_sound(&b));
    MUST(b.debit.judged < CARNET_JUDGED_COUNT);
    MUST(b.debit.judged == CARNET_JUDGED_APPROVED ||
         (b.books.customer.balance == balance && b.books.customer.held == held));
    MUST(carnet_iso8583_parse(&b.spec[version], b.debit.answer, &answer, NULL) == CARNET_OK);
    MUST(carnet_mti_answers(answer.mti) && carnet_iso8583_has(&answer, 39));
    balance = b.books.customer.balance;
    held = b.books.customer.held;
    MUST(bank_receive(&b, version, input, resolution) == CARNET_OK);
    MUST(b.books.customer.balance == balance && b.books.customer.held == held && bank_sound(&b));
}

/* The first octet says which version and mode; there is a withdrawal and a hold that the rest may be about. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[2048];
    const bank_ask before[] = { { .mti = "0200", .staged = "S1" },
                                { .mti = "0100", .staged = "S2", .amount = "000000004000" } };
    carnet_debit_resolution resolution = { .reached = true, .known = true, .fulfilled = true, .amount = 20000 };
    carnet_iso8583_version version;

    if (size == 0)
        return 0;
    version = (carnet_iso8583_version)(data[0] % 3);
    resolution.expires = resolution.auth_time = BANK_NOW;
    resolution.currency = carnet_str_of("840");
    resolution.terminal = carnet_str_of(BANK_TERMINAL);
    resolution.vector = carnet_str_of(BANK_VECTOR);
    resolution.trustmark = CARNET_TRUSTMARK_P1940;
    open_once();
    bank_reset(&b);
    b.policy.carried = true;
    for (size_t i = 0; i < CARNET_COUNT(before); i++) {
        carnet_buf out = carnet_buf_of(bytes, sizeof(bytes));

        MUST(bank_message(&b, version, &before[i], &out) == CARNET_OK);
        MUST(bank_receive(&b, version, carnet_buf_span(&out), NULL) == CARNET_OK);
        MUST(b.debit.judged == CARNET_JUDGED_APPROVED);
    }
    b.policy.carried = (data[0] & 0x80) == 0;
    check(version, (carnet_span){ data + 1, size - 1 }, &resolution);
    return 0;
}
