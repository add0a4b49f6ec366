/**
 * @file geo.h
 * Where, how high, when: footprints on the WGS84 ellipsoid, altitude bands, time windows, volumes, trajectories.
 *
 * Horizontal distance is always the geodesic distance between two foot points on the WGS84 ellipsoid, altitude
 * ignored. Latitudes are degrees in [-90, 90], longitudes degrees in [-180, 180] (any longitude within ±540 is
 * accepted and wrapped). A footprint, a volume and a trajectory never change once made and may be read by any
 * number of threads.
 */
#ifndef PARLEY_GEO_H
#define PARLEY_GEO_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A place on the ellipsoid, degrees. */
typedef struct prl_latlng {
	double lat_deg, lng_deg;
} prl_latlng;

/**
 * Geodesic distance, metres. Error below 0.1 mm up to 19,900 km, below 1 mm for any pair.
 * @param a,b any places; order does not matter
 */
PRL_API double prl_distance_m(prl_latlng a, prl_latlng b);

/**
 * The place @p distance_m metres (0 to 20,000,000) from @p from, starting at @p azimuth_deg degrees clockwise from
 * north. Error below 0.1 mm.
 */
PRL_API prl_latlng prl_destination(prl_latlng from, double azimuth_deg, double distance_m);

/* ---- footprints ---------------------------------------------------------------------------------------------- */

/**
 * A closed region of the ellipsoid, prepared for exact tests: a polygon with holes, a circle, or a corridor, each
 * possibly widened by a margin. Internally a base (region, point or line) and a radius: all points within the
 * radius of the base. Immutable; release with prl_footprint_free().
 */
typedef struct prl_footprint prl_footprint;

/** What an edge between two vertices is. */
typedef enum prl_edges {
	PRL_EDGES_GEODESIC, /**< the shortest path on the ellipsoid (F3548-21, parley) */
	PRL_EDGES_LONLAT,   /**< straight in longitude and latitude (RFC 7946 section 3.1.1), cut into geodesics within 1 mm;
	                         a step of over 180° in longitude takes the other way round */
} prl_edges;

/** A ring of vertices. The last may repeat the first or not. Any winding. */
typedef struct prl_ring {
	const prl_latlng *vertices;
	size_t count;
} prl_ring;

/**
 * Makes a polygon: ring 0 is the outline, the others are holes in it.
 *
 * The inside of a ring is the smaller of the two sides of the earth that it bounds, so winding is free, and a ring
 * round a pole holds the pole. Neighbouring equal vertices are merged. A ring of collinear vertices is a line.
 * @param rings,count outline and holes; 3 to PRL_MAX_VERTICES vertices in all
 * @param edges       what joins the vertices
 * @param margin_m    widens the polygon on all sides, metres >= 0 (error of a conversion)
 * @return PRL_E_RANGE for a coordinate that is not finite or out of range, a ring of fewer than 3 different
 *         vertices, an edge longer than 19,000 km, edges that cross each other by more than 10 µm (1 mm with lon/lat
 *         edges; touching is taken), a hole outside the outline or inside another hole (not looked for among over
 *         1,000 rings). The error names ring and vertex, from 0, or the places of the edges that cross
 */
PRL_API PRL_MUST prl_status prl_footprint_polygon(const prl_ring *rings, size_t count, prl_edges edges,
                                                  double margin_m, prl_footprint **ret_footprint, prl_error *err);

/** Makes a circle: all points within @p radius_m metres (0 to 10,000,000) of @p center, plus @p margin_m. */
PRL_API PRL_MUST prl_status prl_footprint_circle(prl_latlng center, double radius_m, double margin_m,
                                                 prl_footprint **ret_footprint, prl_error *err);

/**
 * Makes a corridor: all points within @p half_width_m metres (0 to 1,000,000) of the line through @p points, plus
 * @p margin_m. One point is a circle.
 */
