/* parley log proof, parley log bundle: one entry, for those who do not have the log. */
#include "cli/log.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

/* ---- proof ------------------------------------------------------------------------------------------------------- */

#define CANDIDATES 64

/* How many nodes of the line have cosigned this checkpoint, and their signatures hold. */
static size_t cosigners(const cli_record *record, prl_bytes bytes)
{
	prl_note note;
	uint64_t time_s;
	size_t count = 0;
	if (prl_note_read(bytes, &note, NULL))
		return 0;
	for (size_t i = 0; i < record->log_count; i++)
		count += !prl_cosignature_verify(&note, &record->logs[i].mirror, &time_s, NULL) ||
			 !prl_cosignature_verify(&note, &record->logs[i].witness, &time_s, NULL);
	return count;
}

static prl_status newest(const cli_record *record, prl_ledger *ledger, uint64_t *ret_size, prl_buffer *ret,
			 prl_error *err)
{
	prl_note note;
	prl_checkpoint checkpoint;
	prl_status st = prl_store_checkpoint(record->reader, prl_ledger_log(ledger)->id, ret, err);
	if (!st)
		st = prl_note_read((prl_bytes){ ret->data, ret->size }, &note, err);
	if (!st)
		st = prl_checkpoint_read(note.text, &checkpoint, err);
	if (!st)
		*ret_size = checkpoint.size;
	return st;
}

prl_status prl_cli_log_checkpoint(const cli_record *record, prl_ledger *ledger, uint64_t index, uint64_t *ret_size,
				  prl_buffer *ret, prl_error *err)
{
	prl_buffer kept = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	uint32_t id = prl_ledger_log(ledger)->id;
	uint64_t size, all, from = index + 1;
	size_t best = 0;
	prl_ledger_head(ledger, &all, NULL);
	for (size_t i = 0; i < CANDIDATES; i++, from = size + 1) {
		prl_buffer_clear(&kept);
		if (prl_store_cosigned_from(record->reader, id, from, &size, &kept, NULL) || size > all)
			break;
		size_t count = cosigners(record, (prl_bytes){ kept.data, kept.size });
		if (count <= best)
			continue;
		best = count;
		*ret_size = size;
		prl_buffer_clear(ret);
		prl_buffer_append(ret, kept.data, kept.size);
	}
	prl_buffer_done(&kept);
	if (best)
		return ret->failed ? prl_error_memory(err) : PRL_OK;
	return newest(record, ledger, ret_size, ret, err);
}

prl_status prl_cli_log_prove(const cli_record *record, prl_ledger *ledger, uint64_t index, uint64_t size,
			     prl_bytes checkpoint, prl_buffer *ret, prl_error *err)
{
	char text[PRL_PROOF_FILE_MAX];
	prl_proof_file file = { .index = index, .checkpoint = checkpoint };
	prl_status st = prl_ledger_inclusion(ledger, record->reader, index, size, &file.proof, err);
	if (st)
		return st;
	size_t length = prl_proof_file_write(&file, text, sizeof text);
	if (!length || !prl_buffer_append(ret, text, length))
		return prl_error_memory(err);
	return PRL_OK;
}

/* What proof and bundle work with. */
typedef struct subject {
	const cli_record *record;
	prl_ledger *ledger;
	uint64_t index, size;
	prl_buffer entry, checkpoint, proof;
	const char *out;
} subject;

static prl_status open_subject(subject *s, const cli_log_call *call, prl_error *err)
{
	prl_status st = prl_cli_index(call->operands[1], &s->index, err);
	if (!st)
		st = prl_cli_record_ledger(s->record, call->log, &s->ledger, err);
	if (!st)
		st = prl_cli_record_entry(s->record, s->ledger, s->index, &s->entry, err);
	if (!st)
		st = prl_cli_log_checkpoint(s->record, s->ledger, s->index, &s->size, &s->checkpoint, err);
	return st;
}

static prl_status prove(subject *s, uint64_t index, prl_error *err)
{
	prl_buffer_clear(&s->proof);
	return prl_cli_log_prove(s->record, s->ledger, index, s->size,
				 (prl_bytes){ s->checkpoint.data, s->checkpoint.size }, &s->proof, err);
}

typedef prl_status subject_fn(subject *s, prl_error *err);

static int with_subject(const cli_log_call *call, const char *out, subject_fn *fn)
{
	prl_error err = { 0 };
	cli_record record;
	subject s = { .record = &record,
		      .entry = PRL_BUFFER(PRL_ENTRY_MAX),
		      .checkpoint = PRL_BUFFER(PRL_CHECKPOINT_MAX),
		      .proof = PRL_BUFFER(PRL_PROOF_FILE_MAX),
		      .out = out };
	prl_status st = prl_cli_record_open(call->operands[0], &record, &err);
	if (st)
		return prl_cli_log_failed(call->operands[0], st, &err);
	st = open_subject(&s, call, &err);
	if (!st)
		st = fn(&s, &err);
	prl_buffer_done(&s.entry);
	prl_buffer_done(&s.checkpoint);
	prl_buffer_done(&s.proof);
	prl_ledger_free(s.ledger);
	prl_cli_record_close(&record);
	return st ? prl_cli_log_failed(call->operands[0], st, &err) : CLI_OK;
}

