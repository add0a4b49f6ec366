#include "formats/writer.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <string.h>

/* Most bytes of one conflict as text; 10^6 intervals take about 60 MB. */
#define TEXT_MAX (1024u * PRL_MIB)

prl_window prl_conflict_window(const prl_conflict *conflict)
{
	return (prl_window){ conflict->intervals[0].from, conflict->intervals[conflict->interval_count - 1].to };
}

bool prl_time_is_open(prl_time t)
{
	return t == PRL_TIME_OPEN_START || t == PRL_TIME_OPEN_END;
}

const char *prl_datum_word(prl_datum datum)
{
	static const char *const words[] = { "W84", "MSL", "AGL", "FL" };
	return (size_t)datum < sizeof words / sizeof *words ? words[datum] : "unknown";
}

const char *prl_vertical_word(prl_vertical vertical)
{
	return vertical == PRL_VERTICAL_KNOWN ? "known" : "cannot tell";
}

static void free_writer(prl_writer *writer)
{
	prl_buffer_done(&writer->text);
	if (writer->c_locale)
		freelocale(writer->c_locale);
	free(writer);
}

/* Lets one function of the format write, with the decimal point that files have, and brings its text to the stream. */
static prl_status write_step(prl_writer *writer, void (*step)(prl_writer *writer), const prl_conflict *conflict,
                             prl_error *err)
{
	prl_buffer_clear(&writer->text);
	locale_t before = uselocale(writer->c_locale);
	if (conflict)
		writer->format->conflict(writer, conflict);
	else if (step)
		step(writer);
	uselocale(before);
	if (writer->text.failed)
		return prl_error_memory(err);
	if (writer->text.size && fwrite(writer->text.data, 1, writer->text.size, writer->file) != writer->text.size)
		return prl_error_set(err, PRL_E_IO, "cannot be written: %s", strerror(errno));
	return PRL_OK;
}

static prl_status check_options(const prl_writer_options *options, prl_error *err)
{
	if ((unsigned)options->output > PRL_OUTPUT_CSV)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "output %d, expected text, JSON lines, GeoJSON or CSV",
		                     (int)options->output);
	if (options->zone_minutes < -18 * 60 || options->zone_minutes > 18 * 60)
		return prl_error_set(err, PRL_E_RANGE, "a zone of %d minutes, expected -1080 to 1080", options->zone_minutes);
	return PRL_OK;
}

prl_status prl_writer_begin(const prl_writer_options *options, FILE *file, prl_writer **ret_writer, prl_error *err)
{
	static const prl_format *const formats[] = { &prl_format_text, &prl_format_jsonl, &prl_format_geojson,
		                                     &prl_format_csv };
	prl_status status = check_options(options, err);
	if (status)
		return status;
	prl_writer *writer = calloc(1, sizeof *writer);
	if (!writer)
		return prl_error_memory(err);
	writer->options = *options;
	writer->file = file;
	writer->text = PRL_BUFFER(TEXT_MAX);
	writer->format = formats[options->output];
	snprintf(writer->zone_name, sizeof writer->zone_name, "%s", options->zone_name ? options->zone_name : "");
	writer->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	status = writer->c_locale ? write_step(writer, writer->format->begin, NULL, err) : prl_error_memory(err);
	if (status) {
		free_writer(writer);
		return status;
	}
	*ret_writer = writer;
	return PRL_OK;
}

prl_status prl_writer_conflict(prl_writer *writer, const prl_conflict *conflict, prl_error *err)
{
	prl_status status = write_step(writer, NULL, conflict, err);
	writer->count += !status;
	return status;
}

prl_status prl_writer_end(prl_writer *writer, prl_error *err)
{
	if (!writer)
		return PRL_OK;
	prl_status status = write_step(writer, writer->format->end, NULL, err);
	if (!status && (fflush(writer->file) || ferror(writer->file)))
		status = prl_error_set(err, PRL_E_IO, "cannot be written: %s", strerror(errno));
	free_writer(writer);
	return status;
}
