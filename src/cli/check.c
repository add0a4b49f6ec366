/* parley check: reads plans and tracks and prints every overlap. */
#include "cli/check.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option {
	HORIZONTAL,
	VERTICAL,
	FROM,
	TO,
	JSON,
	FORMAT,
	ZONE,
	WELL_CLEAR,
	ADVISE,
	QNH,
	ISA,
	TERRAIN,
	GEOID,
	NO_PROGRESS,
};

static const cli_option options[] = {
	{ "--horizontal", "M",
	  "find pairs whose horizontal distance is M metres or less (0 to 1000000; 0\n"
	  "where not given)",
	  HORIZONTAL },
	{ "--vertical", "M", "and whose vertical distance is M metres or less at the same instant (0 to\n100000; 0)",
	  VERTICAL },
	{ "--from", "TIME", "look only at what happens from TIME on (RFC 3339, as 2018-09-17T18:40:00Z)", FROM },
	{ "--to", "TIME", "and only until TIME", TO },
	{ "--json", NULL, "one JSON object a line for each overlap; the same as --format json", JSON },
	{ "--format", "FORMAT", "text, json, geojson (to look at on a map) or csv", FORMAT },
	{ "--zone", "AREA/CITY", "show local time beside UTC in the text, as Asia/Damascus", ZONE },
	{ "--well-clear", "PRESET",
	  "for each pair of trajectories, also print when the two are not well clear\n"
	  "(text and JSON); a PRESET is one of those listed below",
	  WELL_CLEAR },
	{ "--advise", NULL,
	  "for each flight, ground movement and convoy with an overlap, also print the\n"
	  "smallest delay and the smallest change of altitude after which none would be\n"
	  "found with what is filed here (text and JSON)",
	  ADVISE },
	{ "--qnh", "LOW..HIGH",
	  "sea-level pressure in hPa (850 to 1090), to compare flight levels with\n"
	  "altitudes; goes with --isa",
	  QNH },
	{ "--isa", "LOW..HIGH", "deviation of the air column from the standard atmosphere in kelvin (-60 to\n60)",
	  ISA },
	{ "--terrain", "LOW..HIGH",
	  "elevation of the ground above mean sea level in metres (-500 to 9000), to\n"
	  "compare heights above ground with altitudes",
	  TERRAIN },
	{ "--geoid", "FILE", "the geoid in GTX format (/usr/share/proj/egm96_15.gtx where that is there)", GEOID },
	{ "--no-progress", NULL, "no progress bar, not even on a terminal", NO_PROGRESS },
};

static const char default_geoid[] = "/usr/share/proj/egm96_15.gtx";

static prl_status set_format(check *c, const char *value, prl_error *err)
{
	static const struct {
		const char *name;
		prl_output output;
	} formats[] = { { "text", PRL_OUTPUT_TEXT },
			{ "json", PRL_OUTPUT_JSONL },
			{ "geojson", PRL_OUTPUT_GEOJSON },
			{ "csv", PRL_OUTPUT_CSV } };
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (!strcmp(formats[i].name, value)) {
			c->output = formats[i].output;
			return PRL_OK;
		}
	return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\" is no format; expected text, json, geojson or csv", value);
}

/* The zone is looked up as the C library will: a file of the system's time zone database. */
static prl_status set_zone(check *c, const char *value, prl_error *err)
{
	char path[300];
	int length = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", value);
	if (!*value || value[0] == '/' || strstr(value, "..") || length >= (int)sizeof path || access(path, R_OK) != 0)
		return prl_error_set(err, PRL_E_NOT_FOUND,
				     "\"%.60s\" is not in the time zone database of this machine; expected a zone, as "
				     "Asia/Damascus",
				     value);
	c->zone = value;
	return PRL_OK;
}

