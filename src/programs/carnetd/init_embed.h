/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the source within the program. */
#ifndef CARNETD_INIT_EMBED_H
#define CARNETD_INIT_EMBED_H
#include "init_embedded.h" /* made anew when one of them changes, and so is what has them */

#include <stdint.h>

#define EMBED(symbol, file)                                                                                            \
    __asm__(".pushsection .rodata\n"                                                                                   \
            "carnetd_" #symbol "_begin:\n"                                                                             \
            ".incbin \"" file "\"\n"                                                                                   \
            "carnetd_" #symbol "_end:\n"                                                                               \
            ".byte 0\n"                                                                                                \
            ".popsection\n");                                                                                          \
    extern const uint8_t carnetd_##symbol##_begin[] __attribute__((visibility("hidden")));                             \
    extern const uint8_t carnetd_##symbol##_end[] __attribute__((visibility("hidden")))

#endif
