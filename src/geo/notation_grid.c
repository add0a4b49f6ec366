/* UTM, MGRS and SK-42 Gauss–Krüger references. */
#include "geo/notation_read.h"

#include "base/error.h"
#include "geo/ellipsoid.h"
#include "geo/helmert.h"
#include "geo/mgrs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool any_word(const prl_token *t, const char *const *words)
{
	for (; *words; words++)
		if (prl_token_is(t, *words))
			return true;
	return false;
}

static bool is_whole(const prl_token *t, int most_digits)
{
	return t->mark == PRL_MARK_NUMBER && t->decimals == 0 && t->digits <= most_digits;
}

static prl_status error_at_column(const prl_token *t, prl_status status, prl_error *err)
{
	return prl_error_at(err, status, "column %zu", t->column);
}

/* ---- two labelled or bare grid numbers ------------------------------------------------------------------------ */

/* Two numbers and what their labels say: 'e' easting, 'n' northing, 0 nothing. */
struct pair {
	const prl_token *number[2];
	char label[2];
};

static const prl_token *skip_separator(const prl_token *t)
{
	return t->mark == PRL_MARK_COMMA || t->mark == PRL_MARK_SEMICOLON || t->mark == PRL_MARK_SLASH ? t + 1 : t;
}

static char label_of(const prl_token *t, bool gk)
{
	static const char *const utm_east[] = { "E", "ME", "EASTING", NULL }, *const utm_north[] = { "N", "MN",
												     "NORTHING", NULL };
	static const char *const gk_east[] = { "Y", "У", NULL }, *const gk_north[] = { "X", "Х", NULL };
	if (any_word(t, gk ? gk_east : utm_east))
		return 'e';
	return any_word(t, gk ? gk_north : utm_north) ? 'n' : 0;
}

static const prl_token *skip_metre(const prl_token *t)
{
	return prl_token_is(t, "M") || prl_token_is(t, "М") ? t + 1 : t;
}

/* Reads [label [=]] number [m] [label] twice, to the end of the text. */
static prl_status take_pair(const prl_token *t, bool gk, struct pair *p, prl_error *err)
{
	*p = (struct pair){ 0 };
	for (int i = 0; i < 2; i++) {
		t = skip_separator(t);
		if ((p->label[i] = label_of(t, gk)))
			t += 1 + (t[1].mark == PRL_MARK_EQUALS || t[1].mark == PRL_MARK_COLON);
		if (t->mark == PRL_MARK_DASH && gk) {
			prl_error_set(err, PRL_E_UNSUPPORTED,
				      "Gauss-Krüger south of the equator is not read; expected X from 0");
			return error_at_column(t, PRL_E_UNSUPPORTED, err);
		}
		if (t->mark != PRL_MARK_NUMBER || t->comma)
			return prl_token_error(t, "metres, digits with at most a decimal point", err);
		p->number[i] = t++;
		t = skip_metre(t);
		if (!p->label[i] && !gk && (p->label[i] = label_of(t, false)))
			t++;
	}
	if (t->mark != PRL_MARK_END)
		return prl_token_error(t, "the end of the position", err);
	if (p->label[0] && p->label[0] == p->label[1]) {
		prl_error_set(err, PRL_E_SYNTAX, "two %s; expected one easting and one northing",
			      p->label[0] == 'e' ? "eastings" : "northings");
		return error_at_column(p->number[1], PRL_E_SYNTAX, err);
	}
	return PRL_OK;
}

/* Index of the easting by the labels; -1 when they do not say. */
static int easting_index(const struct pair *p)
{
	if (p->label[0] || p->label[1])
		return p->label[0] == 'e' || p->label[1] == 'n' ? 0 : 1;
	return -1;
}

/* Radius that holds half a unit in both numbers, on a grid of scale >= scale_min. */
static double pair_precision_m(const struct pair *p, double scale_min)
{
	return hypot(p->number[0]->unit, p->number[1]->unit) / 2 / scale_min * 1.0001 + 1e-6;
}

/* Whether a longitude lies within west … east of the central meridian, or beyond by no more than the overlap. */
static bool lng_in_zone(prl_latlng at, double center_deg, double west_deg, double east_deg)
{
	double slack = PRL_ZONE_OVERLAP_M / (111319 * cos(fmin(fabs(at.lat_deg), 89.9) / PRL_RADIAN));
	double off = prl_longitude_wrap(at.lng_deg - center_deg);
	return off >= west_deg - center_deg - slack && off <= east_deg - center_deg + slack;
}

/* ---- UTM ----------------------------------------------------------------------------------------------------- */

