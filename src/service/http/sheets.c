/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What handlers write their answers on: each thread of a service has a sheet
 * that is as long as its longest answer may be, and takes memory for as much as
 * was ever written.  When the handler returns, a short answer is copied from it;
 * a longer one goes away with it, and the thread takes another, until it is sent.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    KEPT = 256 * 1024, /* what a sheet keeps of its memory */
    SHORT = 2048,      /* what is copied */
    AWAY = 256,        /* sheets with answers; beyond, longer ones are copied too */
};

bool
carnet_service_sheets_make(carnet_service *service)
{
    service->sheet_size = CARNET_SERVICE_ANSWER;
    for (size_t i = 0; i < service->route_count; i++)
        if (service->routes[i].answer_max > service->sheet_size)
            service->sheet_size = service->routes[i].answer_max;
    (void)pthread_mutex_init(&service->sheet_lock, NULL);
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
    carnet_service_spare_exchanges_free(service);
    if (service->sheets_made) {
        (void)pthread_key_delete(service->sheet);
        (void)pthread_mutex_destroy(&service->sheet_lock);
    }
    service->sheets_made = false;
}

/* One that nobody writes on, or a new one. */
static carnet_service_sheet *
find(carnet_service *service)
{
    carnet_service_sheet *sheet;

    (void)pthread_mutex_lock(&service->sheet_lock);
    sheet = service->spare_sheets;
    if (sheet != NULL)
        service->spare_sheets = sheet->spare;
    (void)pthread_mutex_unlock(&service->sheet_lock);
    if (sheet != NULL || (sheet = calloc(1, sizeof(*sheet))) == NULL)
        return sheet;
    sheet->service = service;
    sheet->octets =
        mmap(NULL, service->sheet_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (sheet->octets == MAP_FAILED) {
        free(sheet);
        return NULL;
    }
    (void)pthread_mutex_lock(&service->sheet_lock);
    sheet->next = service->sheets;
    service->sheets = sheet;
    (void)pthread_mutex_unlock(&service->sheet_lock);
    return sheet;
}

static void
clean(carnet_service_sheet *sheet, size_t written)
{
    carnet_wipe(sheet->octets, written < KEPT ? written : KEPT);
    if (written > KEPT)
        (void)madvise(sheet->octets + KEPT, sheet->service->sheet_size - KEPT, MADV_DONTNEED);
}

carnet_buf
carnet_service_sheet_take(carnet_service *service, size_t most)
{
    carnet_service_sheet *sheet = pthread_getspecific(service->sheet);

    if (sheet == NULL && (sheet = find(service)) != NULL && pthread_setspecific(service->sheet, sheet) != 0) {
        (void)pthread_mutex_lock(&service->sheet_lock);
        sheet->spare = service->spare_sheets;
        service->spare_sheets = sheet;
        (void)pthread_mutex_unlock(&service->sheet_lock);
        sheet = NULL;
    }
    return carnet_buf_of(sheet != NULL ? sheet->octets : NULL, sheet != NULL ? most : 0);
}

/* So many are away at once at most: each is a mapping of the process's. */
static bool
may_leave(carnet_service *service)
{
    bool may;

    (void)pthread_mutex_lock(&service->sheet_lock);
    may = service->sheets_away < AWAY;
    service->sheets_away += may;
    (void)pthread_mutex_unlock(&service->sheet_lock);
    return may;
}

static void
copy(carnet_buf *body, size_t more)
{
    const carnet_buf written = *body;
    size_t room = written.cap - written.len, cap = written.len + (more < room ? more : room);
    uint8_t *octets = cap > 0 ? malloc(cap) : NULL;

    *body = carnet_buf_of(octets, octets != NULL ? cap : 0);
    body->overflow = written.overflow || (octets == NULL && cap > 0);
    if (octets == NULL)
        return;
    memcpy(octets, written.ptr, written.len);
    body->len = written.len;
}

carnet_service_sheet *
carnet_service_sheet_leave(carnet_service *service, carnet_buf *body, bool drop, size_t more)
{
    carnet_service_sheet *sheet = pthread_getspecific(service->sheet);
    size_t written = body->len;

    if (sheet == NULL || body->ptr != sheet->octets)
        return NULL;
    if (!drop && written > SHORT && may_leave(service)) {
        (void)pthread_setspecific(service->sheet, NULL);
        return sheet;
    }
    if (drop)
        *body = carnet_buf_of(NULL, 0);
    else
        copy(body, more);
    clean(sheet, written);
    return NULL;
}

void
carnet_service_sheet_return(void *self)
{
    carnet_service_sheet *sheet = self;
    carnet_service *service = sheet->service;

    clean(sheet, sheet->written);
    (void)pthread_mutex_lock(&service->sheet_lock);
    sheet->spare = service->spare_sheets;
    service->spare_sheets = sheet;
    service->sheets_away--;
    (void)pthread_mutex_unlock(&service->sheet_lock);
}
