/* SPDX-License-Identifier: Apache-2.0 */
/* The age_over_NN rule (18013-5 13.4). */
#include "internal.h"

int
carnet_age_over(carnet_str identifier)
{
    static const char prefix[] = "age_over_";
    const char *digits;

    if (identifier.len != sizeof prefix + 1 || !carnet_str_starts(identifier, prefix)) {
        return -1;
    }
    digits = identifier.ptr + sizeof prefix - 1;
    if (digits[0] < '0' || digits[0] > '9' || digits[1] < '0' || digits[1] > '9') {
        return -1;
    }
    return (digits[0] - '0') * 10 + (digits[1] - '0');
}

int
carnet_age_over_answer(const carnet_age_attestation *held, size_t count, int wanted)
{
    int reached = -1, below = -1;

    for (size_t i = 0; i < count; i++) {
        if (held[i].over && held[i].age >= wanted && (reached < 0 || held[i].age < reached)) {
            reached = held[i].age;
        }
        if (!held[i].over && held[i].age <= wanted && held[i].age > below) {
            below = held[i].age;
        }
    }
    return reached >= 0 ? reached : below;
}
