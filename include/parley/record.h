/**
 * @file record.h
 * The record: signed notes, Merkle trees, checkpoints, cosignatures, tiles, proofs, policies, entries.
 *
 * All formats are those of the C2SP specifications (signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-cosignature
 * v1.0.1, tlog-tiles v0.1.0, tlog-proof, tlog-policy, tlog-witness v1.0.0) over RFC 6962 hashing, so that other
 * people's programs verify what parley writes and the other way round. Ed25519 is libsodium's; a signature counts only
 * where libsodium takes it (it refuses small orders and non-canonical points).
 *
 * Readers return views (prl_bytes) into the bytes they were given; these must outlive what was read. Writers append to
 * text they own. Nothing is ever re-serialised: what was signed is kept as received.
 */
#ifndef PARLEY_RECORD_H
#define PARLEY_RECORD_H

#include <parley/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PRL_ENTRY_MAX           65535 /**< bytes of an entry with its signatures (tlog-tiles, entry bundles) */
#define PRL_NOTE_SIGNATURES_MAX 64    /**< signature lines of a note that are read; more are refused */
#define PRL_KEY_NAME_MAX        128   /**< bytes of a key's name */
#define PRL_CHECKPOINT_MAX      16384 /**< bytes of a checkpoint with all of its signatures */

/* ---- keys ---------------------------------------------------------------------------------------------------- */

/** What a key signs; the number is the type byte of signed-note (and of tlog-cosignature). */
typedef enum prl_key_type {
	PRL_KEY_NOTE = 0x01,        /**< Ed25519 over the text of a note */
	PRL_KEY_COSIGNATURE = 0x04, /**< Ed25519 over cosignature/v1: a checkpoint with a time */
} prl_key_type;

/** A public key with its name. vkey text: name+8 hex digits+base64(type ‖ 32 bytes). */
typedef struct prl_verifier {
	char name[PRL_KEY_NAME_MAX + 1];
	uint32_t id; /**< first 4 bytes of SHA-256(name ‖ \n ‖ type ‖ public key), big endian */
	prl_key_type type;
	uint8_t public_key[32];
} prl_verifier;

/** A private key. Text: "PRIVATE+KEY+" name+hex+base64(type ‖ 32-byte seed), as golang.org/x/mod writes it. */
typedef struct prl_signer {
	prl_verifier verifier;
	uint8_t secret[64]; /**< as libsodium keeps it; wipe with prl_signer_wipe() */
} prl_signer;

#define PRL_KEY_TEXT_MAX    (PRL_KEY_NAME_MAX + 96) /**< bytes of a key as text, the 0 included */
#define PRL_FINGERPRINT_MAX 96                      /**< bytes of a fingerprint as text, the 0 included */

/** Makes a key pair from the machine's random source. @p name: 1 to PRL_KEY_NAME_MAX bytes of UTF-8, no controls, no
 * Unicode white space, no '+'. */
PRL_API PRL_MUST prl_status prl_signer_new(const char *name, prl_key_type type, prl_signer *ret, prl_error *err);
/** A key pair from its 32-byte seed. */
PRL_API PRL_MUST prl_status prl_signer_from_seed(const char *name, prl_key_type type, const uint8_t seed[32],
						 prl_signer *ret, prl_error *err);
PRL_API PRL_MUST prl_status prl_signer_read(prl_bytes text, prl_signer *ret, prl_error *err);
PRL_API void prl_signer_write(const prl_signer *signer, char text[PRL_KEY_TEXT_MAX]);
PRL_API void prl_signer_wipe(prl_signer *signer);

/** Reads a vkey; refuses a wrong id, an unknown type, and a public key that is not a canonical point of the main
 * subgroup (libsodium's crypto_core_ed25519_is_valid_point): small orders, mixed orders, points not on the curve. */
PRL_API PRL_MUST prl_status prl_verifier_read(prl_bytes text, prl_verifier *ret, prl_error *err);
PRL_API void prl_verifier_write(const prl_verifier *verifier, char text[PRL_KEY_TEXT_MAX]);
PRL_API PRL_MUST prl_status prl_verifier_new(const char *name, prl_key_type type, const uint8_t public_key[32],
					     prl_verifier *ret, prl_error *err);
/** For reading aloud: SHA-256 of type and public key as 12 groups of 4 digits ("0481 5523 …", 159 bits), the same in
 * every language. */
PRL_API void prl_verifier_fingerprint(const prl_verifier *verifier, char text[PRL_FINGERPRINT_MAX]);

