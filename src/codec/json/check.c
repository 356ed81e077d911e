/* SPDX-License-Identifier: Apache-2.0 */
/* An object held against the members it may have. */
#include "carnet/json.h"

static carnet_rc
check_member(const carnet_json_member *at, const carnet_json_rule *rules, size_t count, carnet_rc rc,
             const carnet_path *path, carnet_err *err)
{
    carnet_path step = { .up = path, .name = at->name };
    size_t i = 0;

    while (i < count && !carnet_str_is(at->name, rules[i].name))
        i++;
    if (i < count && carnet_json_type_of(at->value) == rules[i].type)
        return CARNET_OK;
    return carnet_fail_at(err, rc, NULL, i == count ? "there is no such member" : "this is of another JSON type",
                          CARNET_NO_OFFSET, &step);
}

carnet_rc
carnet_json_check(const carnet_json *object, const carnet_json_rule *rules, size_t count, carnet_rc rc,
                  const carnet_path *path, carnet_err *err)
{
    carnet_json_member at = { 0 };

    if (carnet_json_type_of(object) != CARNET_JSON_OBJECT)
        return carnet_fail_at(err, rc, NULL, "this must be an object", CARNET_NO_OFFSET, path);
    while (carnet_json_next(object, &at)) {
        const carnet_rc refused = check_member(&at, rules, count, rc, path, err);

        if (refused != CARNET_OK)
            return refused;
    }
    for (size_t i = 0; i < count; i++) {
        carnet_path step = { .up = path, .name = carnet_str_of(rules[i].name) };

        if (rules[i].required && carnet_json_get(object, rules[i].name) == NULL)
            return carnet_fail_at(err, rc, NULL, "this member is missing", CARNET_NO_OFFSET, &step);
    }
    return CARNET_OK;
}
