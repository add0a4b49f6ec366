/* The bell: what rings now. STOP, URGENT, DISTRESS and their answers come here first, and go to every desk's stream, to
 * the peers and to the operator's hooks before disk, engine or clerk is asked (design.md, 4). Memory only.
 *
 * What rings is laid together with the record when it is shown: what a checkpoint covers is LOGGED, and what is wholly
 * in the record is dropped here. Nothing of this waits for anything: the bell's lock is held for moments, each peer has
 * a thread and a connection of its own (apart from peers.h, where a million entries may be under way), hooks have
 * another, and what the clerk refuses or the disk cannot take is filed again.
 *
 * Who is rung for. A console is known by the name of its key, which the picture has or once had, or by the token of a
 * session that its key once opened; a peer by its login. A stranger is refused: else anybody who reaches the port could
 * keep a watch from its work. A key that was revoked, a signature that does not hold, a text without one: all these
 * ring, marked UNVERIFIED with the reason, and count as nobody's act. Of one caller PRL_BELL_A_CALLER different calls
 * ring at a time; more are counted on the newest, so that nobody who calls is sent away, and no caller fills the bell
 * for the others. What does not hold is the caller's by the name that it gives and by who has brought it; where the
 * bell is full, those go first of whom there are the most.
 *
 * Ids. An entry's id is the hash of its bytes. What comes unsigned from a peer has the id that the peer states, so that
 * it is one object at both nodes, unless an entry or another peer's call has that id: then it has another.
 *
 * What nobody takes. The steps are the constitution's ring_s. After the last one it rings on, at every screen, and the
 * screens and hooks are told again each ring_s[2] - ring_s[1] (60 s); so is what was taken and of which nobody said
 * anything for PRL_CALL_PASS_S. What is in the record and waits for somebody here never goes from the bell by itself,
 * however old.
 *
 * A restart. What waits in the record and is not in the bell is taken up: at the start, and about every second, because
 * the log of a peer may bring what no letter has. Hooks are told at once, whatever was told before: two sirens for one
 * call are better than none. The step follows from the greater of two ages, of the call's own time by the wall clock,
 * and of its time in this bell by the clock since boot. To begin at the first step again would be quieter: a call that
 * had rung for ten minutes would have another two before everybody is rung, at each start. The own time may be wrong,
 * or a lie: then everybody is rung at once, which is the harmless side to err on; a time in the future takes nothing
 * away, the steps begin as for a new call. Own calls of the last day that somebody has not taken go to the peers once
 * more: whether they had them was known to memory alone, and the bytes are the same call there.
 *
 * UNVERIFIED in the record. What rings UNVERIFIED is nobody's act and no call of the record; that it rang here is this
 * node's own act, call.rung (bell_rung.c), so that nobody can say later that it did not, and it rings on after a
 * restart.
 *
 * RINGING. A stream that is open hears nothing: a desk says itself which calls sound there, every 5 s and when that
 * changes (POST /parley/v1/desk), and peers ask each other how many desks have said so within PRL_PRESENCE_RINGS_S. */
#ifndef PRL_NODE_BELL_H
#define PRL_NODE_BELL_H

#include "line/call.h"
#include "node/clerk.h"
#include "node/http.h"

#define PRL_BELL_MAX          512u /* calls at a time */
#define PRL_BELL_A_CALLER     16u
#define PRL_BELL_KEEP_S       86400 /* what never comes into the record rings for that long at most */
#define PRL_BELL_RETRY_MS     500   /* to the clerk, and to a peer that cannot be reached */
#define PRL_BELL_HOOK_S       10    /* a hook that takes longer is ended */
#define PRL_BELL_RUNG_AN_HOUR 16u   /* call.rung of what one side has brought */

typedef struct prl_bell prl_bell;

typedef struct prl_bell_parts {
	prl_picture *picture;
	prl_clerk *clerk;
	const char *own; /* origin of our log */
	const prl_signer *log_key;
	const char *certificate, *key; /* files, PEM, for mutual TLS; NULL: none */
	/* node.json "ring": {"webhook": "http…", "command": ["/path", "argument"]}; NULL: none. Each ring that is not a
	 * test is told to both: JSON to the one, PARLEY_CALL, PARLEY_CLASS, PARLEY_PARTY, PARLEY_MODE, PARLEY_PLACE,
	 * PARLEY_WORDS, PARLEY_STEP and PARLEY_AGAIN in the environment of the other, which no shell sees. */
	const json_t *ring;
	prl_time (*now)(void *context), (*boot)(void *context);
	/* The bytes of an entry of our own log; false where it cannot be read. May be NULL. */
	bool (*note)(void *context, uint64_t index, prl_buffer *to);
	void (*say)(void *context, const char *line); /* any thread; may be NULL */
	void (*rang)(void *context);                  /* any thread: streams have something to send */
	void *context;
} prl_bell_parts;

PRL_MUST prl_status prl_bell_start(const prl_bell_parts *parts, prl_bell **ret, prl_error *err);
void prl_bell_stop(prl_bell *bell); /* the clerk must still run; NULL is fine */

/* What came: a signed entry where it can be read as one; else any bytes, JSON or not. */
typedef struct prl_bell_word {
	prl_bytes bytes;
	const prl_caller *caller; /* of a desk, a program, a peer, or nobody known */
	const char *peer;         /* origin of the log whose node passes it on; NULL: a desk of this node */
	const char *unverified;   /* peer: why that node says so; NULL */
} prl_bell_word;

/* Rings. *ret: {"id", "state": "NOT YET LOGGED", "unverified": null or why, "repeats"}. PRL_E_REFUSED for a stranger;
 * PRL_E_MEMORY. */
PRL_MUST prl_status prl_bell_ring(prl_bell *bell, const prl_bell_word *word, json_t **ret, prl_error *err);

/* The ids under which a call is shown here, or was: its own in the bell, its own in the record. At most three; [0]: as
 * it is asked. */
size_t prl_bell_names(prl_bell *bell, const prl_hash *id, prl_hash ret[3]);

/* All that rings or waits for something, for a party (NULL: all): the bell and the record laid together, newest last.
 * Each as prl_call_view() with "logged", "unverified", "count", "step" (0 to 3, by the constitution's ring_s), "again"
 * (times told after the last), "nodes": {origin: {"at", "age_s", "desks"}} where it was passed on (desks: that say it
 * rings there), "not_delivered": [origins] after PRL_CALL_LATE_S. */
PRL_MUST prl_status prl_bell_show(prl_bell *bell, const char *party, json_t **ret, prl_error *err);

/* Appends events `ring` of what changed since *seen; *seen 0: what rings now. At most room bytes, whole events. */
void prl_bell_events(prl_bell *bell, const char *party, uint64_t *seen, prl_buffer *to, size_t room);

#endif
