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

/* HTTP */
#define PRL_MAX_HTTP_CONNECTION_BYTES (32u * PRL_KIB) /* head of a request and of its answer; beyond it 414 or 431 */
#define PRL_MAX_HTTP_FIELDS           100u            /* browsers send about 20, nginx adds a few */
#define PRL_MAX_HTTP_SEGMENTS         24u             /* of a path; a tlog-tiles path of 2^64 leaves has 13 */
#define PRL_MAX_HTTP_QUERIES          32u
#define PRL_MAX_HTTP_ALLOW            64u              /* text of the methods of one path */
#define PRL_MAX_HTTP_ANSWER_FIELDS    8u               /* header fields a handler may add */
#define PRL_MAX_HTTP_ARENA            (64u * PRL_MIB)  /* of one request */
#define PRL_MAX_HTTP_SWALLOW          (64u * PRL_KIB)  /* body of a refused request that is read to keep the connection */

#endif