PRL_API PRL_MUST prl_status prl_footprint_corridor(const prl_latlng *points, size_t count, prl_edges edges,
                                                   double half_width_m, double margin_m,
                                                   prl_footprint **ret_footprint, prl_error *err);

/** Makes the footprint of a notice whose area is not stated: the whole earth. */
PRL_API PRL_MUST prl_status prl_footprint_everywhere(prl_footprint **ret_footprint, prl_error *err);

PRL_API void prl_footprint_free(prl_footprint *footprint); /**< NULL is fine */

/** Most vertices of one footprint, holes included. */
#define PRL_MAX_VERTICES 2000000u

/** How near two footprints come, as far as it was asked. */
typedef struct prl_nearness {
	double distance_m; /**< geodesic distance between the two regions; 0 where they touch or overlap */
	prl_latlng place;  /**< a point in both (distance 0), else the middle between the two closest points */
} prl_nearness;

/**
 * Tells whether two footprints come within @p limit_m metres of each other, and how near.
 *
 * Exact within 1 cm: regions that come nearer than limit_m - 1 cm are always found, regions farther apart than
 * limit_m + 1 cm never. Overlap counts as distance 0.
 * @param limit_m     metres >= 0
 * @param ret_nearness filled when the answer is true; may be NULL
 */
PRL_API bool prl_footprint_within(const prl_footprint *a, const prl_footprint *b, double limit_m,
                                  prl_nearness *ret_nearness);

/** Whether @p point lies in @p footprint, its edge included; exact within 1 cm. */
PRL_API bool prl_footprint_contains(const prl_footprint *footprint, prl_latlng point);

/** Longitude and latitude bounds, degrees. west > east means that the bounds cross the antimeridian. */
typedef struct prl_bounds {
	double south_deg, north_deg, west_deg, east_deg;
} prl_bounds;

/** Bounds that hold every point within @p margin_m metres of @p footprint; never too small. */
PRL_API prl_bounds prl_footprint_bounds(const prl_footprint *footprint, double margin_m);

/** Area in m² of the base polygon, holes taken off, within 0.01 %; a circle's or a corridor's by its radius. */
PRL_API double prl_footprint_area_m2(const prl_footprint *footprint);

/* ---- how high ------------------------------------------------------------------------------------------------ */

/** What an altitude is measured from. */
typedef enum prl_datum {
	PRL_DATUM_W84, /**< the WGS84 ellipsoid */
	PRL_DATUM_MSL, /**< mean sea level (EGM96) */
	PRL_DATUM_AGL, /**< ground */
	PRL_DATUM_FL,  /**< pressure altitude: flight levels */
} prl_datum;

/** The unit that an altitude was written in. */
typedef enum prl_unit {
	PRL_UNIT_M,
	PRL_UNIT_FT, /**< 0.3048 m */
	PRL_UNIT_FL, /**< hundreds of feet of pressure altitude */
} prl_unit;

/** An altitude as written. A value that is not finite means "not stated": the band is unbounded on that side. */
typedef struct prl_altitude {
	double value;
	prl_unit unit;
	prl_datum datum;
} prl_altitude;

/** From how high to how high. Both ends belong to it. The two ends may have different datums. A lower end of 0 or less
    above ground means "from the ground up": no lower end at all. */
typedef struct prl_band {
	prl_altitude lower, upper;
	double accuracy_m; /**< widens the band on both sides, metres >= 0 (NaN: without end) */
} prl_band;

/** The band from @p lower_m to @p upper_m, metres above @p datum; infinities mean unbounded. */
PRL_API prl_band prl_band_m(double lower_m, double upper_m, prl_datum datum);

/** Metres of @p altitude above its own datum (a flight level: metres of pressure altitude, 30.48 a level). */
PRL_API double prl_altitude_m(prl_altitude altitude);

/** Height of the geoid above the ellipsoid; see prl_geoid_open(). */
typedef struct prl_geoid prl_geoid;