static const prl_token *skip_words(const prl_token *t, const char *const *words)
{
	while (any_word(t, words))
		t++;
	return t;
}

static const char *const utm_words[] = { "UTM", "ZONE", "ЗОНА", NULL };

bool prl_looks_utm(const prl_token *tokens)
{
	const prl_token *t = skip_words(tokens, utm_words);
	if (prl_token_is(tokens, "UTM"))
		return true;
	if (!is_whole(t, 2) || t[1].mark != PRL_MARK_WORD)
		return false;
	int numbers = 0, digits = 0;
	for (t += 2; t->mark != PRL_MARK_END; t++)
		if (t->mark == PRL_MARK_NUMBER) {
			numbers++;
			digits = t->digits > digits ? t->digits : digits;
		}
	/* No number of a latitude and longitude in letters N and S has more than three digits after such a start. */
	return numbers == 2 && digits >= 4;
}

/* Band of a latitude, that of the last band in the overlap with the polar grid. */
static char utm_band_near(double lat_deg)
{
	return prl_utm_band(fmax(fmin(lat_deg, PRL_UTM_NORTH_DEG), PRL_UTM_SOUTH_DEG));
}

/* Edges of a zone at a latitude where no band is written: those of the band there and 50 km north and south of it, and
 * of the plain zone of 6°, which survey offices use in Norway and Svalbard as well. */
static void zone_edges_near(int zone, double lat_deg, double *ret_west_deg, double *ret_east_deg)
{
	double west = prl_utm_center_deg(zone) - 3, east = west + 6, w, e;
	for (int i = -1; i <= 1; i++)
		if (prl_utm_zone_edges(zone, utm_band_near(lat_deg + 0.45 * i), &w, &e)) {
			west = fmin(west, w);
			east = fmax(east, e);
		}
	*ret_west_deg = west;
	*ret_east_deg = east;
}

/* Why a place is not on the grid of its zone; NULL when it is. band 0: any. */
static const char *utm_fault(prl_grid_place at, char band, prl_latlng *ret_place)
{
	double low = at.south ? 1100000 : 0, high = at.south ? 10000000 : 9400000, south, north, west, east;
	if (!(at.east_m >= 100000 && at.east_m < 900000))
		return "easting out of range, expected 100000 to 899999";
	if (!(at.north_m >= low && at.north_m <= high))
		return at.south ? "northing out of range, expected 1100000 to 10000000 south of the equator"
				: "northing out of range, expected 0 to 9400000 north of the equator";
	prl_latlng place = prl_grid_inverse(at);
	/* Half a degree of overlap with the polar grid at both ends (DMA TM 8358.1, 2-3). */
	if (!(place.lat_deg >= PRL_UTM_SOUTH_DEG - 0.5 && place.lat_deg <= PRL_UTM_NORTH_DEG + 0.5))
		return "latitude out of range of UTM, expected 80°S to 84°N";
	if (band && prl_utm_band_edges(band, &south, &north) &&
	    !(place.lat_deg >= south - 1e-4 && place.lat_deg <= north + (band == 'X' ? 0.5 : 1e-4)))
		return "northing does not lie in the latitude band";
	if (band && !prl_utm_zone_edges(at.zone, band, &west, &east))
		return "no such grid zone; near Svalbard band X has only 31, 33, 35 and 37";
	if (!band)
		zone_edges_near(at.zone, place.lat_deg, &west, &east);
	if (!lng_in_zone(place, prl_utm_center_deg(at.zone), west, east))
		return "easting lies more than 50 km outside the zone at this northing";
	*ret_place = place;
	return NULL;
}

/* What the letter after the zone number can mean. */
struct hemisphere {
	bool south;
	char band; /* 0: the letter is the hemisphere */
	const char *meaning;
};

static int hemispheres(const prl_token *t, struct hemisphere h[2])
{
	char letter = t->mark == PRL_MARK_WORD && !t->word[1] ? t->word[0] : 0;
	double south, north;
	if (prl_token_is(t, "NORTH") || letter == 'N') {
		/* Band N (0° to 8°N) is in the northern hemisphere: the same place where it applies. */
		h[0] = (struct hemisphere){ false, 0, "northern hemisphere" };
		return 1;
	}
	if (prl_token_is(t, "SOUTH")) {
		h[0] = (struct hemisphere){ true, 0, "southern hemisphere" };
		return 1;
	}
	if (!prl_utm_band_edges(letter, &south, &north))
		return 0;
	h[0] = (struct hemisphere){ south < 0, letter, letter == 'S' ? "S is the latitude band" : "" };
	if (letter != 'S')
		return 1;
	h[1] = (struct hemisphere){ true, 0, "S is the southern hemisphere" };
	return 2;
}

