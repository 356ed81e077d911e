/* SPDX-License-Identifier: Apache-2.0 */
/* Options: where their texts go, and which go together where a sub-command has actions. */
#include "cli.h"

const char **
cli_place_of(const cli_place *places, size_t count, int key)
{
    for (size_t i = 0; i < count; i++) {
        if (places[i].key == key) {
            return places[i].place;
        }
    }
    return NULL;
}

static const char *
option_name(const struct argp_option *options, int key)
{
    for (size_t i = 0; options[i].name != NULL || options[i].doc != NULL; i++) {
        if (options[i].key == key && options[i].name != NULL) {
            return options[i].name;
        }
    }
    return "";
}

void
cli_note_option(cli_actions *actions, const struct argp_option *options, const cli_action_option *good_for,
                size_t count, int key)
{
    for (size_t i = 0; i < count; i++) {
        if (good_for[i].key == key) {
            if ((actions->allowed & good_for[i].actions) == 0) {
                cli_usage("--%s goes with other options or another action", option_name(options, key));
            }
            actions->allowed &= good_for[i].actions;
            actions->out_of_place = option_name(options, key);
        }
    }
}
