/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The write-ahead log's file: what SQLite writes there in pieces, a header and a
 * page at a time, goes to the kernel at once, when the log is synchronised.
 *
 * Nobody else reads a frame before the index says that it is there, and with
 * synchronous = FULL it says so only after xSync().  What this connection reads
 * itself is written before.  Without spilling (cache_spill = OFF) only a commit
 * writes, and ends with xSync(): nothing is left when the lock is given up.
 */
#include "internal.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#define ROOM_FIRST (128 * 1024)
#define ROOM_MOST  (2 * 1024 * 1024) /* beyond it is written as it comes */
#define PIECE      (124 * 1024)      /* SQLite's own files take less than 128 KiB at a time */

typedef struct log_file {
    sqlite3_file base;
    uint8_t *room;
    size_t cap, len;
    sqlite3_int64 at; /* where in the file the room's first octet belongs */
} log_file;

static sqlite3_vfs *below;

/* The file of the system's, which lies behind ours. */
static sqlite3_file *
real(sqlite3_file *file)
{
    return (sqlite3_file *)((log_file *)(void *)file + 1);
}

/* What cannot be written is lost: SQLite is told and rolls back. */
static int
flush(sqlite3_file *file)
{
    log_file *log = (log_file *)(void *)file;
    size_t len = log->len;
    int code = SQLITE_OK;

    log->len = 0;
    for (size_t at = 0; code == SQLITE_OK && at < len; at += PIECE) {
        const int piece = len - at < PIECE ? (int)(len - at) : PIECE;

        code = real(file)->pMethods->xWrite(real(file), log->room + at, piece, log->at + (sqlite3_int64)at);
    }
    return code;
}

static bool
has_room(log_file *log, size_t more)
{
    size_t want = log->cap == 0 ? ROOM_FIRST : log->cap;
    uint8_t *room;

    while (want < ROOM_MOST && want - log->len < more)
        want *= 2;
    if (want - log->len < more)
        return false;
    if (want == log->cap)
        return true;
    room = sqlite3_realloc64(log->room, want);
    if (room == NULL)
        return false;
    log->room = room;
    log->cap = want;
    return true;
}

static int
log_write(sqlite3_file *file, const void *octets, int count, sqlite3_int64 at)
{
    log_file *log = (log_file *)(void *)file;
    int code = SQLITE_OK;

    if (log->len != 0 && (at != log->at + (sqlite3_int64)log->len || !has_room(log, (size_t)count)))
        code = flush(file);
    if (code != SQLITE_OK)
        return code;
    if (!has_room(log, (size_t)count))
        return real(file)->pMethods->xWrite(real(file), octets, count, at);
    if (log->len == 0)
        log->at = at;
    memcpy(log->room + log->len, octets, (size_t)count);
    log->len += (size_t)count;
    return SQLITE_OK;
}

static int
log_read(sqlite3_file *file, void *octets, int count, sqlite3_int64 at)
{
    int code = flush(file);

    return code != SQLITE_OK ? code : real(file)->pMethods->xRead(real(file), octets, count, at);
}

static int
log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = flush(file);

    return code != SQLITE_OK ? code : real(file)->pMethods->xTruncate(real(file), size);
}

static int
log_sync(sqlite3_file *file, int flags)
{
    int code = flush(file);

    return code != SQLITE_OK ? code : real(file)->pMethods->xSync(real(file), flags);
}

static int
log_size(sqlite3_file *file, sqlite3_int64 *size)
{
    int code = flush(file);

    return code != SQLITE_OK ? code : real(file)->pMethods->xFileSize(real(file), size);
}

static int
log_close(sqlite3_file *file)
{
    log_file *log = (log_file *)(void *)file;
    int flushed = flush(file), code = real(file)->pMethods->xClose(real(file));

    sqlite3_free(log->room);
    log->room = NULL;
    return flushed != SQLITE_OK ? flushed : code;
}

static int
log_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int
log_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int
log_reserved(sqlite3_file *file, int *is)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), is);
}

static int
log_control(sqlite3_file *file, int operation, void *arg)
{
    return real(file)->pMethods->xFileControl(real(file), operation, arg);
}

static int
log_sector(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int
log_characteristics(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_characteristics,
};

/* Other files are the system's own. */
static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *given)
{
    log_file *log = (log_file *)(void *)file;
    int code;

    (void)vfs;
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return below->xOpen(below, name, file, flags, given);
    *log = (log_file){ 0 };
    real(file)->pMethods = NULL;
    code = below->xOpen(below, name, real(file), flags, given);
    if (real(file)->pMethods != NULL)
        file->pMethods = &methods;
    return code;
}

static void
make(void)
{
    static sqlite3_vfs ours;

    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* a lock of all threads at each piece of memory, for nothing */
    below = sqlite3_vfs_find(NULL);
    if (below == NULL)
        return;
    ours = *below;
    ours.zName = "carnet";
    ours.szOsFile = (int)sizeof(log_file) + below->szOsFile;
    ours.pNext = NULL;
    ours.xOpen = open_file;
    if (sqlite3_vfs_register(&ours, 0) != SQLITE_OK)
        below = NULL;
}

const char *
carnet_sqlite_files(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, make);
    return below == NULL ? NULL : "carnet";
}