static const char *utm_try(prl_position_reader *r, const struct pair *p, int east, int zone, const struct hemisphere *h,
			   const char *order, bool keep)
{
	prl_grid_place at = { zone, h->south, p->number[east]->value, p->number[1 - east]->value };
	prl_position found = { .notation = PRL_NOTATION_UTM,
			       .zone = zone,
			       .band = h->band,
			       .precision_m = pair_precision_m(p, PRL_UTM_SCALE_MIN),
			       .conversion_m = PRL_PROJECTION_ERROR_M };
	const char *fault = utm_fault(at, h->band, &found.place);
	if (fault || !keep)
		return fault;
	if (!found.band)
		found.band = utm_band_near(found.place.lat_deg);
	char meaning[96];
	snprintf(meaning, sizeof meaning, "%s%s%s", h->meaning, *h->meaning && *order ? ", " : "", order);
	prl_position_reader_add(r, found, meaning);
	return NULL;
}

static prl_status utm_refuse(const struct pair *p, int east, int zone, const char *letter, const char *fault,
			     bool swapped_fits, prl_error *err)
{
	return prl_error_set(err, PRL_E_RANGE, "UTM %d %s, easting %.*f, northing %.*f: %s%s", zone, letter,
			     p->number[east]->decimals < 4 ? p->number[east]->decimals : 3, p->number[east]->value,
			     p->number[1 - east]->decimals < 4 ? p->number[1 - east]->decimals : 3,
			     p->number[1 - east]->value, fault,
			     swapped_fits ? "; with the two numbers swapped it would be a place of the zone" : "");
}

prl_status prl_read_utm(prl_position_reader *r, prl_error *err)
{
	const prl_token *t = skip_words(r->tokens, utm_words), *letter;
	struct hemisphere h[2];
	struct pair p;
	if (r->reference != PRL_REFERENCE_WGS84)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "UTM is read in WGS-84 only, not in SK-42");
	if (!is_whole(t, 2))
		return prl_token_error(t, "a UTM zone, 1 to 60", err);
	int zone = (int)t->value, count = hemispheres(letter = t + 1, h);
	if (zone < 1 || zone > 60) {
		prl_error_set(err, PRL_E_RANGE, "there is no UTM zone %d; expected 1 to 60", zone);
		return error_at_column(t, PRL_E_RANGE, err);
	}
	if (!count)
		return prl_token_error(letter, "north, south or a latitude band C to X after the zone", err);
	prl_status status = take_pair(letter + 1, false, &p, err);
	if (status)
		return status;
	int said = easting_index(&p), east = said < 0 ? 0 : said;
	const char *fault = NULL;
	bool swapped = false;
	for (int i = 0; i < count; i++) {
		const char *why = utm_try(r, &p, east, zone, &h[i], said < 0 ? "easting first" : "", true);
		fault = fault ? fault : why;
		swapped |= !utm_try(r, &p, 1 - east, zone, &h[i], "", false);
	}
	if (!r->found.count)
		return utm_refuse(&p, east, zone, letter->word, fault, swapped, err);
	r->advice = "write \"north\" or \"south\" in full";
	for (int i = 0; i < count && said < 0 && swapped; i++) {
		r->advice = "write E and N after the numbers, and north or south in full";
		(void)utm_try(r, &p, 1 - east, zone, &h[i], "northing first", true);
	}
	return PRL_OK;
}

/* ---- MGRS ---------------------------------------------------------------------------------------------------- */

/* Letters of the words that follow each other at t, at most 4; returns how many there are. */
static int letters_at(const prl_token *t, char letters[5], const prl_token **ret_next)
{
	int count = 0;
	for (; t->mark == PRL_MARK_WORD; t++)
		for (const char *c = t->word; *c; c++)
			if (count < 4)
				letters[count++] = *c;
	letters[count] = 0;
	*ret_next = t;
	return count;
}

bool prl_looks_mgrs(const prl_token *tokens)
{
	char letters[5];
	const prl_token *next;
	if (prl_token_is(tokens, "MGRS"))
		return true;
	if (is_whole(tokens, 2) && tokens[1].mark == PRL_MARK_WORD)
		return letters_at(tokens + 1, letters, &next) == 3;
	return letters_at(tokens, letters, &next) == 3 && strchr("ABYZ", letters[0]) && tokens->mark == PRL_MARK_WORD &&
	       (next->mark == PRL_MARK_NUMBER || next->mark == PRL_MARK_END);
}