/**
 * Reads a geoid grid in NOAA's GTX format (Debian's proj-data: /usr/share/proj/egm96_15.gtx).
 * @return PRL_E_IO when it cannot be read, PRL_E_SYNTAX when it is not such a grid
 */
PRL_API PRL_MUST prl_status prl_geoid_open(const char *path, prl_geoid **ret_geoid, prl_error *err);
PRL_API void prl_geoid_free(prl_geoid *geoid);

/**
 * Metres of the geoid above the WGS84 ellipsoid at @p at, bilinear; within 5 m of the true undulation for EGM96. NAN
 * where the grid does not reach or has no data, and for a latitude or longitude that is none.
 */
PRL_API double prl_geoid_height_m(const prl_geoid *geoid, prl_latlng at);

/**
 * What is known about the air and the ground; the conversions between datums hang on it. All zero: nothing. Intervals
 * that are not in order, not finite or out of range count as not stated.
 */
typedef struct prl_atmosphere {
	const prl_geoid *geoid;               /**< NULL: the undulation is somewhere in -107…+86 m */
	bool has_qnh;                         /**< the two lines below are stated */
	double qnh_low_hpa, qnh_high_hpa;     /**< pressure at mean sea level, 850…1090 hPa */
	double isa_low_k, isa_high_k;         /**< air column's (virtual) temperature less that of the ICAO standard
						 atmosphere at the same pressure, kelvin, -60…60 */
	bool has_terrain;                     /**< the line below is stated */
	double terrain_low_m, terrain_high_m; /**< ground elevation above mean sea level, metres */
} prl_atmosphere;

/** A vertical distance known only between two bounds, metres >= 0; at_most_m may be infinite. */
typedef struct prl_gap {
	double at_least_m, at_most_m;
} prl_gap;

/**
 * Vertical distance between two bands at (about) @p at; 0 where they touch or overlap.
 *
 * Each lower end is compared with the other band's upper end. Ends of the same datum: exact, as their numbers differ
 * (AGL against AGL, over whatever ground; flight levels in metres of pressure altitude). Ends of different datums: by
 * the conversions described in src/geo/altitude.h, every rounding outward. Both bounds are equal where all that decides
 * is of one datum. Symmetric in a and b; falls as a band or its accuracy grows.
 * @param air NULL: nothing is known
 */
PRL_API prl_gap prl_band_gap(const prl_band *a, const prl_band *b, prl_latlng at, const prl_atmosphere *air);

/**
 * Heights above the WGS84 ellipsoid that @p band may hold at any place on earth, metres; may be infinite. What an index
 * needs that knows one vertical axis only.
 *
 * Guarantee: for any two bands (values up to 1e7 m) and the same @p air, the distance between their two ranges is at
 * most prl_band_gap(a, b, at, air).at_least_m + 0.001 m for every @p at, with a geoid grid or without. So bands that
 * could come within V metres are found among ranges that come within V + 0.001 m.
 *
 * Why: N, undulation, is in -107…+86 m in both. An end of any datum but W84 has in its range its heights above mean sea
 * level -107/+86 m, so the difference of two ranges is at most the difference of the ends by any conversion; MSL with
 * MSL and AGL with AGL also by their numbers, as both ends are widened by the same interval; the range of a flight
 * level holds its own number, so flight levels are no farther apart than their numbers.
 * @param air         NULL: nothing is known
 * @param ret_low_m   <= *ret_high_m; -infinity where the lower end is not stated or AGL over ground that is not stated
 * @param ret_high_m  +infinity likewise for the upper end
 */
PRL_API void prl_band_w84_range(const prl_band *band, const prl_atmosphere *air, double *ret_low_m, double *ret_high_m);

/* ---- when ---------------------------------------------------------------------------------------------------- */

/** A time window, both ends included. PRL_TIME_OPEN_START / PRL_TIME_OPEN_END where a side is open. */
typedef struct prl_window {
	prl_time from, to;
} prl_window;