/* ---- signed notes (signed-note v1.0.0) ------------------------------------------------------------------------- */

/** One signature line: "— name base64(id ‖ signature)". A cosigner may have several, at different times. */
typedef struct prl_signature {
	prl_bytes line; /**< the whole line with its \n */
	prl_bytes name; /**< the key's name */
	uint32_t id;
	uint8_t bytes[72]; /**< the signature after the id: 64 bytes, or 8 of time and 64 for a cosignature */
	size_t size;       /**< of bytes; other types may be longer: then 0, never verified here */
} prl_signature;

/** A note, split at the last empty line. Only the first count signatures are written by a reader and copied by
 * prl_note_copy(): the struct has 8 KiB, what is in use of it rarely 400 bytes. */
typedef struct prl_note {
	prl_bytes text; /**< what is signed, its last \n included */
	size_t count;
	prl_signature signatures[PRL_NOTE_SIGNATURES_MAX];
} prl_note;

PRL_API void prl_note_copy(prl_note *to, const prl_note *from);

/**
 * Reads a note: UTF-8, no control characters but \n, text that ends in \n, an empty line, signature lines.
 * A note without a signature line (text and the empty line) is read with count 0: such are entries that a node records.
 * @return PRL_E_SYNTAX with what was expected; PRL_E_TOO_LARGE for more than PRL_NOTE_SIGNATURES_MAX signatures
 */
PRL_API PRL_MUST prl_status prl_note_read(prl_bytes bytes, prl_note *ret, prl_error *err);

/**
 * Checks the signatures of those of @p verifiers (type PRL_KEY_NOTE; others are passed over) whose name and id stand in
 * the note. Where one name and id stands on several lines, all of them must hold.
 * @param ret_signed one flag a verifier: its signature is there and holds
 * @return PRL_E_SIGNATURE when a known name and id has a signature that does not hold (the note is to be refused);
 *         PRL_OK also when nobody known signed: look at @p ret_signed
 */
PRL_API PRL_MUST prl_status prl_note_verify(const prl_note *note, const prl_verifier *verifiers, size_t count,
					    bool *ret_signed, prl_error *err);

#define PRL_SIGNATURE_LINE_MAX (PRL_KEY_NAME_MAX + 128)
/** Writes the signature line (its \n and a 0 included) of @p signer over @p text; returns its length without the 0, or
 * 0 where @p signer is not of type PRL_KEY_NOTE or @p text is no text of a note. */
PRL_API size_t prl_note_sign(prl_bytes text, const prl_signer *signer, char line[PRL_SIGNATURE_LINE_MAX]);

/* ---- Merkle tree (RFC 6962 section 2.1, RFC 9162 section 2.1) -----------------------------------------------------
 */

#define PRL_PROOF_MAX 64 /**< hashes of a proof: trees of fewer than 2^63 entries */

/** Hashes of a proof, leaf's sibling first. */
typedef struct prl_proof {
	size_t count;
	prl_hash hashes[PRL_PROOF_MAX];
} prl_proof;

PRL_API prl_hash prl_leaf_hash(prl_bytes entry);                             /**< SHA-256(0x00 ‖ entry) */
PRL_API prl_hash prl_node_hash(const prl_hash *left, const prl_hash *right); /**< SHA-256(0x01 ‖ left ‖ right) */
PRL_API prl_hash prl_empty_root(void);                                       /**< SHA-256 of nothing */

/** The right edge of a tree: the roots of its complete subtrees. Appending costs O(1) amortised. */
typedef struct prl_frontier {
	uint64_t size;
	prl_hash peaks[64]; /**< peaks[l] is valid iff bit l of size is set: the root of 2^l leaves */
} prl_frontier;

PRL_API void prl_frontier_append(prl_frontier *frontier, const prl_hash *leaf);
PRL_API prl_hash prl_frontier_root(const prl_frontier *frontier);

/**
 * Reads the root of the complete subtree of leaves [index·2^level, (index+1)·2^level).
 * A tree's owner gives this to the makers of proofs.
 */
typedef prl_status prl_subtree_fn(void *context, unsigned level, uint64_t index, prl_hash *ret, prl_error *err);

PRL_API PRL_MUST prl_status prl_tree_root(uint64_t size, prl_subtree_fn *subtree, void *context, prl_hash *ret,
					  prl_error *err);
PRL_API PRL_MUST prl_status prl_inclusion_prove(uint64_t index, uint64_t size, prl_subtree_fn *subtree, void *context,
						prl_proof *ret, prl_error *err);
