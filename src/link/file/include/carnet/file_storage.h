/* SPDX-License-Identifier: Apache-2.0 */
/* A secure area's storage: one file of the file system, for its owner only. */
#ifndef CARNET_FILE_STORAGE_H
#define CARNET_FILE_STORAGE_H
#include "carnet/secure_area.h"
CARNET_BEGIN_DECLS

/** The storage at `path`, which is borrowed.  Replacing writes PATH.new, has it reach the disk and renames it; PATH.new may be
 *  left behind by a process that was killed, and is written over by the next.  CARNET_E_AREA_STORAGE says what failed. */
CARNET_API carnet_area_storage carnet_file_storage(const char *path);

CARNET_END_DECLS
#endif
