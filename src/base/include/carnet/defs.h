/* SPDX-License-Identifier: Apache-2.0 */
/* Compiler dressing shared by every public header: linkage, visibility, must-use. */
#ifndef CARNET_DEFS_H
#define CARNET_DEFS_H

#ifdef __cplusplus
#define CARNET_BEGIN_DECLS extern "C" {
#define CARNET_END_DECLS   }
#else
#define CARNET_BEGIN_DECLS
#define CARNET_END_DECLS
#endif

#if defined(__GNUC__)
#define CARNET_API               __attribute__((visibility("default")))
#define CARNET_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define CARNET_API
#define CARNET_PRINTF(fmt, args)
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
#define CARNET_NODISCARD [[nodiscard]]
#elif !defined(__cplusplus) && defined(__STDC_VERSION__) && __STDC_VERSION__ > 201710L
#define CARNET_NODISCARD [[nodiscard]]
#else
#define CARNET_NODISCARD
#endif

/** Number of elements of an array (not of a pointer). */
#define CARNET_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