PRL_API PRL_MUST prl_status prl_consistency_prove(uint64_t old_size, uint64_t new_size, prl_subtree_fn *subtree,
						  void *context, prl_proof *ret, prl_error *err);
/** The path of a fork proof (prl_fork): a consistency proof that begins with the complete subtree that ends at old_size
 * also where that is the whole older tree. */
PRL_API PRL_MUST prl_status prl_fork_prove(uint64_t old_size, uint64_t new_size, prl_subtree_fn *subtree, void *context,
					   prl_proof *ret, prl_error *err);
/** RFC 9162 section 2.1.3.2. PRL_E_SIGNATURE where the proof does not hold. */
PRL_API PRL_MUST prl_status prl_inclusion_verify(const prl_hash *leaf, uint64_t index, uint64_t size,
						 const prl_proof *proof, const prl_hash *root, prl_error *err);
/** RFC 9162 section 2.1.4.2; old size 0 wants an empty proof (tlog-witness). PRL_E_SIGNATURE where it does not hold. */
PRL_API PRL_MUST prl_status prl_consistency_verify(uint64_t old_size, const prl_hash *old_root, uint64_t new_size,
						   const prl_hash *new_root, const prl_proof *proof, prl_error *err);

/* ---- checkpoints (tlog-checkpoint v1.0.0) and cosignatures (tlog-cosignature v1.0.1) ------------------------------
 */

/** The three lines of a checkpoint. Extension lines are refused, and origins that are no name of a key. */
typedef struct prl_checkpoint {
	char origin[PRL_KEY_NAME_MAX + 1]; /**< the log's name, and the name of its key */
	uint64_t size;                     /**< below 2^63 */
	prl_hash root;
} prl_checkpoint;

#define PRL_CHECKPOINT_TEXT_MAX (PRL_KEY_NAME_MAX + 80)
PRL_API PRL_MUST prl_status prl_checkpoint_read(prl_bytes text, prl_checkpoint *ret, prl_error *err);
/** Writes the text (not the signatures) and a 0; returns its length. */
PRL_API size_t prl_checkpoint_write(const prl_checkpoint *checkpoint, char text[PRL_CHECKPOINT_TEXT_MAX]);

/**
 * Reads a whole checkpoint note and checks that @p log's signature is there and holds and that its name is the origin.
 * @param ret_note may be NULL
 * @return PRL_E_SYNTAX; PRL_E_TOO_LARGE above PRL_CHECKPOINT_MAX; PRL_E_SIGNATURE for another log's checkpoint, and
 *         where the signature is missing or does not hold
 */
PRL_API PRL_MUST prl_status prl_checkpoint_open(prl_bytes bytes, const prl_verifier *log, prl_checkpoint *ret,
						prl_note *ret_note, prl_error *err);

/** Writes a cosignature line of @p signer (type PRL_KEY_COSIGNATURE) at @p time_s, seconds since 1970, over the text of
 * a checkpoint; returns its length. 0 where the signer is of another type, the time 2^63 or more, or the text no
 * checkpoint. */
PRL_API size_t prl_cosign(prl_bytes checkpoint_text, const prl_signer *signer, uint64_t time_s,
			  char line[PRL_SIGNATURE_LINE_MAX]);
/**
 * Looks for @p cosigner's cosignatures in @p note, a checkpoint; all that are there must hold.
 * @param ret_time_s when, by the cosigner's clock: the earliest, where it cosigned more than once
 * @return PRL_E_SYNTAX when the note's text is no checkpoint, PRL_E_NOT_FOUND when no cosignature is there,
 *         PRL_E_SIGNATURE when one does not hold
 */
PRL_API PRL_MUST prl_status prl_cosignature_verify(const prl_note *note, const prl_verifier *cosigner,
						   uint64_t *ret_time_s, prl_error *err);

/* ---- tiles and entry bundles (tlog-tiles v0.1.0) --------------------------------------------------------------------
 */

#define PRL_TILE_WIDTH    256u /**< hashes of a full tile, entries of a full bundle */
#define PRL_TILE_PATH_MAX 64   /**< bytes of a tile's path, the 0 included */
#define PRL_TILE_ENTRIES  (-1) /**< the level of entry bundles: "tile/entries/…" */

/** A tile: level 0 to 7 (or PRL_TILE_ENTRIES), number, width 1 to 256. */
typedef struct prl_tile {
	int level;
	uint64_t number;
	unsigned width;
} prl_tile;