/* The digits: one number of an even count, or two numbers of the same. */
static prl_status mgrs_digits(const prl_token *t, prl_mgrs *m, prl_error *err)
{
	static const char expected[] = "an even number of digits, 2 to 10, or two equal groups of 1 to 5";
	bool two = t[0].mark == PRL_MARK_NUMBER && t[1].mark == PRL_MARK_NUMBER;
	if (!is_whole(t, two ? 5 : 10) || (two ? t[1].digits != t[0].digits || t[1].decimals : t->digits % 2))
		return prl_token_error(t, expected, err);
	if (t[two ? 2 : 1].mark != PRL_MARK_END)
		return prl_token_error(&t[two ? 2 : 1], "the end of the position", err);
	m->digits = two ? t->digits : t->digits / 2;
	double power = pow(10, m->digits);
	m->east = (unsigned)(two ? t[0].value : floor(t->value / power));
	m->north = (unsigned)(two ? t[1].value : t->value - power * floor(t->value / power));
	return PRL_OK;
}

prl_status prl_read_mgrs(prl_position_reader *r, prl_error *err)
{
	const prl_token *t = r->tokens + prl_token_is(r->tokens, "MGRS"), *next, *first = t;
	prl_mgrs m = { 0 };
	char letters[5];
	prl_grid_place corner;
	double side_m;
	if (r->reference != PRL_REFERENCE_WGS84)
		return prl_error_set(err, PRL_E_UNSUPPORTED, "MGRS is read in WGS-84 only, not in SK-42");
	if (is_whole(t, 2)) {
		m.zone = (int)t++->value;
		if (m.zone < 1 || m.zone > 60) {
			prl_error_set(err, PRL_E_RANGE, "there is no grid zone %d; expected 1 to 60", m.zone);
			return error_at_column(first, PRL_E_RANGE, err);
		}
	}
	if (letters_at(t, letters, &next) != 3 || (!m.zone && !strchr("ABYZ", letters[0])))
		return prl_token_error(t,
				       m.zone ? "three letters after the zone: band, column and row of the square"
					      : "a grid zone, 1 to 60, or a polar zone A, B, Y or Z",
				       err);
	m.band = letters[0];
	m.column = letters[1];
	m.row = letters[2];
	for (int i = 0; i < 3; i++)
		if (letters[i] < 'A' || letters[i] > 'Z')
			return prl_token_error(t, "Latin letters", err);
	prl_status status = mgrs_digits(next, &m, err);
	if (!status)
		status = prl_mgrs_corner(&m, &corner, &side_m, err);
	if (status)
		return status;
	corner.east_m += side_m / 2;
	corner.north_m += side_m / 2;
	double scale = m.zone ? PRL_UTM_SCALE_MIN : PRL_UPS_SCALE_MIN;
	prl_position found = { .place = prl_grid_inverse(corner),
			       .notation = PRL_NOTATION_MGRS,
			       .zone = m.zone,
			       .band = m.band,
			       .precision_m = side_m * sqrt(0.5) / scale * 1.0001 + 1e-6,
			       .conversion_m = PRL_PROJECTION_ERROR_M };
	prl_position_reader_add(r, found, "");
	return PRL_OK;
}

/* ---- SK-42 Gauss–Krüger --------------------------------------------------------------------------------------- */

static const char *const gk_words[] = { "GK",     "ГК",    "GAUSS",   "KRUGER", "KRUEGER", "KRÜGER",
					"ГАУССА", "ГАУСС", "КРЮГЕРА", "КРЮГЕР", NULL };
static const char *const zone_words[] = { "ZONE", "ЗОНА", NULL };

bool prl_looks_gk(const prl_token *tokens, bool sk42)
{
	if (any_word(tokens, gk_words))
		return true;
	if (label_of(tokens, true))
		return true;
	if (!sk42)
		return false;
	const prl_token *second = skip_separator(tokens + 1);
	return any_word(tokens, zone_words) ||
	       (tokens->mark == PRL_MARK_NUMBER && tokens->digits >= 5 && second->mark == PRL_MARK_NUMBER);
}

/* What is said before the two numbers: width of the zones and, where given apart, the zone. */
struct gk {
	int width, zone; /* 6 or 3 degrees; 0 for no zone apart */
};

