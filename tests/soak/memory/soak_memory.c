/* SPDX-License-Identifier: Apache-2.0 */
#include "../soak.h"
#include "carnet/link_memory.h"

int
main(int argc, char **argv)
{
    return soak_run("memory", carnet_link_memory_pair, argc, argv);
}