/** "tile/0/x001/x234/067" or "tile/entries/000.p/112"; returns the length. */
PRL_API size_t prl_tile_path_write(const prl_tile *tile, char path[PRL_TILE_PATH_MAX]);
/** The one canonical path only. */
PRL_API PRL_MUST prl_status prl_tile_path_read(prl_bytes path, prl_tile *ret, prl_error *err);
/** Width of tile @p number of @p level in a tree of @p size entries: 0 where it is not there, 256 where full. */
PRL_API unsigned prl_tile_width(int level, uint64_t number, uint64_t size);

/** Takes the next entry (u16be length ‖ bytes) from the front of *bundle; PRL_E_NOT_FOUND at its end. */
PRL_API PRL_MUST prl_status prl_bundle_take(prl_bytes *bundle, prl_bytes *ret_entry, prl_error *err);

/* ---- proofs as files (tlog-proof), forks
 * ----------------------------------------------------------------------------- */

/** A c2sp.org/tlog-proof@v1 file: one entry's inclusion in a checkpoint that is part of the file. */
typedef struct prl_proof_file {
	prl_bytes extra; /**< still base64; .data NULL where there is none */
	uint64_t index;
	prl_proof proof;
	prl_bytes checkpoint; /**< verbatim */
} prl_proof_file;

#define PRL_PROOF_FILE_MAX (PRL_CHECKPOINT_MAX + 8192)
PRL_API PRL_MUST prl_status prl_proof_file_read(prl_bytes bytes, prl_proof_file *ret, prl_error *err);
/** Writes the file into text of room bytes; returns its length, 0 where it does not fit. */
PRL_API size_t prl_proof_file_write(const prl_proof_file *file, char *text, size_t room);
/** The entry is in the tree that the file's checkpoint names, signed by @p log. */
PRL_API PRL_MUST prl_status prl_proof_file_verify(const prl_proof_file *file, prl_bytes entry, const prl_verifier *log,
						  prl_checkpoint *ret_checkpoint, prl_error *err);

/**
 * Proof that a log's owner signed two histories, to be checked by anyone with the log's key alone:
 * "parley/v1 fork\n" {base64 hash \n} "\n" <older checkpoint note> "\n" <newer checkpoint note>
 * Both checkpoints carry the log's signature. With equal sizes there are no hashes and the roots differ. With older size
 * 0 there are none either, and the older root is not that of the empty tree. Else the hashes are a consistency path that
 * leads to the newer root but to another root than the older checkpoint's: whoever made the newer tree had other entries
 * below the older size. Where the older size is a power of two RFC 9162 leaves out the first hash, the older root, because
 * the checker knows it; here it is what differs, so the path always begins with it (prl_fork_prove()).
 */
typedef struct prl_fork {
	prl_proof proof;
	prl_bytes older, newer; /**< the notes, verbatim */
} prl_fork;

#define PRL_FORK_MAX (2 * PRL_CHECKPOINT_MAX + 8192)
PRL_API PRL_MUST prl_status prl_fork_read(prl_bytes bytes, prl_fork *ret, prl_error *err);
PRL_API size_t prl_fork_write(const prl_fork *fork, char *text, size_t room);
/** PRL_OK when the fork is proven; PRL_E_SIGNATURE, with the reason, when this file proves none. */
PRL_API PRL_MUST prl_status prl_fork_verify(const prl_fork *fork, const prl_verifier *log, prl_error *err);

/* ---- policies (tlog-policy)
 * -------------------------------------------------------------------------------------------- */

typedef struct prl_policy prl_policy;

/**
 * Reads a policy file: `log vkey [url]`, `witness name vkey [url]`, `group name all|any|k names…`, `quorum name|none`,
 * # comments. A name stands before its use and in one group at most; a public key in one log line and in one witness
 * line at most; exactly one quorum line. At most 64 logs, 64 witnesses and 64 groups. err.line names the line.
 */
PRL_API PRL_MUST prl_status prl_policy_read(prl_bytes text, prl_policy **ret, prl_error *err);
PRL_API void prl_policy_free(prl_policy *policy);

/**
 * Checks a checkpoint against a policy: a known log signed it and the quorum of witnesses cosigned it. A signature of
 * any log or witness of the policy that does not hold refuses the whole, also where the quorum would be there without.
 * @param ret_time_s when the quorum was first complete by the cosigners' own clocks: of a group of k, the k-th of its
 *        members' times; 0 with `quorum none`; may be NULL
 * @return PRL_E_NOT_FOUND when the log is unknown; PRL_E_SIGNATURE when a signature does not hold or the quorum is not
 *         there, err naming who is missing; PRL_E_SYNTAX, PRL_E_TOO_LARGE for what is no checkpoint
 */
