/* What an auditor finds in exported files alone: every hash and signature made again, the copies that the sides hold of
 * each other's logs laid side by side, every entry put through the fold once, in an order that respects what each log
 * says it had seen.
 *
 * A finding is a fault (something does not hold, or counts as nobody's act) or a remark (one-sided, missing, not
 * delivered: nothing is wrong with what is there). The audit never says who is guilty.
 *
 * What is taken for a log's or a node's key: any that some constitution of the line, the first or an amendment that
 * counts, gives to it. Which copy of a log is looked at: the longest of those that are whole, begin with the line's
 * constitution and are signed by the log; where none is, the longest as far as it is whole. The line's constitution is
 * the first one given whose root signatures hold. */
#ifndef PRL_LINE_AUDIT_H
#define PRL_LINE_AUDIT_H

#include "picture/kinds.h"
#include "record/ledger.h"

#define PRL_AUDIT_COPIES_MAX  256u /* copies of logs in all exports together */
#define PRL_AUDIT_EXPORTS_MAX 64u
#define PRL_AUDIT_NOBODYS_MAX 100u /* findings of that kind for one log; how many more there are is said in one */

typedef struct prl_audit prl_audit;

typedef enum prl_finding_kind {
	PRL_FINDING_AGREED,    /* remark: entries that every other node of the line says it has stored */
	PRL_FINDING_ONE_SIDED, /* remark: entries of which some node does not say so */
	PRL_FINDING_SEEN,      /* remark: who had stored what when, by his own clock */
	PRL_FINDING_MISSING,   /* remark: somebody has seen entries that are not in these files; a log without a copy */
	PRL_FINDING_NOT_DELIVERED, /* remark: a content that a node to which it was addressed has not recorded as got */
	PRL_FINDING_NO_CONTENT,    /* remark: a content that is announced, but not in these files */
	PRL_FINDING_SUSPECT,       /* remark: entries by a key whose owner doubts them */
	PRL_FINDING_STATED,      /* remark: what a node says of another: two histories, an entry that does not count */
	PRL_FINDING_CANNOT_TELL, /* remark: an entry that cannot be judged by what is here */
	PRL_FINDING_NOBODYS,     /* fault: an entry that counts as nobody's act */
	PRL_FINDING_CONTRADICTORY, /* fault: two histories of one log, two constitutions */
	PRL_FINDING_FAULT,         /* fault: hash, signature or form does not hold */
	PRL_FINDING_KINDS
} prl_finding_kind;

typedef struct prl_finding {
	prl_finding_kind kind;
	const char *log;   /* whose entries; "" where none */
	uint64_t from, to; /* entries [from, to) of it; equal where none */
	const char *other; /* the other log or node concerned; "" where none */
	prl_time time;     /* SEEN: by the other's clock; 0 else */
	const char *text;  /* one sentence for a person */
} prl_finding;

typedef void prl_finding_fn(void *context, const prl_finding *finding);

const char *prl_finding_kind_text(prl_finding_kind kind); /* "one-sided" */
bool prl_finding_is_fault(prl_finding_kind kind);

PRL_MUST prl_status prl_audit_new(prl_audit **ret, prl_error *err);
void prl_audit_free(prl_audit *audit);

/* One export, as `parley log export` writes it: logs/<origin with / as %>/…, contents/<hex>, forks/…. PRL_E_NOT_FOUND
 * where the folder holds no log. The text is copied. */
PRL_MUST prl_status prl_audit_add(prl_audit *audit, const char *folder, prl_error *err);

/* What was gone through, for the last line of a report. */
typedef struct prl_audit_sums {
	size_t faults, logs, copies, contents, cosignatures;
	uint64_t entries; /* put through the fold */
} prl_audit_sums;

typedef struct prl_audit_run {
	prl_finding_fn *found;
	prl_ledger_progress_fn *progress; /* NULL: none */
	void *context;
} prl_audit_run;

/* Does all of it, once. A status other than PRL_OK means that the audit itself could not be done (memory, a disk that
 * fails), not that something was found. */
PRL_MUST prl_status prl_audit_go(prl_audit *audit, const prl_audit_run *run, prl_audit_sums *ret, prl_error *err);

/* The picture after prl_audit_go(): an onlooker's. NULL before. */
prl_picture *prl_audit_picture(prl_audit *audit);

#endif