static prl_status print_proof(subject *s, prl_error *err)
{
	prl_status st = prove(s, s->index, err);
	if (!st && fwrite(s->proof.data, 1, s->proof.size, stdout) != s->proof.size)
		prl_cli_output_failed();
	return st;
}

int prl_cli_log_proof(const cli_log_call *call)
{
	return with_subject(call, NULL, print_proof);
}

/* ---- bundle ------------------------------------------------------------------------------------------------------ */

static const char readme[] =
	"One entry of a parley log, and what is needed to answer \"was this said, and by whom\" without parley.\n"
	"\n"
	"entry.note        the entry: a C2SP signed note, its bytes as they were received\n"
	"entry.tlog-proof  c2sp.org/tlog-proof: that it stands in the log, under the log's own checkpoint\n"
	"constitution.note entry 0: the parties, their root keys, the keys of the logs and of those who cosign\n"
	"keys/N.note       every entry about keys, desks and programs up to it, by index N in the log\n"
	"*.tlog-proof      beside each of them, in the same tree\n"
	"key               the log's key, as the constitution has it (a vkey of signed notes)\n"
	"policy            which cosignatures make a checkpoint count, where the constitution says so (C2SP "
	"tlog-policy)\n"
	"\n"
	"1. Compare the line's name with one that you trust: SHA-256 of constitution.note up to and without its last "
	"empty\n"
	"   line. Each root key that it names has signed it.\n"
	"2. The last line of entry.note names the key that signed. Follow it up: keys/ holds the desk.opened entry, "
	"signed\n"
	"   by the party's root key, and the key.certified entry, signed by the desk's key; no key.revoked, "
	"key.compromised\n"
	"   or desk.closed with a smaller index ends it. golang.org/x/mod/sumdb/note opens each of them.\n"
	"3. The proof: leaf = SHA-256(0x00 || entry.note); RFC 9162, section 2.1.3.2, with the hashes of "
	"entry.tlog-proof\n"
	"   leads to the root in its checkpoint; the checkpoint is signed with `key`. golang.org/x/mod/sumdb/tlog does "
	"it.\n"
	"4. Lines under the checkpoint named .../witness or .../mirror are cosignatures by other nodes (C2SP\n"
	"   tlog-cosignature): the time in them is their own clock's.\n"
	"\n"
	"That an entry counts also hangs on serial and previous of its key's earlier entries: `parley verify` looks at "
	"all\n"
	"of them, with an export of the whole log.\n";

static prl_status put_entry(subject *s, const char *name, uint64_t index, prl_bytes entry, prl_error *err)
{
	char path[80];
	snprintf(path, sizeof path, "%s.note", name);
	prl_status st = prl_cli_log_put(s->out, path, entry, err);
	if (!st)
		st = prove(s, index, err);
	snprintf(path, sizeof path, "%s.tlog-proof", name);
	return st ? st : prl_cli_log_put(s->out, path, (prl_bytes){ s->proof.data, s->proof.size }, err);
}

static bool is_about_keys(prl_bytes entry)
{
	static const char *const kinds[] = { "constitution.", "root.", "desk.", "key.", "program." };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (prl_cli_entry_is(entry, kinds[i], true))
			return true;
	return false;
}

static prl_status bundle_entry(void *context, uint64_t index, prl_bytes entry, prl_error *err)
{
	subject *s = context;
	char name[40];
	if (index == 0)
		return put_entry(s, "constitution", 0, entry, err);
	if (!is_about_keys(entry))
		return PRL_OK;
	snprintf(name, sizeof name, "keys/%llu", (unsigned long long)index);
	return put_entry(s, name, index, entry, err);
}

static prl_status write_bundle(subject *s, prl_error *err)
{
	char key[PRL_KEY_TEXT_MAX + 1];
	const cli_record_log *log = prl_cli_record_log(s->record, prl_ledger_origin(s->ledger));
	if (!log)
		return prl_error_set(err, PRL_E_NOT_FOUND, "the constitution has no log %s",
				     prl_ledger_origin(s->ledger));
	prl_verifier_write(&log->key, key);
	strcat(key, "\n");
	prl_status st = prl_store_entries(s->record->reader, prl_ledger_log(s->ledger)->id, 0, s->index + 1,
					  bundle_entry, s, err);
	if (!st)
		st = put_entry(s, "entry", s->index, (prl_bytes){ s->entry.data, s->entry.size }, err);
	if (!st)
		st = prl_cli_log_put(s->out, "key", prl_bytes_of(key), err);
	if (!st && s->record->policy)
		st = prl_cli_log_put(s->out, "policy", prl_bytes_of(s->record->policy), err);
	return st ? st : prl_cli_log_put(s->out, "README.txt", prl_bytes_of(readme), err);
}

int prl_cli_log_bundle(const cli_log_call *call)
{
	return with_subject(call, call->operands[2], write_bundle);
}
