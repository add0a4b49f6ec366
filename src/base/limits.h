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

#define PRL_MAX_TABLES 64u /* nouns of a picture */
#define PRL_MAX_KINDS 256u /* kinds of entries */
#define PRL_MAX_JSON_DEPTH_BODY 32u             /* bodies of entries and requests */
#define PRL_MAX_ENTRY_BYTES 65535u              /* tlog-tiles, entry bundles: a u16 counts the bytes (PRL_ENTRY_MAX) */
#define PRL_MAX_CONTENT_BYTES (512u * PRL_MIB)  /* a content with its salt; SQLite's own limit is 10^9 */
#define PRL_MAX_ORIGIN_BYTES 256u               /* name of a log */
#define PRL_MAX_CELL_NAME_BYTES 512u
#define PRL_MAX_LOGS 65536u                     /* logs in one store */
/* A policy file: tlog-policy wants at least 32 of each; a checkpoint carries 64 signatures at most. */
#define PRL_MAX_POLICY_LOGS 64u
#define PRL_MAX_POLICY_WITNESSES 64u
#define PRL_MAX_POLICY_GROUPS 64u
#define PRL_MAX_POLICY_BYTES (256u * PRL_KIB)

#endif