/* ---- volumes and trajectories -------------------------------------------------------------------------------- */

/** A 4D volume: a footprint, a band and a window; the footprint is owned by whoever made it. */
typedef struct prl_volume {
	const prl_footprint *footprint;
	prl_band band;
	prl_window window;
} prl_volume;

/** A position with its time, as flown or planned, and how far off it may be. */
typedef struct prl_sample {
	prl_time time;
	double lat_deg, lng_deg;
	double altitude_m;   /**< metres above the trajectory's datum */
	double horizontal_m; /**< the true place is within this many metres, >= 0; linear between samples */
	double vertical_m;   /**< the true altitude is within this many metres, >= 0; linear between samples */
} prl_sample;

/**
 * Positions with times: between two samples longitude, latitude and altitude are linear in time (OGC 19-045r3
 * "Linear"); a step of over 180° in longitude takes the other way round. Immutable.
 */
typedef struct prl_trajectory prl_trajectory;

/**
 * Makes a trajectory. One sample is a body that is there at that instant only.
 * @param samples,count in order of time, strictly rising; 1 to PRL_MAX_SAMPLES
 * @return PRL_E_RANGE for values out of range, not finite or out of order, naming the sample from 0
 */
PRL_API PRL_MUST prl_status prl_trajectory_new(const prl_sample *samples, size_t count, prl_datum datum,
                                               prl_trajectory **ret_trajectory, prl_error *err);
PRL_API void prl_trajectory_free(prl_trajectory *trajectory);

#define PRL_MAX_SAMPLES 2000000u

PRL_API size_t prl_trajectory_count(const prl_trajectory *trajectory);
PRL_API const prl_sample *prl_trajectory_samples(const prl_trajectory *trajectory);
PRL_API prl_datum prl_trajectory_datum(const prl_trajectory *trajectory);

/** Where it is at @p t; false outside its times. */
PRL_API bool prl_trajectory_at(const prl_trajectory *trajectory, prl_time t, prl_sample *ret_sample);

/* ---- plans --------------------------------------------------------------------------------------------------- */

/** X(name, word in files): what a plan is. */
#define PRL_KIND_MAP(X)                                                                                                \
	X(UNKNOWN, "not stated")                                                                                       \
	X(FLIGHT, "flight")                                                                                            \
	X(LIVE_FIRE, "live-fire area")                                                                                 \
	X(GROUND_MOVEMENT, "ground movement")                                                                          \
	X(CONVOY, "convoy")                                                                                            \
	X(SITE, "site")                                                                                                \
	X(EXERCISE, "exercise")                                                                                        \
	X(REPAIR, "repair")                                                                                            \
	X(RESCUE, "rescue")                                                                                            \
	X(EVACUATION, "evacuation")

typedef enum prl_kind {
#define X(name, word) PRL_KIND_##name,
	PRL_KIND_MAP(X)
#undef X
} prl_kind;

/** The word of a kind ("live-fire area"); never NULL. */
PRL_API const char *prl_kind_word(prl_kind kind);

/** What one party says it will do (or a track shows it does): volumes and trajectories under one id. */
typedef struct prl_plan {
	char *id;    /**< unique among what is checked together */
	char *party; /**< "" where not stated */
	char *name;  /**< what a person calls it; "" where not stated */
	prl_kind kind;
	prl_volume *volumes;
	size_t volume_count;
	prl_footprint **footprints; /**< owned here; each volume points to one of them */
	size_t footprint_count;
	prl_trajectory **trajectories;
	size_t trajectory_count;
	char *source; /**< where it was read: "file.json"; "" where nowhere */
	size_t line;  /**< line in the source, from 1; 0 where unknown */
} prl_plan;

/** Releases a plan and all that it owns; NULL is fine. */
PRL_API void prl_plan_free(prl_plan *plan);

#ifdef __cplusplus
}
#endif
#endif
