/* Whole files: read with a maximum, written so that they are there whole or not at all. */
#ifndef PRL_BASE_FILE_H
#define PRL_BASE_FILE_H

#include "base/memory.h"

#include <sys/stat.h>

/* Appends a whole file to ret, at most ret->max bytes in all. PRL_E_NOT_FOUND, PRL_E_IO with the reason,
 * PRL_E_TOO_LARGE. */
PRL_MUST prl_status prl_file_read(const char *path, prl_buffer *ret, prl_error *err);

/* Writes another file first, syncs it, renames it, syncs the folder. */
PRL_MUST prl_status prl_file_write(const char *path, prl_bytes bytes, mode_t mode, prl_error *err);

/* The same without syncing: for many files at once, then one syncfs() by prl_folder_sync(). */
PRL_MUST prl_status prl_file_put(const char *path, prl_bytes bytes, prl_error *err);
PRL_MUST prl_status prl_folder_sync(const char *folder, prl_error *err);

/* Makes the folders that lead to path; what follows the last / is a file. */
PRL_MUST prl_status prl_folder_of_file(const char *path, prl_error *err);

#endif
