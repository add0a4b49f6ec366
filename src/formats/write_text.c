/* For a duty officer. People read "overlap"; no word here says that something may go ahead. */
#include "formats/clean.h"
#include "formats/writer.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define METRES_A_NM 1852.0
#define METRES_A_FOOT 0.3048
#define SHOWN_INTERVALS 20u /* the rest is counted; JSON lines has them all */

static void put_plan(prl_buffer *out, const prl_plan *plan)
{
	char id[300], party[300], name[300];
	prl_clean(plan->id, id, sizeof id);
	prl_clean(plan->party, party, sizeof party);
	prl_clean(plan->name, name, sizeof name);
	prl_buffer_printf(out, "%s (", id);
	if (name[0])
		prl_buffer_printf(out, "%s; ", name);
	prl_buffer_printf(out, "%s; party %s)", plan->kind == PRL_KIND_UNKNOWN ? "kind not stated" : prl_kind_word(plan->kind),
	                  party[0] ? party : "not stated");
}

/* ---- times --------------------------------------------------------------------------------------------------- */

/* The date and time of day of the stated zone: "2016-09-17 15:55:00.000 EEST". */
static void put_local(const prl_writer *writer, prl_buffer *out, prl_time t)
{
	const prl_writer_options *options = &writer->options;
	char text[PRL_TIME_TEXT_MAX], name[16] = "";
	prl_time local;
	int minutes = options->zone_at ? options->zone_at(t, name, options->context) : options->zone_minutes;
	if (__builtin_add_overflow(t, (prl_time)minutes * 60 * PRL_SECOND, &local))
		return;
	prl_time_format(local, text);
	text[10] = ' ';
	text[strlen(text) - 1] = 0; /* the Z */
	prl_buffer_printf(out, " (%s %s)", text, options->zone_at ? name : writer->zone_name);
}

/* People are shown milliseconds: a beginning rounded down, an end up, so that the shown time holds the true one. */
enum rounding { DOWN = 0, NEAREST = 500000, UP = 999999 };

static prl_time round_to_ms(prl_time t, enum rounding rounding)
{
	if (t < INT64_MIN + PRL_SECOND || t > INT64_MAX - PRL_SECOND)
		return t;
	t += rounding;
	prl_time below = t % 1000000;
	return t - (below < 0 ? below + 1000000 : below);
}

static void put_time(const prl_writer *writer, prl_buffer *out, prl_time t, enum rounding rounding)
{
	char text[PRL_TIME_TEXT_MAX];
	if (prl_time_is_open(t)) {
		prl_buffer_printf(out, "%s", t == PRL_TIME_OPEN_START ? "no start stated" : "no end stated");
		return;
	}
	t = round_to_ms(t, rounding);
	prl_time_format(t, text);
	prl_buffer_printf(out, "%s", text);
	if (writer->zone_name[0] || writer->options.zone_at)
		put_local(writer, out, t);
}

/* "1 h 05 min 10 s", "10.5 s". */
static void put_duration(prl_buffer *out, prl_window window)
{
	if (prl_time_is_open(window.from) || prl_time_is_open(window.to))
		return;
	uint64_t length = (uint64_t)window.to - (uint64_t)window.from, seconds = length / (uint64_t)PRL_SECOND;
	if (seconds < 60)
		prl_buffer_printf(out, ", %.3g s", (double)length / (double)PRL_SECOND);
	else if (seconds < 3600)
		prl_buffer_printf(out, ", %" PRIu64 " min %02" PRIu64 " s", seconds / 60, seconds % 60);
	else
		prl_buffer_printf(out, ", %" PRIu64 " h %02" PRIu64 " min %02" PRIu64 " s", seconds / 3600, seconds / 60 % 60,
		                  seconds % 60);
}

static void put_window(const prl_writer *writer, prl_buffer *out, const char *label, prl_window window)
{
	prl_buffer_printf(out, "  %-9s from ", label);
	put_time(writer, out, window.from, DOWN);
	prl_buffer_printf(out, " to ");
	put_time(writer, out, window.to, UP);
	put_duration(out, window);
	prl_buffer_printf(out, "\n");
}

static void put_windows(const prl_writer *writer, prl_buffer *out, const char *label, const prl_window *windows,
                        size_t count)
{
	for (size_t i = 0; i < count && i < SHOWN_INTERVALS; i++)
		put_window(writer, out, i ? "" : label, windows[i]);
	if (count > SHOWN_INTERVALS)
		prl_buffer_printf(out, "            and %zu more times, the last one:\n", count - SHOWN_INTERVALS);
	if (count > SHOWN_INTERVALS)
		put_window(writer, out, "", windows[count - 1]);
}

/* ---- places -------------------------------------------------------------------------------------------------- */

/* Degrees, minutes and seconds to 0.01" (0.3 m), rounded as a whole, so that no 60.00" comes out. */
static void put_dms(prl_buffer *out, double degrees, int width, char positive, char negative)
{
	int64_t hundredths = llrint(fabs(degrees) * 360000);
	prl_buffer_printf(out, "%0*d°%02d'%05.2f\"%c", width, (int)(hundredths / 360000), (int)(hundredths / 6000 % 60),
	                  (double)(hundredths % 6000) / 100, degrees < 0 ? negative : positive);
}

