/* SPDX-License-Identifier: Apache-2.0 */
/* Room for what the store's records say: little at first, since what is used is wiped; much where claims need it. */
#include "internal.h"

static void
empty(authorization_call *call, carnet_buf *room)
{
    if (room->ptr == NULL)
        *room = carnet_service_scratch_buf(call->worker, call->much ? AUTHORIZATION_MUCH : AUTHORIZATION_ROOM);
    room->len = 0;
    room->overflow = false;
}

void
carnet_authorization_room_empty(authorization_call *call)
{
    empty(call, &call->room);
}

void
carnet_authorization_spare_empty(authorization_call *call)
{
    empty(call, &call->spare);
}

/* Whether it is worth another try. */
static bool
more(authorization_call *call, carnet_rc rc)
{
    if (rc != CARNET_E_NO_SPACE || call->much)
        return false;
    call->much = true;
    call->room = call->spare = carnet_buf_of(NULL, 0);
    return true;
}

carnet_rc
carnet_authorization_transact(authorization_call *call, carnet_store_work *work, void *arg, carnet_err *err)
{
    return carnet_authorization_transact_again(call, work, arg,
                                               carnet_store_transact(call->worker->store, work, arg, err), err);
}

carnet_rc
carnet_authorization_transact_again(authorization_call *call, carnet_store_work *work, void *arg, carnet_rc rc,
                                    carnet_err *err)
{
    return more(call, rc) ? carnet_store_transact(call->worker->store, work, arg, err) : rc;
}

carnet_rc
carnet_authorization_read(authorization_call *call, carnet_store_work *work, void *arg, carnet_err *err)
{
    carnet_rc rc = carnet_store_read(call->worker->store, work, arg, err);

    return more(call, rc) ? carnet_store_read(call->worker->store, work, arg, err) : rc;
}
