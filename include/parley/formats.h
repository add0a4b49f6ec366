/**
 * @file formats.h
 * Plans in, conflicts out: other people's formats.
 *
 * In: F3548-21 operational intents and constraints, GeoJSON (RFC 7946) with `parley` properties, OGC Moving Features
 * JSON (19-045r3); plain or gzip; one document, a list, a FeatureCollection, JSON text sequences (RFC 7464) or one
 * document a line. What a file is is told by its content, never by its name. A file is read item by item: memory is
 * bounded by its largest feature.
 *
 * Out: text for a duty officer, JSON lines, GeoJSON, CSV.
 */
#ifndef PARLEY_FORMATS_H
#define PARLEY_FORMATS_H

#include <stdio.h>

#include "conflict.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- plans in ------------------------------------------------------------------------------------------------ */

/** Called for each plan read. The plan is now the callee's (prl_plan_free()), also when it returns false: stop. */
typedef bool prl_plan_fn(prl_plan *plan, void *context);

/**
 * Called for each thing that was left out or wrong: a file, a feature, an intent, what stands between them.
 * @param source  the path as given, "standard input" for "-"
 * @param problem what is wrong and what was expected; `line` is the line of @p source (0 where the whole file is
 *                meant), `where` the place inside it: "feature \"x\": volume 2: altitude_lower"
 * @return false to stop
 */
typedef bool prl_problem_fn(const char *source, const prl_error *problem, void *context);

/** Called now and then while a file is read; @p total is 0 where the size is not known (a pipe). Bytes of the file. */
typedef void prl_read_progress_fn(uint64_t done, uint64_t total, void *context);

typedef struct prl_reader_options {
	prl_plan_fn *on_plan;       /**< required */
	prl_problem_fn *on_problem; /**< NULL: problems are only counted */
	prl_read_progress_fn *on_progress; /**< NULL: none */
	void *context;                     /**< given to the three above */
	size_t max_item_bytes; /**< most bytes of one feature or intent; 0: 512 MiB. Larger ones are a problem, not a stop */
} prl_reader_options;

/** How many plans were taken, and how many things were left out or wrong (each of them was told to on_problem). */
typedef struct prl_read_counts {
	size_t taken, problems;
} prl_read_counts;

/** A session: remembers the ids of all plans that it read, so that the same id in a second file is found. */
typedef struct prl_reader prl_reader;

PRL_API PRL_MUST prl_status prl_reader_new(const prl_reader_options *options, prl_reader **ret_reader, prl_error *err);
PRL_API void prl_reader_free(prl_reader *reader); /**< NULL is fine */

/**
 * Reads all plans of a file. Bad input is never skipped silently and never keeps the rest from being read: each
 * problem goes to on_problem and is counted, and the call still returns PRL_OK. A second plan with an id already read
 * in this session is such a problem.
 * @param path a file, plain or gzip (told by its first two bytes); "-" is standard input
 * @return PRL_OK, also when something was left out; PRL_E_CALLBACK when a callback stopped it; PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_reader_read_file(prl_reader *reader, const char *path, prl_error *err);

/** The same for bytes in memory. @param source what to call them in problems and plans */
PRL_API PRL_MUST prl_status prl_reader_read_bytes(prl_reader *reader, const char *source, const void *bytes,
                                                  size_t length, prl_error *err);

/** Counts over all that the session has read. */
PRL_API prl_read_counts prl_reader_counts(const prl_reader *reader);

/* ---- conflicts out ------------------------------------------------------------------------------------------- */

/** How conflicts are written. */
typedef enum prl_output {
	PRL_OUTPUT_TEXT,    /**< for people: UTC and local time, m, NM and ft, degrees as DMS and decimal */
	PRL_OUTPUT_JSONL,   /**< one JSON object a line, stable: schemas/conflict.schema.json */
	PRL_OUTPUT_GEOJSON, /**< a FeatureCollection with a Point for each, to look at on a map */
	PRL_OUTPUT_CSV,     /**< RFC 4180 with a header line */
} prl_output;

/** Offset of the stated zone at @p t, minutes east of UTC, -1080 to 1080; its name then ("EEST") goes to @p ret_name. */
typedef int prl_zone_fn(prl_time t, char ret_name[16], void *context);

typedef struct prl_writer_options {
	prl_output output;
	/** Zone of the local time shown beside UTC in text: offset east of UTC in minutes, and its name ("EEST"); a
	    NULL or empty name: no local time. */
	int zone_minutes;
	const char *zone_name;
	prl_zone_fn *zone_at; /**< asked for each instant instead of the two above, so that summer time is right; or NULL */
	void *context;        /**< given to zone_at */
} prl_writer_options;

/** Writes conflicts one by one to a stream; nothing is held back but what stdio holds. */
typedef struct prl_writer prl_writer;

/**
 * Begins the output (header line of a CSV, opening of a FeatureCollection).
 * @param file stays the caller's and must stay open until prl_writer_end()
 * @return PRL_E_IO when the stream fails, PRL_E_RANGE for a zone beyond ±18 h, PRL_E_MEMORY
 */
PRL_API PRL_MUST prl_status prl_writer_begin(const prl_writer_options *options, FILE *file, prl_writer **ret_writer,
                                             prl_error *err);

/** Writes one conflict. @return PRL_E_IO when the stream fails, PRL_E_MEMORY */
PRL_API PRL_MUST prl_status prl_writer_conflict(prl_writer *writer, const prl_conflict *conflict, prl_error *err);

/** Ends the output, flushes the stream and releases @p writer, also on failure. NULL is fine. @return PRL_E_IO */
PRL_API PRL_MUST prl_status prl_writer_end(prl_writer *writer, prl_error *err);

#ifdef __cplusplus
}
#endif
#endif
