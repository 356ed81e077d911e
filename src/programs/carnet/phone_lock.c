/* SPDX-License-Identifier: Apache-2.0 */
/* carnet phone: a locked device unlocked, and one given up. */
#include "phone.h"

#include <string.h>

enum { ROOM = 4096 };

static int
tell(const phone *p, carnet_str answer)
{
    carnet_bops_device_state state;
    carnet_err err = { 0 };

    if (carnet_bops_device_state_read(answer, &state, &err) != CARNET_OK) {
        return cli_complain("identity provider", &err);
    }
    if (p->a->json) {
        printf("%.*s\n", (int)answer.len, answer.ptr);
    } else {
        cli_print_safe(stdout, state.status);
        putchar('\n');
    }
    carnet_bops_device_state_close(&state);
    return CLI_VALID;
}

static int
command(phone *p, const char *what, const char *path, const carnet_bops_device_command *request)
{
    carnet_buf body = cli_buf(ROOM);
    carnet_err err = { 0 };
    carnet_str answer;
    unsigned status;
    bool asked;

    if (carnet_bops_device_command_write(request, &body, &err) != CARNET_OK) {
        cli_die("the request", &err);
    }
    asked = phone_ask(p, PHONE_PROVIDER, path, carnet_buf_span(&body), 0, &status, &answer);
    carnet_wipe(body.ptr, body.cap); /* the PIN */
    if (!asked) {
        return CLI_UNJUDGED;
    }
    return status == 200 ? tell(p, answer) : phone_refused(what, status, answer);
}

int
phone_unlock(const phone_arguments *a, carnet_crypto *crypto)
{
    const passphrase_source source = { a->pin_file, -1 };
    char value[CARNET_OTP_DIGITS_MAX + 1] = "";
    carnet_bops_device_command request = { .document = NULL };
    carnet_err err = { 0 };
    passphrase pin = { 0 };
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    if (p.enrolment.otp_seed_len > 0) {
        if (carnet_enrolment_password(&p.enrolment, crypto, cli_now(), value, &err) != CARNET_OK) {
            cli_die("the one-time password", &err);
        }
        phone_save(&p); /* a counter moved, perhaps */
        request.otp = carnet_str_of(value);
    }
    if (p.pin) {
        passphrase_get(&source, "PIN", false, &pin);
        request.pin = (carnet_str){ (const char *)pin.bytes, pin.len };
    }
    result = command(&p, "unlock", CARNET_BOPS_PATH_UNLOCK_CLIENT, &request);
    carnet_wipe(value, sizeof value);
    passphrase_done(&pin);
    phone_end(&p);
    return result;
}

int
phone_remove(const phone_arguments *a, carnet_crypto *crypto)
{
    const carnet_bops_device_command request = { .document = NULL };
    phone p;
    int result;

    phone_begin(&p, a, crypto, false);
    result = command(&p, "remove", CARNET_BOPS_PATH_REMOVE_DEVICE, &request);
    if (result == CLI_VALID) {
        phone_forget(&p);
    }
    phone_end(&p);
    return result;
}
