/* Policies (C2SP tlog-policy): which logs, which witnesses, and how many of them make a checkpoint count. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "record/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX (PRL_MAX_POLICY_WITNESSES + PRL_MAX_POLICY_GROUPS)
#define NOBODY    SIZE_MAX
#define ABSENT    UINT64_MAX /* the time of a node that has not witnessed; times are below 2^63 */

/* A witness, or a group of nodes that stand before it. Every name is in one group at most, so the groups are trees and
 * a node needs to know its parent only. */
typedef struct node {
	char name[PRL_KEY_NAME_MAX + 1];
	bool is_group;
	prl_verifier key;          /* of a witness */
	size_t threshold, members; /* of a group: 1 <= threshold <= members */
	size_t parent;             /* index of the group that it is in, greater than its own; NOBODY */
} node;

/* Invariant once read: quorum is NOBODY or an index below node_count. */
struct prl_policy {
	size_t log_count, node_count, witness_count, group_count;
	prl_verifier logs[PRL_MAX_POLICY_LOGS];
	node nodes[NODES_MAX];
	bool has_quorum;
	size_t quorum;
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* "whitespace … means sequences of ASCII space and tab characters only" */
static bool take_item(prl_bytes *rest, prl_bytes *ret_item)
{
	const char *at = rest->data, *end = rest->data + rest->size;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	const char *from = at;
	while (at < end && *at != ' ' && *at != '\t')
		at++;
	*ret_item = (prl_bytes){ from, (size_t)(at - from) };
	*rest = (prl_bytes){ at, (size_t)(end - at) };
	return at > from;
}

static prl_status refuse(prl_error *err, const char *what, prl_bytes item, const char *expected)
{
	return prl_error_set(err, PRL_E_SYNTAX, "%s \"%.*s\", expected %s", what, item.size > 80 ? 80 : (int)item.size,
			     item.size ? item.data : "", expected);
}

static size_t find_node(const prl_policy *policy, prl_bytes name)
{
	for (size_t i = 0; i < policy->node_count; i++)
		if (prl_bytes_is(name, policy->nodes[i].name))
			return i;
	return NOBODY;
}

/* The rest of a log or witness line: vkey [url]. */
static prl_status read_key(prl_bytes rest, prl_key_type type, prl_verifier *ret, prl_error *err)
{
	prl_bytes text, url, more;
	prl_verifier key;
	if (!take_item(&rest, &text))
		return refuse(err, "no key", text, "a vkey: name+8 hex digits+base64");
	prl_status status = prl_verifier_read(text, &key, err);
	if (status)
		return status;
	if (key.type != type)
		return refuse(err, "the key", text,
			      type == PRL_KEY_NOTE ? "one that signs notes (type 0x01)"
						   : "one that cosigns (type 0x04)");
	if (take_item(&rest, &url) && take_item(&rest, &more))
		return refuse(err, "after the URL", more, "nothing");
	*ret = key;
	return PRL_OK;
}

/* "Two vkeys are considered duplicate if they wrap the same underlying public key" */
static bool same_key(const prl_verifier *a, const prl_verifier *b)
{
	return memcmp(a->public_key, b->public_key, sizeof a->public_key) == 0;
}

static prl_status read_log(prl_policy *policy, prl_bytes rest, prl_error *err)
{
	prl_verifier key;
	prl_status status = read_key(rest, PRL_KEY_NOTE, &key, err);
	if (status)
		return status;
	if (policy->log_count == PRL_MAX_POLICY_LOGS)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u logs in a policy", PRL_MAX_POLICY_LOGS);
	for (size_t i = 0; i < policy->log_count; i++)
		if (same_key(&policy->logs[i], &key))
			return prl_error_set(err, PRL_E_DUPLICATE,
					     "the key of %s is that of log %s, expected each key once", key.name,
					     policy->logs[i].name);
	policy->logs[policy->log_count++] = key;
	return PRL_OK;
}

/* The name that a witness or group line defines. Octets beyond ASCII are opaque. */
static prl_status read_new_name(const prl_policy *policy, prl_bytes *rest, prl_bytes *ret_name, prl_error *err)
{
	if (!take_item(rest, ret_name) || ret_name->size > PRL_KEY_NAME_MAX || prl_bytes_is(*ret_name, "none"))
		return refuse(err, "the name", *ret_name, "1 to 128 bytes, not \"none\"");
	if (find_node(policy, *ret_name) != NOBODY)
		return prl_error_set(err, PRL_E_DUPLICATE, "the name \"%.*s\" stands for two, expected one",
				     (int)ret_name->size, ret_name->data);
	return PRL_OK;
}

static void add_node(prl_policy *policy, const node *new, prl_bytes name)
{
	node *n = &policy->nodes[policy->node_count++];
	*n = *new;
	n->parent = NOBODY;
	memcpy(n->name, name.data, name.size);
	n->name[name.size] = 0;
}

static prl_status read_witness(prl_policy *policy, prl_bytes rest, prl_error *err)
{
	prl_bytes name;
	node witness = { .is_group = false };
	prl_status status = read_new_name(policy, &rest, &name, err);
	if (!status)
		status = read_key(rest, PRL_KEY_COSIGNATURE, &witness.key, err);
	if (status)
		return status;
	if (policy->witness_count == PRL_MAX_POLICY_WITNESSES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u witnesses in a policy",
				     PRL_MAX_POLICY_WITNESSES);
	for (size_t i = 0; i < policy->node_count; i++)
		if (!policy->nodes[i].is_group && same_key(&policy->nodes[i].key, &witness.key))
			return prl_error_set(err, PRL_E_DUPLICATE,
					     "the key of %.*s is that of witness %s, expected each key once",
					     (int)name.size, name.data, policy->nodes[i].name);
	policy->witness_count++;
	add_node(policy, &witness, name);
	return PRL_OK;
}

/* Puts one more member into the group that will have the next index. */
static prl_status read_member(prl_policy *policy, prl_bytes name, prl_error *err)
{
	size_t member = find_node(policy, name);
	if (member == NOBODY)
		return refuse(err, "the member", name, "a witness or a group of a line before this one");
	if (policy->nodes[member].parent != NOBODY)
		return prl_error_set(err, PRL_E_DUPLICATE, "\"%s\" is a member twice, expected one group for each",
				     policy->nodes[member].name);
	policy->nodes[member].parent = policy->node_count;
	return PRL_OK;
}

/* all, any or k, for a group of members. */
static bool read_threshold(prl_bytes text, size_t members, size_t *ret)
{
	uint64_t k;
	if (prl_bytes_is(text, "all"))
		k = members;
	else if (prl_bytes_is(text, "any"))
		k = 1;
	else if (!prl_decimal_read(text, &k))
		return false;
	*ret = (size_t)k;
	return k >= 1 && k <= members;
}

static prl_status read_group(prl_policy *policy, prl_bytes rest, prl_error *err)
{
	prl_bytes name, threshold, member;
	node group = { .is_group = true };
	prl_status status = read_new_name(policy, &rest, &name, err);
	if (status)
		return status;
	if (policy->group_count == PRL_MAX_POLICY_GROUPS)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u groups in a policy", PRL_MAX_POLICY_GROUPS);
	if (!take_item(&rest, &threshold))
		return refuse(err, "the number", threshold, "all, any or a number of members");
	for (; take_item(&rest, &member); group.members++) {
		status = read_member(policy, member, err);
		if (status)
			return status;
	}
	if (group.members == 0)
		return refuse(err, "the group", name, "at least one member");
	if (!read_threshold(threshold, group.members, &group.threshold))
		return refuse(err, "the number", threshold, "all, any or a number from 1 to that of the members");
	policy->group_count++;
	add_node(policy, &group, name);
	return PRL_OK;
}

static prl_status read_quorum(prl_policy *policy, prl_bytes rest, prl_error *err)
{
	prl_bytes name, more;
	if (policy->has_quorum)
		return prl_error_set(err, PRL_E_DUPLICATE, "a second quorum line, expected one");
	if (!take_item(&rest, &name))
		return refuse(err, "the quorum", name, "a name or \"none\"");
	if (take_item(&rest, &more))
		return refuse(err, "after the quorum", more, "nothing");
	policy->quorum = find_node(policy, name);
	if (policy->quorum == NOBODY && !prl_bytes_is(name, "none"))
		return refuse(err, "the quorum", name, "a witness or a group of a line before this one, or \"none\"");
	policy->has_quorum = true;
	return PRL_OK;
}

static prl_status read_line(prl_policy *policy, prl_bytes line, prl_error *err)
{
	static const struct {
		const char *word;
		prl_status (*read)(prl_policy *policy, prl_bytes rest, prl_error *err);
	} kinds[] = {
		{ "log", read_log }, { "witness", read_witness }, { "group", read_group }, { "quorum", read_quorum }
	};
	prl_bytes word;
	for (size_t i = 0; i < line.size; i++) /* "Character set": 0x09, 0x0a, 0x20 to 0x7e, 0x80 to 0xff */
		if (((uint8_t)line.data[i] < 0x20 && line.data[i] != '\t') || line.data[i] == 0x7f)
			return prl_error_set(err, PRL_E_SYNTAX,
					     "a control character (0x%02x), expected none but tab and newline",
					     (uint8_t)line.data[i]);
	if (!take_item(&line, &word) || word.data[0] == '#')
		return PRL_OK;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (prl_bytes_is(word, kinds[i].word))
			return kinds[i].read(policy, line, err);
	return refuse(err, "a line begins with", word, "log, witness, group, quorum or #");
}

static prl_status read_lines(prl_policy *policy, prl_bytes text, size_t *number, prl_error *err)
{
	prl_bytes line;
	for (; text.size > 0; ++*number) {
		if (!prl_line_take(&text, &line))
			return prl_error_set(err, PRL_E_SYNTAX, "the last line has no newline, expected one");
		prl_status status = read_line(policy, line, err);
		if (status)
			return status;
	}
	return policy->has_quorum ? PRL_OK
				  : prl_error_set(err, PRL_E_SYNTAX, "a policy without a quorum line, expected one");
}

prl_status prl_policy_read(prl_bytes text, prl_policy **ret, prl_error *err)
{
	size_t number = 1;
	if (text.size > PRL_MAX_POLICY_BYTES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a policy of %zu bytes, expected at most %u", text.size,
				     PRL_MAX_POLICY_BYTES);
	prl_policy *policy = calloc(1, sizeof *policy);
	if (!policy)
		return prl_error_memory(err);
	policy->quorum = NOBODY;
	prl_status status = read_lines(policy, text, &number, err);
	if (status) {
		if (err)
			err->line = number;
		prl_policy_free(policy);
		return status;
	}
	*ret = policy;
	return PRL_OK;
}

void prl_policy_free(prl_policy *policy)
{
	free(policy);
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

static prl_status check_logs(const prl_policy *policy, const prl_note *note, const char *origin, prl_error *err)
{
	bool is_signed[PRL_MAX_POLICY_LOGS];
	size_t known = 0, signatures = 0;
	prl_status status = prl_note_verify(note, policy->logs, policy->log_count, is_signed, err);
	if (status)
		return status;
	for (size_t i = 0; i < policy->log_count; i++)
		if (strcmp(policy->logs[i].name, origin) == 0) {
			known++;
			signatures += is_signed[i];
		}
	if (known == 0)
		return prl_error_set(err, PRL_E_NOT_FOUND, "a checkpoint of %s, which the policy does not name",
				     origin);
	if (signatures == 0)
		return prl_error_set(err, PRL_E_SIGNATURE, "a checkpoint of %s without its signature", origin);
	return PRL_OK;
}

static int compare_times(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* The time at which so many members had witnessed; ABSENT sorts last. */
static uint64_t group_time(const prl_policy *policy, size_t group, const uint64_t *times)
{
	uint64_t members[NODES_MAX];
	size_t count = 0;
	for (size_t i = 0; i < group; i++)
		if (policy->nodes[i].parent == group)
			members[count++] = times[i];
	qsort(members, count, sizeof *members, compare_times);
	return members[policy->nodes[group].threshold - 1];
}

/* Members stand before their group, so one pass is enough. Every witness is looked at, also those the quorum could do
 * without: a known key that does not hold refuses the note (signed-note, "Signatures"). */
static prl_status node_times(const prl_policy *policy, const prl_note *note, uint64_t *times, prl_error *err)
{
	for (size_t i = 0; i < policy->node_count; i++) {
		const node *n = &policy->nodes[i];
		if (n->is_group) {
			times[i] = group_time(policy, i, times);
			continue;
		}
		prl_status status = prl_cosignature_verify(note, &n->key, &times[i], err);
		if (status == PRL_E_NOT_FOUND)
			times[i] = ABSENT;
		else if (status)
			return status;
	}
	return PRL_OK;
}

/* Whether the quorum waits for this witness: it and every group from it up to the quorum are absent. */
static bool is_missing(const prl_policy *policy, size_t i, const uint64_t *times)
{
	while (i != NOBODY && times[i] == ABSENT && i != policy->quorum)
		i = policy->nodes[i].parent;
	return i == policy->quorum && times[i] == ABSENT;
}

static prl_status refuse_quorum(const prl_policy *policy, const uint64_t *times, prl_error *err)
{
	char names[300] = "";
	size_t size = 0, more = 0;
	for (size_t i = 0; i < policy->node_count; i++) {
		const node *n = &policy->nodes[i];
		if (n->is_group || !is_missing(policy, i, times))
			continue;
		size_t length = strlen(n->name);
		if (more > 0 || size + length + 2 > sizeof names - 1)
			more++;
		else
			size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", size ? ", " : "", n->name);
	}
	if (more > 0)
		return prl_error_set(err, PRL_E_SIGNATURE, "the quorum is not there: no cosignature of %s and %zu more",
				     names, more);
	return prl_error_set(err, PRL_E_SIGNATURE, "the quorum is not there: no cosignature of %s", names);
}

prl_status prl_policy_check(const prl_policy *policy, prl_bytes checkpoint, prl_checkpoint *ret, uint64_t *ret_time_s,
			    prl_error *err)
{
	prl_note note;
	prl_checkpoint c;
	uint64_t times[NODES_MAX], time_s = 0;
	if (checkpoint.size > PRL_CHECKPOINT_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a checkpoint of %zu bytes, expected at most %d",
				     checkpoint.size, PRL_CHECKPOINT_MAX);
	prl_status status = prl_note_read(checkpoint, &note, err);
	if (!status)
		status = prl_checkpoint_read(note.text, &c, err);
	if (!status)
		status = check_logs(policy, &note, c.origin, err);
	if (!status)
		status = node_times(policy, &note, times, err);
	if (status)
		return status;
	if (policy->quorum != NOBODY) {
		time_s = times[policy->quorum];
		if (time_s == ABSENT)
			return refuse_quorum(policy, times, err);
	}
	*ret = c;
	if (ret_time_s)
		*ret_time_s = time_s;
	return PRL_OK;
}
