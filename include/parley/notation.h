/**
 * @file notation.h
 * Positions as people write them: notation, datum, how far the writing can be trusted, and what is refused.
 *
 * A position that is read wrong puts people in the wrong place, so nothing is guessed: a text is read only when it
 * reads one way. What reads two ways is refused with the readings and how far apart they lie.
 *
 * What is read (letters in either case; spaces, also none where no doubt arises):
 *   decimal degrees     35.285N 40.176E   N35.285 E040.176   35.285°N, 40.176°E   -33.8, 151.2   35,285N 40,176E
 *                       lat 35.285 lon 40.176
 *   degrees, minutes    35°17.1'N 040°10.56'E   35 17.1 N 40 10.56 E   3517.1N 04010.56E   3517N 04010E
 *   degrees, min, sec   35°17′06″N 040°10′34″E   35 17 06 N 40 10 34 E   351706N 0401034E   35-17-06N 040-10-34E
 *   UTM                 UTM 37 north 570000mE 3905000mN   37N 570000 3905000   37T 570000 4505000
 *   MGRS                37SEV7000005000   37S EV 70000 05000   ZAH 12 34 (polar)
 *   SK-42 geographic    SK-42 35°17'06"N 40°10'34"E   Пулково 1942 …   СК-42 …   (and с.ш. ю.ш. в.д. з.д.)
 *   SK-42 Gauss–Krüger  SK-42 GK X=3906543 Y=7570123   SK-42 GK3 X=3906543 Y=13570123   SK-42 GK zone 7 X=… Y=570123
 * A datum may stand before or after: WGS-84, WGS84, SK-42, … None means WGS84, except for Gauss–Krüger, which is read
 * only with SK-42 said.
 *
 * What is refused as ambiguous (PRL_E_AMBIGUOUS), with the readings:
 *   order               35.285 40.176: either may be the latitude. A letter N, S, E or W, lat or lon in front, a value
 *                       beyond 90, or prl_position_options.order decides; equal numbers read one way.
 *   lost point          3517N 4010E: 35°17′N, or 35.17°N without its point. The aeronautical widths (ICAO Annex 15,
 *                       Doc 4444: 4 + 5 or 6 + 7 digits) and numbers with a decimal point read one way. 35.17N is
 *                       35.17 degrees, never 35°17′.
 *   letter S of UTM     37S 570000 3905000: band S (32°N to 40°N) or southern hemisphere. Only where the northing fits
 *                       both; "south" in full or any other band letter reads one way.
 *   easting, northing   37N 300000 570000 where both orders are places of the zone; letters E and N, or X and Y,
 *                       decide.
 *   letter O            east in German (Ost), west in French and Spanish (ouest, oeste).
 * A comma between digits is a decimal mark when the last number of both coordinates has one ("35,285 40,176"),
 * a separator when it stands alone ("35,40") or the numbers have points ("35.285,40.176"); else it is refused.
 *
 * Both angles must have the same form: in "35°17′N 40.10E" the point may part minutes off; 40.10°E, with its mark, is
 * read.
 *
 * Axis order: in Gauss–Krüger X is the northing and Y the easting, whose leading digits are the zone; without the
 * letters X comes first. In UTM the easting comes first unless letters say otherwise.
 */
#ifndef PARLEY_NOTATION_H
#define PARLEY_NOTATION_H

#include "geo.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a position is written. */
typedef enum prl_notation {
	PRL_NOTATION_DEGREES, /**< decimal degrees */
	PRL_NOTATION_MINUTES, /**< degrees and decimal minutes */
	PRL_NOTATION_SECONDS, /**< degrees, minutes and decimal seconds */
	PRL_NOTATION_UTM,     /**< Universal Transverse Mercator, WGS84, 80°S to 84°N */
	PRL_NOTATION_MGRS,    /**< Military Grid Reference System, WGS84, the poles included */
	PRL_NOTATION_GK,      /**< Gauss–Krüger in zones of 6°: zone n has its central meridian at (6 n - 3)°E; SK-42 */
	PRL_NOTATION_GK3,     /**< Gauss–Krüger in zones of 3°: zone n has its central meridian at (3 n)°E; SK-42 */
} prl_notation;

/** What horizontal positions refer to. */
typedef enum prl_reference {
	PRL_REFERENCE_WGS84,
	PRL_REFERENCE_SK42, /**< Pulkovo 1942 on Krassovsky's ellipsoid (EPSG:4284) */
} prl_reference;

/**
 * Error of SK-42 to WGS84 by EPSG:5044 (GOST R 51794-2008), metres, north of 41.2°N between 19.5°E and 168.9°W.
 *
 * EPSG states 3 m for Russia; the nets of 1942 bend by more. 20 m holds every set that the EPSG registry (as in
 * PROJ 9.1) publishes for a national net of SK-42: they part from 5044 by up to 12.4 m (Caucasus) and are themselves
 * stated to 2 to 10 m. Left out: EPSG:1291 (two stations, 44 m), 1254 (no accuracy stated), 15993 (266 m off all
 * others for Romania).
 */
#define PRL_SK42_ERROR_M 20.0
/**
 * The same elsewhere, metres: the net of 1942 does not reach there and no published set says how maps that
 * carry its name were tied to it. 50 m holds all the published sets' scatter (35 m, EPSG:1254) and is the 0.5 mm of a
 * 1:100,000 sheet. An assumption, not a measurement.
 */
