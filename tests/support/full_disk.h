/* A full disk, for this process: from full_disk(true) to full_disk(false) every write beyond the first 4 KiB of a file
 * fails (RLIMIT_FSIZE), which is less than any store has. */
#ifndef TESTS_SUPPORT_FULL_DISK_H
#define TESTS_SUPPORT_FULL_DISK_H

#include <stdbool.h>

void full_disk(bool full);

#endif