PRL_API PRL_MUST prl_status prl_policy_check(const prl_policy *policy, prl_bytes checkpoint, prl_checkpoint *ret,
					     uint64_t *ret_time_s, prl_error *err);

/* ---- entries
 * ---------------------------------------------------------------------------------------------------------- */

typedef enum prl_mode { PRL_MODE_REAL, PRL_MODE_EXERCISE, PRL_MODE_TEST } prl_mode;

/**
 * The head of an entry. Its lines stand in this order, each at most once, then an empty line and the JSON body:
 * "parley/v1 KIND", line, log, party, desk, key, serial, previous, seen (any number), recorded, mode, time.
 *
 * Signed by a key: line, log, party, key, serial, previous, mode, time; desk for a desk's keys; seen as read. previous
 * is the SHA-256 of the whole bytes of the key's previous entry, 32 zero bytes for serial 1. Signatures: the line of
 * `key` first; a second person's line after it where the kind asks for two.
 * Recorded by the node (no signature): line, log, recorded, mode, time; party where the client acts for one.
 * The constitution and its amendments: mode, time only; they name no line and no log, because all logs hold the same
 * bytes. The name of a line is SHA-256 of the text (the signed part) of its constitution.
 */
typedef struct prl_entry {
	prl_bytes whole;                                 /**< as received */
	prl_hash hash;                                   /**< SHA-256 of whole */
	prl_bytes kind, log, party, desk, key, recorded; /**< .data NULL where not stated */
	bool has_line, has_previous;
	prl_hash line, previous;
	uint64_t serial; /**< from 1; 0 where not stated */
	struct {
		prl_bytes log;
		uint64_t size;
		prl_hash root;
	} seen[8];
	size_t seen_count;
	prl_mode mode;
	prl_time time;
	prl_bytes body; /**< from after the empty line to before the last \n of the text; JSON, not looked at here */
	prl_note note;  /**< text and signatures; last, because only the signatures that are there are written */
} prl_entry;

/**
 * Reads an entry's form: head, body bytes, signature lines. Checks no signature and no JSON. Allocates nothing.
 *
 * Names (kind, logs, party, desk, key, recorded) are 1 to PRL_KEY_NAME_MAX letters, digits and . _ / - : of ASCII;
 * times are RFC 3339 with T and Z, at most nine digits of a second, no leap second; sizes are below 2^63.
 * Beyond the order of the lines, one of the three forms above must be whole: with `key` also line, log, party, serial
 * and previous (32 zero bytes exactly for serial 1), and the first signature line has the key's name; with `recorded`
 * also line and log, and none of desk, key, serial, previous, seen or signature lines; with neither only mode and
 * time, and at least one signature line. A note of kind "login" is of the first form without serial and previous, so
 * that nothing can take it for an entry.
 * @return PRL_E_SYNTAX with the line (err.line) and what was expected there; PRL_E_TOO_LARGE above PRL_ENTRY_MAX or
 *         with more than PRL_NOTE_SIGNATURES_MAX signatures
 */
PRL_API PRL_MUST prl_status prl_entry_read(prl_bytes bytes, prl_entry *ret, prl_error *err);

/** What the head of a new entry says; NULL or 0 for what is not stated. */
typedef struct prl_entry_head {
	const char *kind, *log, *party, *desk, *key, *recorded;
	const prl_hash *line, *previous;
	uint64_t serial;
	struct {
		const char *log;
		uint64_t size;
		prl_hash root;
	} seen[8];
	size_t seen_count;
	prl_mode mode;
	prl_time time;
} prl_entry_head;

/** Writes head, body, and the signature lines of @p signers (type PRL_KEY_NOTE) into text of room bytes, without a 0;
 * returns the length. A DEL in the body, which no note holds, is written as JSON's escape \\u007f. 0 where it does not
 * fit (PRL_ENTRY_MAX is enough for every entry), or where prl_entry_read() would refuse it: what nobody could read is
 * never signed. */
PRL_API size_t prl_entry_write(const prl_entry_head *head, prl_bytes body, const prl_signer *const *signers,
			       size_t signer_count, char *text, size_t room);

#ifdef __cplusplus
}
#endif
#endif
