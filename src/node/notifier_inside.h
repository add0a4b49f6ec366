/* What the files of the notifier share: letters to addresses (notifier_post.c), what came of them (notifier.c). */
#ifndef PRL_NODE_NOTIFIER_INSIDE_H
#define PRL_NODE_NOTIFIER_INSIDE_H

#include "node/notifier.h"

#include <pthread.h>

#define WHY_MAX          120
#define DOUBTFUL_AT_ONCE (PRL_NOTIFIER_THREADS / 2)

/* A change of which somebody is to be told, as long as the record says so. */
typedef struct news {
	uint64_t entry;
	prl_uuid id;
	uint32_t version;
	prl_hash notice;
	bool over;              /* the constraint was deleted */
	prl_time until;         /* how long it matters, as it was then */
	size_t waiting;         /* subscriptions that are not told yet */
	struct result *results; /* what is not recorded yet, newest first */
	int64_t since_ms;       /* of the oldest of them, by the machine's clock */
	struct news *next;
} news;

typedef struct result {
	char *manager;
	prl_uuid subscription;
	bool told;
	char why[WHY_MAX];
	struct result *next;
} result;

/* A subscription to be told of a change. */
typedef struct line {
	news *of;
	char *manager;
	prl_uuid subscription;
	uint32_t index;
	prl_time first; /* since boot: when it was first to be told */
	bool sending;
	struct line *next;
} line;

/* All that one address is still to be told of one constraint. */
typedef struct letter {
	prl_uuid id;
	line *lines;
	bool sending;
	struct letter *next;
} letter;

typedef struct address {
	char *url, *manager; /* of the first subscription that was to be told there */
	letter *letters;     /* oldest first */
	bool answered;       /* the last time; else it is doubtful: new, or it failed */
	unsigned sending, failures;
	prl_time due, last; /* since boot: not called before this; last called */
	struct address *next;
} address;

struct prl_notifier {
	prl_notifier_parts parts;
	pthread_mutex_t lock;   /* of all that follows */
	pthread_cond_t changed; /* the clerk's thread or a worker has done something; monotonic */
	pthread_cond_t work;    /* an address may be due */
	bool stop;
	news *news; /* by entry */
	address *addresses;
	size_t address_count;
	json_t *by_url;                         /* url: its address, as a number */
	const char *doubtful[DOUBTFUL_AT_ONCE]; /* managers of doubtful addresses that are being called; NULL: free */
	prl_notifier_figures figures;
	/* Of the clerk's committer, which must never wait for the other lock. */
	pthread_mutex_t grown_lock;
	pthread_cond_t has_grown;
	bool grown, ends;
	pthread_t thread, workers[PRL_NOTIFIER_THREADS];
	size_t started; /* of all threads */
};

/* A worker: calls what is due until the notifier stops. */
void *prl_notifier_work(void *notifier);

#endif