#define PRL_SK42_ERROR_OUTSIDE_M 50.0

#define PRL_POSITION_TEXT_MAX 200 /**< longest text that is read, bytes */

/** A position that was read, with all that says how far to trust it. */
typedef struct prl_position {
	prl_latlng place; /**< WGS84 degrees; for MGRS the centre of the named square */
	prl_notation notation;
	prl_reference reference; /**< as written */
	int zone;  /**< UTM, MGRS 1 to 60; Gauss–Krüger 1 to 60, 3° 1 to 120; 0 for none and at the poles (MGRS) */
	char band; /**< latitude band (or polar zone A, B, Y, Z) as written or read, upper case; 0 for none */
	double precision_m;  /**< radius round place that holds all that would be written so, metres: half a unit of the
	                          last digit in both axes; for MGRS half the diagonal of the square */
	double conversion_m; /**< stated error of datum and projection, metres */
	double error_m;      /**< precision_m + conversion_m: what a footprint made from it must be widened by */
	char text[PRL_POSITION_TEXT_MAX + 1]; /**< as written, all of it, UTF-8 */
} prl_position;

/** Which comes first where nothing in the text says so. */
typedef enum prl_order {
	PRL_ORDER_UNKNOWN, /**< such a text is refused */
	PRL_ORDER_LAT_LNG,
	PRL_ORDER_LNG_LAT,
} prl_order;

/** What the reader is told beside the text. Zero-initialised: nothing. */
typedef struct prl_position_options {
	prl_order order;
	const prl_latlng *expected; /**< where the place must be by a second statement (a name, another text) or NULL.
	                                 A reading too far from it is refused; it never picks between two readings */
	double expected_error_m;    /**< how wrong @p expected may be, metres */
} prl_position_options;

#define PRL_MAX_READINGS 4

/** The readings of an ambiguous text. */
typedef struct prl_readings {
	size_t count; /**< 0, or 2 to PRL_MAX_READINGS */
	struct prl_reading {
		prl_position position;
		char meaning[96]; /**< "latitude first: 35.28500°N 40.17600°E" */
	} readings[PRL_MAX_READINGS];
	double apart_m; /**< largest distance between two of them, metres */
} prl_readings;

/**
 * Reads a position.
 *
 * @param text,length   UTF-8; all of it must belong to the position
 * @param options       may be NULL
 * @param ret_position  untouched unless PRL_OK
 * @param ret_readings  filled on PRL_E_AMBIGUOUS, count 0 otherwise; may be NULL
 * @return PRL_E_SYNTAX what is not understood and what was expected, the column (characters, from 1) in err->where;
 *         PRL_E_RANGE a value, zone or grid letter that does not exist, or a place too far from options->expected;
 *         PRL_E_AMBIGUOUS what reads two ways; PRL_E_UNSUPPORTED a datum parley does not convert, Gauss–Krüger
 *         south of the equator; PRL_E_TOO_LARGE a text over PRL_POSITION_TEXT_MAX bytes
 *
 * A writer is taken to round. Half a unit is what rounding loses; who cuts digits off loses up to twice as much.
 * Decimal numbers are used to 15 digits.
 */
PRL_API PRL_MUST prl_status prl_position_parse(const char *text, size_t length, const prl_position_options *options,
                                               prl_position *ret_position, prl_readings *ret_readings,
                                               prl_error *err);

#define PRL_POSITION_FORMAT_MAX 96 /**< bytes that prl_position_format() may write, the 0 included */

/**
 * Writes a place so that prl_position_parse() reads it back one way.
 *
 *   DEGREES 35.28500°N 040.17600°E · MINUTES 35°17.100′N 040°10.560′E · SECONDS 35°17′06″N 040°10′34″E
 *   UTM 37 north 570000mE 3905000mN · 37SEV7000005000 · SK-42 GK X=3906543 Y=7570123 · SK-42 GK3 X=… Y=…
 *   SK-42 35°17′06″N 040°10′34″E
 *
 * Numbers are rounded to nearest; MGRS is cut off, as it names squares. The hemisphere of UTM is written in full,
 * for 37S would read two ways.
 * @param place        WGS84; latitude [-90, 90], longitude [-180, 180]
 * @param resolution_m the last digit is the largest power of ten of its unit (degree, minute, second, metre) that is no
 *                     longer than this on the ground; 0.001 to 100,000. Not finer than 1e-9 degree, 1e-7 minute,
 *                     1e-5 second, 1 mm, MGRS 1 m; not coarser than 1 degree, minute, second, 1 m, MGRS 10 km
 * @param ret_error_m  what a reader must widen by, metres: rounding and datum error of the text; the place's own error
 *                     is to be added; may be NULL
 * @return PRL_E_RANGE a place that is not on the earth or that the notation does not cover (UTM beyond 80°S, 84°N);
 *         PRL_E_UNSUPPORTED UTM or MGRS in SK-42, Gauss–Krüger in WGS84 or south of the equator
 */
PRL_API PRL_MUST prl_status prl_position_format(prl_latlng place, prl_notation notation, prl_reference reference,
                                                double resolution_m, char text[PRL_POSITION_FORMAT_MAX],
                                                double *ret_error_m, prl_error *err);

#ifdef __cplusplus
}
#endif
#endif