static prl_status set_well_clear(check *c, const char *value, prl_error *err)
{
	c->well_clear = prl_wellclear_preset(value);
	if (!c->well_clear)
		return prl_error_set(err, PRL_E_NOT_FOUND, "\"%.40s\" is no preset; `parley check --help` lists them",
				     value);
	return PRL_OK;
}

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	check *c = context;
	prl_atmosphere *air = &c->options.air;
	switch ((enum option)id) {
	case HORIZONTAL:
		return prl_cli_number(value, 0, 1e6, "metres", &c->options.separation.horizontal_m, err);
	case VERTICAL:
		return prl_cli_number(value, 0, 1e5, "metres", &c->options.separation.vertical_m, err);
	case FROM:
		return prl_time_parse(value, strlen(value), &c->options.window.from, err);
	case TO:
		return prl_time_parse(value, strlen(value), &c->options.window.to, err);
	case JSON:
		c->output = PRL_OUTPUT_JSONL;
		return PRL_OK;
	case FORMAT:
		return set_format(c, value, err);
	case ZONE:
		return set_zone(c, value, err);
	case WELL_CLEAR:
		return set_well_clear(c, value, err);
	case ADVISE:
		c->advise = true;
		return PRL_OK;
	case QNH:
		c->has_qnh = true;
		return prl_cli_range(value, 850, 1090, "hPa", &air->qnh_low_hpa, &air->qnh_high_hpa, err);
	case ISA:
		c->has_isa = true;
		return prl_cli_range(value, -60, 60, "kelvin", &air->isa_low_k, &air->isa_high_k, err);
	case TERRAIN:
		air->has_terrain = true;
		return prl_cli_range(value, -500, 9000, "metres", &air->terrain_low_m, &air->terrain_high_m, err);
	case GEOID:
		c->geoid_path = value;
		return PRL_OK;
	case NO_PROGRESS:
		c->no_progress = true;
		return PRL_OK;
	}
	return prl_error_set(err, PRL_E_UNSUPPORTED, "not handled");
}

/* What one option alone cannot see. */
static bool options_agree(const check *c)
{
	if (c->options.window.from > c->options.window.to) {
		prl_cli_say("check: --from is after --to; expected a window that runs forwards");
		return false;
	}
	if (c->has_qnh != c->has_isa) {
		prl_cli_say("check: %s is given without %s; the conversion of flight levels needs both",
			    c->has_qnh ? "--qnh" : "--isa", c->has_qnh ? "--isa" : "--qnh");
		return false;
	}
	if ((c->advise || c->well_clear) && c->output != PRL_OUTPUT_TEXT && c->output != PRL_OUTPUT_JSONL) {
		prl_cli_say("check: %s is written as text or JSON only", c->advise ? "--advise" : "--well-clear");
		return false;
	}
	return true;
}

/* The grid that was named, or the one of Debian's proj-data where that is installed, or none. */
static bool open_geoid(check *c, prl_geoid **ret_geoid)
{
	prl_error err = { 0 };
	const char *path = c->geoid_path ? c->geoid_path : default_geoid;
	if (!c->geoid_path && access(path, R_OK) != 0)
		return true;
	if (prl_geoid_open(path, ret_geoid, &err)) {
		prl_cli_say_error(path, &err);
		c->status = CLI_BAD;
		return false;
	}
	c->options.air.geoid = *ret_geoid;
	return true;
}

static bool take_conflict(const prl_conflict *conflict, void *context)
{
	check *c = context;
	prl_cli_progress_clear(&c->progress);
	c->overlaps++;
	c->cannot_tell += conflict->vertical == PRL_VERTICAL_CANNOT_TELL;
	if (c->advise && (!prl_check_remember(c, conflict->a) || !prl_check_remember(c, conflict->b))) {
		prl_cli_say("check: %s", prl_status_text(PRL_E_MEMORY));
		c->status = CLI_FAILED;
		return false;
	}
	return prl_check_write(c, conflict);
}

