/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzer: once for each file of the folders named
 * as arguments, and once for no bytes at all.  Prints TAP.  A target that finds
 * an invariant broken aborts, which ends the run before its plan is met.
 */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

static unsigned done;

/* The bytes in a heap block of their own size, so that a sanitizer sees a byte read too far. */
static void
run(const char *name, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    MUST(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    printf("# %s: %zu bytes\n", name, size);
    (void)fflush(stdout); /* so that an abort leaves the name of its input behind */
    MUST(LLVMFuzzerTestOneInput(copy, size) == 0);
    printf("ok %u - %s\n", ++done, name);
    free(copy);
}

static bool
run_file(const char *folder, const char *name)
{
    static uint8_t data[1 << 20];
    char path[1024];
    FILE *file;
    size_t size;
    int len = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (len < 0 || (size_t)len >= sizeof(path) || (file = fopen(path, "rb")) == NULL)
        return false;
    size = fread(data, 1, sizeof(data), file);
    if (fclose(file) != 0 || size == sizeof(data))
        return false;
    run(name, data, size);
    return true;
}

static int
visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* The number of files run; -1 if the folder or a file could not be read. */
static int
run_folder(const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, visible, alphasort), bad = count < 0;

    for (int i = 0; i < count; i++) {
        bad = bad || !run_file(folder, names[i]->d_name);
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return bad ? -1 : count;
}

int
main(int argc, char **argv)
{
    int files = 0;

    run("no bytes", (const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        int count = run_folder(argv[i]);

        if (count < 0) {
            printf("not ok %u - cannot read %s\n1..%u\n", done + 1, argv[i], done + 1);
            return 1;
        }
        files += count;
    }
    if (files == 0)
        printf("not ok %u - the corpus is empty\n", ++done);
    printf("1..%u\n", done);
    return files == 0;
}
