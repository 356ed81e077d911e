/* SPDX-License-Identifier: Apache-2.0 */
/* Message type indicators, four digits as read in hexadecimal. */
#include "carnet/iso8583_mti.h"

bool
carnet_mti_read(carnet_str text, carnet_mti *mti)
{
    unsigned value = 0;

    *mti = 0;
    if (text.len != 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value << 4 | (unsigned)(text.ptr[i] - '0');
    }
    *mti = (carnet_mti)value;
    return true;
}

void
carnet_mti_write(carnet_mti mti, char text[5])
{
    for (unsigned i = 0; i < 4; i++)
        text[i] = (char)('0' + (mti >> (12 - 4 * i) & 15));
    text[4] = '\0';
}

unsigned
carnet_mti_version(carnet_mti mti)
{
    return mti >> 12;
}

unsigned
carnet_mti_class(carnet_mti mti)
{
    return mti >> 8 & 15;
}

unsigned
carnet_mti_function(carnet_mti mti)
{
    return mti >> 4 & 15;
}

unsigned
carnet_mti_origin(carnet_mti mti)
{
    return mti & 15;
}

bool
carnet_mti_asks(carnet_mti mti)
{
    return carnet_mti_function(mti) < 8 && carnet_mti_function(mti) % 2 == 0;
}

bool
carnet_mti_answers(carnet_mti mti)
{
    return carnet_mti_function(mti) < 8 && carnet_mti_function(mti) % 2 == 1;
}

bool
carnet_mti_repeats(carnet_mti mti)
{
    return carnet_mti_origin(mti) < 6 && carnet_mti_origin(mti) % 2 == 1;
}

carnet_mti
carnet_mti_original(carnet_mti mti)
{
    return (carnet_mti)(carnet_mti_repeats(mti) ? mti - 1 : mti);
}

carnet_mti
carnet_mti_response(carnet_mti mti)
{
    return (carnet_mti)(carnet_mti_asks(mti) ? carnet_mti_original(mti) + 0x10 : 0);
}

carnet_mti
carnet_mti_repeat(carnet_mti mti)
{
    return (carnet_mti)(carnet_mti_asks(mti) && carnet_mti_origin(mti) < 6 ? mti | 1 : 0);
}

const char *
carnet_mti_class_text(carnet_mti mti)
{
    static const char *const texts[] = { "reserved",       "authorization",  "financial",
                                         "file action",    "reversal",       "reconciliation",
                                         "administrative", "fee collection", "network management" };

    return carnet_mti_class(mti) < CARNET_COUNT(texts) ? texts[carnet_mti_class(mti)] : texts[0];
}

const char *
carnet_mti_function_text(carnet_mti mti)
{
    static const char *const texts[] = { "request",      "response",
                                         "advice",       "advice response",
                                         "notification", "notification acknowledgement",
                                         "instruction",  "instruction acknowledgement" };

    return carnet_mti_function(mti) < CARNET_COUNT(texts) ? texts[carnet_mti_function(mti)] : "reserved";
}

const char *
carnet_mti_origin_text(carnet_mti mti)
{
    static const char *const texts[] = { "acquirer",         "acquirer, repeated", "issuer",
                                         "issuer, repeated", "another party",      "another party, repeated" };

    return carnet_mti_origin(mti) < CARNET_COUNT(texts) ? texts[carnet_mti_origin(mti)] : "reserved";
}
