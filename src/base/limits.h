/* Every size that hostile input could drive, in one place. */
#ifndef PRL_BASE_LIMITS_H
#define PRL_BASE_LIMITS_H

#define PRL_KIB 1024u
#define PRL_MIB (1024u * 1024u)

#define PRL_MAX_JSON_DEPTH 256u                 /* jansson's own limit is 2048; no format of ours is deeper than 20 */
#define PRL_MAX_FEATURE_BYTES (512u * PRL_MIB)  /* one feature or one intent of a file; 10^6 vertices take about 50 MiB */
#define PRL_MAX_ID_BYTES 256u                   /* an id of a plan */
#define PRL_MAX_NAME_BYTES 1024u                /* a party or a name for people */
#define PRL_MAX_VOLUMES_A_PLAN 100000u

#define PRL_PEERS_MAX           64u             /* logs that a node mirrors */
#define PRL_CLERK_QUEUE_MAX     20000u          /* filings that wait for the clerk; more are answered "try again" */
#define PRL_CLERK_BATCH_MAX     2000u           /* filings of one batch; entries too, but for the last filing's */
#define PRL_CLERK_BATCH_BYTES   (64u * PRL_MIB) /* that the node itself writes for one batch; full at half of it */
#define PRL_MIRROR_MAX          (4u * 1024u * 1024u) /* entries of one MIRROR or RESTORE filing */
#define PRL_MAX_FAULTS_A_BATCH  64u                  /* recorded one by one for a peer.seen; then one names the range */
#define PRL_SEEN_STEP           1024u                /* entries of a peer for one peer.seen: 70 ms of signatures */
#define PRL_RECEIPTS_UNSEEN_MAX 1024u                /* held receipts; with so many a peer.seen comes without an act */
#define PRL_CONTENT_GOT_MAX     256u                 /* hashes of one content.got, as its schema has it */
#define PRL_CONTENT_ORPHAN_MAX  (64u * PRL_MIB)      /* contents kept before the entry that announces them */
#define PRL_CONTENT_ORPHANS_MAX 4096u                /* how many of them */
#define PRL_SETTINGS_MAX        PRL_MIB              /* node.json */
#define PRL_MAX_JSON_DEPTH_BODY 32u             /* bodies of entries and requests */
#define PRL_MAX_ENTRY_BYTES 65535u              /* tlog-tiles, entry bundles: a u16 counts the bytes (PRL_ENTRY_MAX) */
#define PRL_MAX_CONTENT_BYTES (512u * PRL_MIB)  /* a content with its salt; SQLite's own limit is 10^9 */
#define PRL_MAX_ORIGIN_BYTES 256u               /* name of a log */
#define PRL_MAX_CELL_NAME_BYTES 512u
#define PRL_MAX_LOGS 65536u                     /* logs in one store */

#endif