static prl_status take_gk_head(const prl_token **at, struct gk *g, prl_error *err)
{
	const prl_token *t = *at;
	bool said = any_word(t, gk_words);
	*g = (struct gk){ .width = 6 };
	while (any_word(t, gk_words) || (t->mark == PRL_MARK_DASH && any_word(t + 1, gk_words)) ||
	       (t->mark == PRL_MARK_SLASH && any_word(t + 1, gk_words)))
		t++;
	/* GK3, GK-3, GK 3°: a width; a lone 3 with a space before it would be a number. */
	const prl_token *width = t->mark == PRL_MARK_DASH ? t + 1 : t;
	if (said && is_whole(width, 1) && (!width->spaced || width[1].mark == PRL_MARK_DEGREE)) {
		g->width = (int)width->value;
		if (g->width != 3 && g->width != 6)
			return prl_token_error(width, "zones of 6 or 3 degrees", err);
		t = width + 1 + (width[1].mark == PRL_MARK_DEGREE);
	}
	t += t->mark == PRL_MARK_COLON || t->mark == PRL_MARK_COMMA;
	if (any_word(t, zone_words)) {
		if (!is_whole(++t, 3) || t->value < 1 || t->value > 360.0 / g->width)
			return prl_token_error(t, g->width == 6 ? "a zone, 1 to 60" : "a zone, 1 to 120", err);
		g->zone = (int)t++->value;
	}
	*at = t;
	return PRL_OK;
}

/* Reads the pair with its easting at index east; fault (size bytes) says why not, "" where it is a place. */
static bool gk_try(const struct pair *p, int east, const struct gk *g, prl_position *ret, char *fault, size_t size)
{
	double x = p->number[1 - east]->value, y = p->number[east]->value;
	double prefix = floor(y / 1e6), easting = y - 1e6 * prefix, half = g->width / 2.0;
	int zones = 360 / g->width;
	if (g->zone && y < 1e6) /* the zone is said apart: the easting need not repeat it */
		prefix = g->zone;
	if (prefix < 1)
		return snprintf(fault, size,
				"Y=%.0f has no zone; expected its number before the six digits of the easting", y),
		       false;
	if (prefix > zones || (g->zone && (int)prefix != g->zone))
		return snprintf(fault, size, "Y=%.0f names zone %.0f; expected %s%d", y, prefix, g->zone ? "" : "1 to ",
				g->zone ? g->zone : zones),
		       false;
	if (!(x <= 10002138)) /* the pole, on Krassovsky's ellipsoid */
		return snprintf(fault, size, "X=%.0f is out of range, expected a northing of 0 to 10002138", x), false;
	prl_tmerc t = prl_tmerc_make(PRL_ELLIPSOID_KRASSOVSKY, 1);
	double center = g->width == 6 ? 6 * prefix - 3 : 3 * prefix;
	prl_latlng at = prl_tmerc_inverse(&t, easting - 500000, x, center);
	if (!lng_in_zone(at, center, center - half, center + half) || fabs(easting - 500000) > 450000)
		return snprintf(fault, size, "Y=%.0f lies more than 50 km outside zone %.0f at X=%.0f", y, prefix, x),
		       false;
	*ret = (prl_position){ .place = at,
			       .notation = g->width == 6 ? PRL_NOTATION_GK : PRL_NOTATION_GK3,
			       .zone = (int)prefix,
			       .precision_m = pair_precision_m(p, 1),
			       .conversion_m = PRL_PROJECTION_ERROR_M };
	return true;
}

prl_status prl_read_gk(prl_position_reader *r, prl_error *err)
{
	const prl_token *t = r->tokens;
	struct gk g;
	struct pair p;
	char fault[120] = "", ignored[120];
	prl_position as_said, swapped;
	if (!r->reference_said || r->reference != PRL_REFERENCE_SK42)
		return prl_error_set(err, PRL_E_UNSUPPORTED,
				     "Gauss-Krüger coordinates need their datum; expected SK-42 before or after them");
	prl_status status = take_gk_head(&t, &g, err);
	if (!status)
		status = take_pair(t, true, &p, err);
	if (status)
		return status;
	int said = easting_index(&p), east = said < 0 ? 1 : said;
	bool fits = gk_try(&p, east, &g, &as_said, fault, sizeof fault);
	bool swapped_fits = gk_try(&p, 1 - east, &g, &swapped, ignored, sizeof ignored);
	if (!fits && swapped_fits)
		return prl_error_set(
			err, PRL_E_RANGE,
			"%s; X is the northing and Y the easting: with the two swapped it would be a place of "
			"zone %d",
			fault, swapped.zone);
	if (!fits)
		return prl_error_set(err, PRL_E_RANGE, "%s", fault);
	r->advice = "write X= (northing) and Y= (easting)";
	prl_position_reader_add(r, as_said, said < 0 ? "northing first" : "");
	if (said < 0 && swapped_fits)
		prl_position_reader_add(r, swapped, "easting first");
	return PRL_OK;
}
