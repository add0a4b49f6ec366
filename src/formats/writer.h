/* What the writers of the single formats share. They put text into a buffer; writer.c brings it to the stream. */
#ifndef PRL_FORMATS_WRITER_H
#define PRL_FORMATS_WRITER_H

#include "base/memory.h"

#include <parley/formats.h>

#include <locale.h>

struct prl_writer {
	prl_writer_options options;
	char zone_name[32];
	FILE *file;
	prl_buffer text;
	size_t count; /* conflicts written before this one */
	locale_t c_locale;
	const struct prl_format *format;
};

/* One format. Any of the three may be NULL. A failed buffer is looked at afterwards. */
typedef struct prl_format {
	void (*begin)(prl_writer *writer);
	void (*conflict)(prl_writer *writer, const prl_conflict *conflict);
	void (*end)(prl_writer *writer);
} prl_format;

extern const prl_format prl_format_text, prl_format_jsonl, prl_format_geojson, prl_format_csv;

/* First and last instant of a conflict; open where its intervals are. */
prl_window prl_conflict_window(const prl_conflict *conflict);

/* Whether t is an instant, and not the open side of a window. */
bool prl_time_is_open(prl_time t);

/* The word of a datum in files: "W84", "MSL", "AGL", "FL". */
const char *prl_datum_word(prl_datum datum);

/* "known" or "cannot tell". */
const char *prl_vertical_word(prl_vertical vertical);

#endif
