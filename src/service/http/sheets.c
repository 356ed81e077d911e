/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What handlers write their answers on: each thread of a service has a sheet
 * that is as long as its longest answer may be, and takes memory for as much as
 * was ever written.  What is written leaves it when the handler returns.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What a sheet keeps of its memory. */
enum { KEPT = 256 * 1024 };

bool
carnet_service_sheets_make(carnet_service *service)
{
    service->sheet_size = CARNET_SERVICE_ANSWER;
    for (size_t i = 0; i < service->route_count; i++)
        if (service->routes[i].answer_max > service->sheet_size)
            service->sheet_size = service->routes[i].answer_max;
    service->sheets_made = pthread_key_create(&service->sheet, NULL) == 0;
    return service->sheets_made;
}

void
carnet_service_sheets_free(carnet_service *service)
{
    while (service->sheets != NULL) {
        carnet_service_sheet *next = service->sheets->next;

        (void)munmap(service->sheets->octets, service->sheet_size);
        free(service->sheets);
        service->sheets = next;
    }
    if (service->sheets_made)
        (void)pthread_key_delete(service->sheet);
    service->sheets_made = false;
}

static carnet_service_sheet *
make(carnet_service *service)
{
    carnet_service_sheet *sheet = calloc(1, sizeof(*sheet));

    if (sheet == NULL)
        return NULL;
    sheet->octets =
        mmap(NULL, service->sheet_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (sheet->octets == MAP_FAILED || pthread_setspecific(service->sheet, sheet) != 0) {
        if (sheet->octets != MAP_FAILED)
            (void)munmap(sheet->octets, service->sheet_size);
        free(sheet);
        return NULL;
    }
    (void)pthread_mutex_lock(&service->lock);
    sheet->next = service->sheets;
    service->sheets = sheet;
    (void)pthread_mutex_unlock(&service->lock);
    return sheet;
}

carnet_buf
carnet_service_sheet_take(carnet_service *service, size_t most)
{
    carnet_service_sheet *sheet = pthread_getspecific(service->sheet);

    if (sheet == NULL)
        sheet = make(service);
    return carnet_buf_of(sheet != NULL ? sheet->octets : NULL, sheet != NULL ? most : 0);
}

void
carnet_service_sheet_copy(carnet_service *service, carnet_buf *body, bool drop, size_t more)
{
    carnet_service_sheet *sheet = pthread_getspecific(service->sheet);
    const carnet_buf written = *body;
    size_t room = written.cap - written.len;
    uint8_t *copy = NULL;

    if (sheet == NULL || written.ptr != sheet->octets)
        return;
    if (more > room)
        more = room;
    if (!drop && written.len + more > 0)
        copy = malloc(written.len + more);
    *body = carnet_buf_of(copy, copy != NULL ? written.len + more : 0);
    body->overflow = !drop && (written.overflow || (copy == NULL && written.len + more > 0));
    if (copy != NULL) {
        memcpy(copy, written.ptr, written.len);
        body->len = written.len;
    }
    carnet_wipe(written.ptr, written.len < KEPT ? written.len : KEPT);
    if (written.len > KEPT)
        (void)madvise(written.ptr + KEPT, service->sheet_size - KEPT, MADV_DONTNEED);
}
