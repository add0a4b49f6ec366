/* SNAPSHOT FILE. Numbers are u64, big endian (pack.h).
 *
 *   blocks    one after the other, none empty. The first is the head:
 *               text "parley picture", number PRL_FOLD_VERSION, hash of the names of all nouns and kinds,
 *               text own log, number size, hash root (prl_snapshot_head)
 *             Each of the others holds objects of one table, and ends with the first that reaches PRL_SINK_BLOCK;
 * tables in the order in which their nouns were registered, objects in byte order of their keys: bytes key, bytes
 * object (prl_noun.save) index     for each block: number table (0 for the head), number of objects, number of bytes,
 * its SHA-256 end       number of bytes of the index, SHA-256 of index and that number
 *
 * So every byte of the file is under a hash, and blocks can be checked and read side by side: by as many threads as
 * there are processors, each object only after the hash of its block holds. A snapshot is a cache: whatever is wrong
 * with it, the entries are still there. */
#ifndef PRL_PICTURE_SNAPSHOT_FILE_H
#define PRL_PICTURE_SNAPSHOT_FILE_H

#include "picture/picture.h"

/* To be raised whenever the same entries give another picture, or objects other bytes. */
#define PRL_FOLD_VERSION 5

#define PRL_SNAPSHOT_ROW 56u /* bytes of the index a block */
#define PRL_SNAPSHOT_END 40u /* bytes of the end */

bool prl_snapshot_write_head(const prl_picture *picture, const prl_snapshot_head *head, prl_buffer *to);

#endif