static void show_progress(size_t done, size_t total, void *context)
{
	check *c = context;
	prl_cli_progress_draw(&c->progress, "checking", total ? (double)done / (double)total : (double)NAN);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_duration(double seconds, FILE *out)
{
	if (seconds < 1)
		fprintf(out, "%.0f ms", 1000 * seconds);
	else
		fprintf(out, "%.1f s", seconds);
}

/* The last line of the text: what was looked at and what was found. Other formats hold overlaps only; there what was
 * left out is said on standard error. */
static void print_summary(const check *c)
{
	if (c->output != PRL_OUTPUT_TEXT) {
		if (c->left_out)
			prl_cli_say("%zu plan%s checked, %zu left out", c->plan_count, plural(c->plan_count),
				    c->left_out);
		return;
	}
	prl_check_paragraph(c);
	if (c->overlaps)
		printf("%zu overlap%s found", c->overlaps, plural(c->overlaps));
	else
		printf("no overlap found");
	if (c->cannot_tell)
		printf(" (%zu: cannot tell)", c->cannot_tell);
	if (c->well_clear)
		printf(", %zu pair%s not well clear", c->not_well_clear, plural(c->not_well_clear));
	if (c->well_clear_unknown)
		printf(" (%zu more: cannot tell)", c->well_clear_unknown);
	printf(" among %zu plan%s, %zu left out, ", c->plan_count, plural(c->plan_count), c->left_out);
	print_duration(prl_cli_seconds() - c->began_s, stdout);
	putchar('\n');
}

static void find_overlaps(check *c)
{
	prl_error err = { 0 };
	prl_status status = prl_check_all((const prl_plan *const *)c->plans, c->plan_count, &c->options, take_conflict,
					  show_progress, c, &err);
	prl_cli_progress_clear(&c->progress);
	/* A callback that stopped it has said why. */
	if (status && status != PRL_E_CALLBACK) {
		prl_cli_say("check: %s", err.text);
		c->status = prl_cli_worse(c->status, prl_cli_exit_status(status));
	}
	if (c->overlaps)
		c->status = prl_cli_worse(c->status, CLI_FOUND);
	if (!status && c->well_clear)
		prl_check_well_clear(c);
	if (!status && c->advise)
		prl_check_advise(c);
	prl_check_write_end(c);
	if (!status)
		print_summary(c);
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	check c = { .options = prl_check_options_default(), .output = PRL_OUTPUT_TEXT, .began_s = prl_cli_seconds() };
	prl_geoid *geoid = NULL;
	int count;
	if (prl_cli_options(verb, argc, argv, set_option, &c, &count) || !options_agree(&c))
		return CLI_BAD;
	if (count == 0) {
		prl_cli_say("check: no file given; usage: %s", verb->usage);
		return CLI_BAD;
	}
	c.options.air.has_qnh = c.has_qnh;
	c.progress = prl_cli_progress(!c.no_progress);
	if (open_geoid(&c, &geoid) && prl_check_read(&c, argv, count))
		find_overlaps(&c);
	for (size_t i = 0; i < c.plan_count; i++)
		prl_plan_free(c.plans[i]);
	free(c.plans);
	free(c.advised);
	prl_geoid_free(geoid);
	return c.status;
}

static void list_presets(FILE *out)
{
	const prl_wellclear_named *preset;
	fputs("\npresets of --well-clear:\n", out);
	for (size_t i = 0; (preset = prl_wellclear_preset_at(i)); i++)
		fprintf(out, "  %-32s%s\n", preset->name, preset->about);
}

static const char details[] =
	"FILE is a file of F3548 operational intents or constraints, of GeoJSON features with `parley` properties, or "
	"of\n"
	"Moving Features JSON; what it is is told by its content. It may be compressed by gzip. - is standard input.\n"
	"All plans of all files are checked against one another, whatever their party.\n"
	"\n"
	"Two plans overlap when at some instant their horizontal distance is at most that of --horizontal and their\n"
	"vertical distance at most that of --vertical. Where that hangs on altitudes of different datums which cannot "
	"be\n"
	"compared closely enough, the overlap says \"cannot tell\".\n"
	"\n"
	"exit status: 0 no overlap found, 1 overlaps found, 2 bad use or bad input (the overlaps found in the rest "
	"are\n"
	"printed), 3 the machine failed\n"
	"\n"
	"examples:\n"
	"  parley check ours.geojson theirs.json\n"
	"  parley check --horizontal 9260 --vertical 304.8 tracks.mfjson.gz --json\n";

const cli_verb prl_cli_check = {
	.name = "check",
	.summary = "reads plans and tracks from files and prints every overlap",
	.usage = "parley check FILE… [option…]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.more = list_presets,
	.run = run,
};
