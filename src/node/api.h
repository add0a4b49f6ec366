/* The HTTP interface of a node: routes of /parley/v1 and /log, each described in schemas/openapi.json.
 *
 * Handlers run on the server's threads and never wait: what changes the record goes to the clerk, which answers from
 * its own thread. What they read is the published picture, pinned for as long as they look, and the store.
 *
 *   api_entries.c   entries filed, listed, shown with their labels (labels.c); messages of programs
 *   api_contents.c  contents brought and fetched
 *   api_picture.c   the picture, keys, peers
 *   api_desk.c      presence of desks, reported by themselves
 *   api_line.c      what layer line shows: notices, calls, shifts …
 *   api_intents.c   operational intents of drone traffic services, as far as F3548 discloses them
 *   api_intent.c    one of them, with the details that its service gives
 *   api_calls.c     STOP, URGENT, DISTRESS: what rings
 *   api_events.c    server-sent events
 *   api_log.c       checkpoint, tiles, proofs, mirrors; the witness (tlog-tiles, tlog-proof, tlog-witness)
 *   api_peer.c      what nodes say to each other, themselves or by file
 *   api_dss.c       the F3548-21 interface (api_dss.h)
 *   api_state.c     login, /healthy, /metrics, openapi.json */
#ifndef PRL_NODE_API_H
#define PRL_NODE_API_H

#include "base/schema.h"
#include "dss/request.h"
#include "node/clerk.h"
#include "node/http.h"
#include "node/readers.h"
#include "node/sessions.h"

#define PRL_CONTENT_MAX       (16u << 20) /* bytes of a content, its salt of 32 included */
#define PRL_ENTRIES_COUNT_MAX 1000u       /* entries of one answer of GET /parley/v1/entries */
#define PRL_ENTRIES_BYTES_MAX (4u << 20)  /* bytes of entries after which such an answer ends */
#define PRL_EVENTS_LAG_MAX    10000u      /* entries that a stream may fall behind */
#define PRL_MESSAGE_MAX       65535u      /* bytes of a message's JSON */
#define PRL_IMPORT_MAX        (32u << 20) /* bytes of a part of a peer's log that comes by file */

struct prl_peers;
struct prl_presence;
struct prl_ringing_look; /* ringing.h */
struct prl_bell;
struct prl_bearer;
struct prl_dss_lists;
struct prl_fetcher;
struct prl_notifier;

/* What handlers get; all of it outlives the server. */
typedef struct prl_api {
	prl_store *store;
	prl_picture *picture;
	prl_ledger *own;
	prl_ledger *const *mirrors;
	size_t mirror_count;
	prl_clerk *clerk;
	prl_readers *readers;
	prl_sessions *sessions;
	struct prl_peers *peers;
	struct prl_presence *presence;
	struct prl_bell *bell;
	prl_registry *registry;        /* what the F3548 interface serves; NULL: nothing */
	struct prl_bearer *bearer;     /* who calls the F3548 interface (bearer.h); NULL: it is not served */
	struct prl_fetcher *fetcher;   /* of details of intents (fetcher.h); NULL: the F3548 interface is not served */
	struct prl_notifier *notifier; /* for its figures; NULL: as above */
	struct prl_dss_lists *dss_lists; /* with the registry */
	prl_dss_rules dss_rules;
	const char *address; /* "http://127.0.0.1:8440": where this node listens */
	const prl_signer *log_key;
	prl_schema *message;                                    /* schemas/http/message.json */
	prl_http *http;                                         /* set before its first request; only for figures */
	prl_time (*now)(void *context), (*boot)(void *context); /* wall clock; time since boot (clock.h) */
	void *now_context;
	struct prl_disk_watch {
		_Atomic uint64_t failed, batches;
		_Atomic bool failing;
	} disk;
} prl_api;

extern const prl_route prl_api_routes[];
extern const size_t prl_api_route_count;

/* The ledger of a mirrored log (not our own); NULL where it is none. */
prl_ledger *prl_api_mirror(const prl_api *api, prl_bytes origin);
/* The origin of a log of the constitution from lower-case hex SHA-256 of it; false where there is none. */
bool prl_api_origin(const prl_api *api, prl_bytes hex, char origin[PRL_KEY_NAME_MAX + 1]);
/* A salted hash in a path: 64 hexadecimal digits, or base64url with or without padding. */
bool prl_api_hash(prl_bytes text, prl_hash *ret);
/* A decimal query argument or part; `otherwise` where it is not there; false: has answered 400. */
bool prl_api_number(prl_request *request, prl_bytes text, const char *name, uint64_t otherwise, uint64_t *ret);
void prl_api_no_memory(prl_request *request);
/* The answer to what the clerk refused: by prl_http_status(), but 503 for a full queue and a node not yet open. */
void prl_api_refused(prl_api *api, prl_request *request, const prl_filing *filing);

/* ---- shared by handlers ------------------------------------------------------------------------------------------ */

/* {"log","index","hash","kind","party","desk","key","recorded","serial","time","mode","body"}; null for what the head
 * does not state and for a body that is no JSON. with_note adds "note", the whole text. */
json_t *prl_entry_json(const char *log, uint64_t index, const prl_entry *entry, bool with_note);
/* LOGGED, SERVED, NOT DELIVERED, DEEMED of one entry (design.md, idea 4). */
PRL_MUST prl_status prl_labels_json(const prl_api *api, prl_store_reader *reader, prl_ledger *ledger, uint64_t index,
				    json_t *body, json_t **ret, prl_error *err);
/* Entries of our own log that the node of `log` is known to hold: `known`, or more by a cosignature that is kept, as it
 * comes by file. */
uint64_t prl_labels_held(const prl_api *api, const prl_log *log, uint64_t known);
/* The newest checkpoint of our own log with all cosignatures that are known of that size. */
PRL_MUST prl_status prl_api_checkpoint(const prl_api *api, prl_store_reader *reader, prl_buffer *ret, prl_error *err);
/* What sounds at a desk now (ringing.h): the alarms of its party, collected and looked at. */
PRL_MUST prl_status prl_api_ring(const prl_api *api, const char *party, const char *desk, struct prl_ringing_look *ret,
				 prl_error *err);
/* {"id","manager","state","version","from","to","lower_m","upper_m","bounds","uss_base_url"}: what F3548 discloses. */
json_t *prl_api_intent_json(const prl_entity *intent);
/* {"log","address","state","connected","size","mirrored","acknowledged",…} of every other log. */
json_t *prl_api_peers_json(const prl_api *api, prl_version version);

/* ---- handlers ---------------------------------------------------------------------------------------------------- */

#define PRL_API_HANDLERS(X)                                                                                            \
	X(front)                                                                                                       \
	X(login_offer)                                                                                                 \
	X(login)                                                                                                       \
	X(logout) X(openapi) X(healthy) X(metrics) X(entry_post) X(entry_list) X(entry_get) X(message_post)            \
		X(content_put) X(content_get) X(retention) X(desk_post) X(picture) X(key) X(peers) X(line) X(intents)  \
			X(intent) X(call_post) X(call_list) X(peer_call) X(peer_ringing) X(events) X(log_checkpoint)   \
				X(log_tile) X(log_proof) X(mirror_checkpoint) X(mirror_tile) X(witness_checkpoint)     \
					X(witness_add) X(import_entries) X(import_cosignatures) X(peer_entries)        \
						X(peer_content) X(peer_checkpoint) X(peer_cosignatures)

#define X(name) void prl_api_##name(void *node, prl_request *request);
PRL_API_HANDLERS(X)
#undef X

#endif
