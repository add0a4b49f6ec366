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

#define PRL_MAX_TABLES 128u /* nouns of a picture */
#define PRL_MAX_KINDS 256u /* kinds of entries */
#define PRL_LOAD_THREADS_MAX 15u /* beside the one that loads a snapshot; no more than there are processors */
#define PRL_MAX_PARTIES 32u /* of a line: old and new roots of all sign an amendment, and 64 signatures are read */
#define PRL_PEERS_MAX           64u             /* logs that a node mirrors */
#define PRL_CLERK_QUEUE_MAX     20000u          /* filings that wait for the clerk; more are answered "try again" */
#define PRL_CLERK_BATCH_MAX     2000u           /* filings of one batch; entries too, but for the last filing's */
#define PRL_CLERK_BATCH_BYTES   (64u * PRL_MIB) /* that the node itself writes for one batch; full at half of it */
#define PRL_OVERLAPS_LEFT_MAX   4096u /* candidates named at once of filings that meet more than are tested with them */
#define PRL_MIRROR_MAX          (4u * 1024u * 1024u) /* entries of one MIRROR or RESTORE filing */
#define PRL_MAX_FAULTS_A_BATCH  64u                  /* recorded one by one for a peer.seen; then one names the range */
#define PRL_SEEN_STEP           1024u                /* entries of a peer for one peer.seen: 70 ms of signatures */
#define PRL_RECEIPTS_UNSEEN_MAX 1024u                /* held receipts; with so many a peer.seen comes without an act */
#define PRL_CONTENT_GOT_MAX     256u                 /* hashes of one content.got, as its schema has it */
#define PRL_RETENTION_MAX       4096u                /* contents deleted by one filing: 16 entries of 256 hashes */
#define PRL_CONTENT_ORPHAN_MAX  (64u * PRL_MIB)      /* contents kept before the entry that announces them */
#define PRL_CONTENT_ORPHANS_MAX 4096u                /* how many of them */
#define PRL_SETTINGS_MAX        PRL_MIB              /* node.json */
#define PRL_MAX_JSON_DEPTH_BODY 32u             /* bodies of entries and requests */
#define PRL_MAX_JSON_BODY_BYTES (16u * PRL_MIB) /* text of a request; jansson takes up to 60 times that for "[[],[],…" */
#define PRL_MAX_UNIQUE_ITEMS 1000u              /* of an array whose items must differ: each is compared with each */
#define PRL_MAX_ENTRY_BYTES 65535u              /* tlog-tiles, entry bundles: a u16 counts the bytes (PRL_ENTRY_MAX) */
#define PRL_MAX_CONTENT_BYTES (512u * PRL_MIB)  /* a content with its salt; SQLite's own limit is 10^9 */
#define PRL_MAX_BODY_BYTES (8u * PRL_MIB)       /* beside an entry, with its salt: PRL_DSS_BODY_MAX and what is made of it */
#define PRL_MAX_ORIGIN_BYTES 256u               /* name of a log */
#define PRL_MAX_CELL_NAME_BYTES 512u
#define PRL_MAX_LOGS 65536u                     /* logs in one store */
/* F3548 (layer dss) */
#define PRL_DSS_BODY_MAX     (4u * PRL_MIB) /* of one request */
#define PRL_DSS_VERTICES_MAX 10000u         /* of one entity */
#define PRL_DSS_VOLUMES_MAX  1000u          /* of one entity */
#define PRL_DSS_EDGES_MAX_M  250e6          /* edges of one entity: 10,000 pieces of 25 km (geo/footprint.h) */
#define PRL_DSS_KEY_MAX      50000u         /* OVNs of one request: 4 MiB hold no more */
#define PRL_DSS_TEXT_MAX     2000u          /* bytes of an address; of a manager's name 200 */
/* HTTP */
#define PRL_MAX_HTTP_CONNECTION_BYTES (32u * PRL_KIB) /* head of a request and of its answer; beyond it 414 or 431 */
#define PRL_MAX_HTTP_FIELDS           100u            /* browsers send about 20, nginx adds a few */
#define PRL_MAX_HTTP_SEGMENTS         24u             /* of a path; a tlog-tiles path of 2^64 leaves has 13 */
#define PRL_MAX_HTTP_QUERIES          32u
#define PRL_MAX_HTTP_ALLOW            64u              /* text of the methods of one path */
#define PRL_MAX_HTTP_ANSWER_FIELDS    8u               /* header fields a handler may add */
#define PRL_MAX_HTTP_ARENA            (64u * PRL_MIB)  /* of one request */
#define PRL_MAX_HTTP_SWALLOW          (64u * PRL_KIB)  /* body of a refused request that is read to keep the connection */
#define PRL_MAX_HTTP_PATIENCE         (64u * PRL_MIB)  /* … where the route is patient (node/http.h) */
/* Tokens and keys of the F3548 interface */
#define PRL_MAX_TOKEN_BYTES (16u * PRL_KIB) /* a JWT; those of today's issuers take 0.4 to 4 KiB */
#define PRL_MAX_JWKS_BYTES  PRL_MIB         /* a key set; 64 keys with chains of certificates take half of it */
#define PRL_MAX_JWKS_LISTED 1024u           /* keys that a set may list */
#define PRL_MAX_JWKS_KEYS   64u             /* of them usable: a token without "kid" is tried with each, 30 µs a key */
#define PRL_MAX_PEM_BYTES   (64u * PRL_KIB) /* a file of keys */
#define PRL_MAX_TOKENS_KEPT 8192u           /* verified tokens; each takes 0.6 KiB */
/* A policy file: tlog-policy wants at least 32 of each; a checkpoint carries 64 signatures at most. */
#define PRL_MAX_POLICY_LOGS 64u
#define PRL_MAX_POLICY_WITNESSES 64u
#define PRL_MAX_POLICY_GROUPS 64u
#define PRL_MAX_POLICY_BYTES (256u * PRL_KIB)

#endif