static const char *datum_text(prl_datum datum)
{
	static const char *const texts[] = { "above the WGS84 ellipsoid", "above mean sea level", "above ground",
		                             "of pressure altitude" };
	return (size_t)datum < sizeof texts / sizeof *texts ? texts[datum] : "above an unknown datum";
}

static void put_altitude(prl_buffer *out, const prl_closest *closest)
{
	if (!isfinite(closest->altitude_m)) {
		prl_buffer_printf(out, "altitude without limit");
		return;
	}
	prl_buffer_printf(out, "altitude %.0f m (%.0f ft", closest->altitude_m, closest->altitude_m / METRES_A_FOOT);
	if (closest->datum == PRL_DATUM_FL)
		prl_buffer_printf(out, ", FL%03.0f", closest->altitude_m / METRES_A_FOOT / 100);
	prl_buffer_printf(out, ") %s", datum_text(closest->datum));
}

static void put_closest(const prl_writer *writer, prl_buffer *out, const prl_closest *closest)
{
	prl_buffer_printf(out, "  closest   ");
	if (closest->time == PRL_TIME_OPEN_START)
		prl_buffer_printf(out, "always");
	else
		put_time(writer, out, closest->time, NEAREST);
	double horizontal_m = closest->horizontal_m + 0.0, vertical_m = closest->vertical_m + 0.0; /* no -0 */
	prl_buffer_printf(out, "\n            horizontal %.1f m (%.2f NM), vertical ", horizontal_m,
	                  horizontal_m / METRES_A_NM);
	if (isfinite(vertical_m))
		prl_buffer_printf(out, "%.1f m (%.0f ft)\n", vertical_m, vertical_m / METRES_A_FOOT);
	else
		prl_buffer_printf(out, "not known\n");
	prl_buffer_printf(out, "  place     ");
	put_dms(out, closest->place.lat_deg, 2, 'N', 'S');
	prl_buffer_printf(out, " ");
	put_dms(out, closest->place.lng_deg, 3, 'E', 'W');
	prl_buffer_printf(out, " (%.6f, %.6f), ", closest->place.lat_deg, closest->place.lng_deg);
	put_altitude(out, closest);
	prl_buffer_printf(out, "\n");
}

/* ---- altitudes that cannot be told --------------------------------------------------------------------------- */

/* One bit a datum in which the plan states an altitude. */
static unsigned datums_of(const prl_plan *plan)
{
	unsigned datums = 0;
	for (size_t i = 0; i < plan->volume_count; i++) {
		const prl_band *band = &plan->volumes[i].band;
		datums |= isfinite(band->lower.value) ? 1u << band->lower.datum : 0;
		datums |= isfinite(band->upper.value) ? 1u << band->upper.datum : 0;
	}
	for (size_t i = 0; i < plan->trajectory_count; i++)
		datums |= 1u << prl_trajectory_datum(plan->trajectories[i]);
	return datums;
}

static void put_datums(prl_buffer *out, const prl_plan *plan)
{
	char id[300];
	const char *joint = "";
	unsigned datums = datums_of(plan);
	prl_clean(plan->id, id, sizeof id);
	prl_buffer_printf(out, "%s states ", id);
	if (!datums)
		prl_buffer_printf(out, "no altitude");
	for (unsigned datum = PRL_DATUM_W84; datum <= PRL_DATUM_FL; datum++)
		if (datums >> datum & 1) {
			prl_buffer_printf(out, "%smetres or feet %s", joint, datum_text((prl_datum)datum));
			joint = " and ";
		}
}

static void put_cannot_tell(prl_buffer *out, const prl_conflict *conflict)
{
	prl_buffer_printf(out, "  altitude: cannot tell (");
	put_datums(out, conflict->a);
	prl_buffer_printf(out, "; ");
	put_datums(out, conflict->b);
	prl_buffer_printf(out, "; what is known of air pressure and terrain does not settle how these compare)\n");
}

static void overlap(prl_writer *writer, const prl_conflict *conflict)
{
	prl_buffer *out = &writer->text;
	prl_buffer_printf(out, "%soverlap %zu: ", writer->count ? "\n" : "", writer->count + 1);
	put_plan(out, conflict->a);
	prl_buffer_printf(out, "\n  with      ");
	put_plan(out, conflict->b);
	prl_buffer_printf(out, "\n");
	put_windows(writer, out, "when", conflict->intervals, conflict->interval_count);
	put_closest(writer, out, &conflict->closest);
	if (conflict->vertical == PRL_VERTICAL_CANNOT_TELL)
		put_cannot_tell(out, conflict);
	if (conflict->possible_count)
		put_windows(writer, out, "perhaps", conflict->possible, conflict->possible_count);
}

const prl_format prl_format_text = { .conflict = overlap };
