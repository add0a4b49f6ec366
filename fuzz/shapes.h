/* Bytes into footprints that hurt: at poles, on the antimeridian, equal and nearly equal vertices, collinear, from
 * nanometres to half the earth, now and then NaN and infinities. */
#ifndef FUZZ_SHAPES_H
#define FUZZ_SHAPES_H

#include <math.h>
#include <parley/geo.h>
#include <stdlib.h>
#include <string.h>

#define SHAPE_VERTICES 16

typedef struct bytes {
	const uint8_t *at;
	size_t left;
} bytes;

static inline void take(bytes *b, void *to, size_t size)
{
	size_t have = size < b->left ? size : b->left;
	memset(to, 0, size);
	if (have)
		memcpy(to, b->at, have);
	b->at += have;
	b->left -= have;
}

static inline unsigned take_byte(bytes *b)
{
	uint8_t x;
	take(b, &x, sizeof x);
	return x;
}

static inline int64_t take_int64(bytes *b)
{
	int64_t x;
	take(b, &x, sizeof x);
	return x;
}

/* In [0, 1]; 256 · 256 values, so that equal ones are common. */
static inline double take_unit(bytes *b)
{
	uint16_t x;
	take(b, &x, sizeof x);
	return x / 65535.0;
}

/* From low to high, both positive, evenly in the logarithm. */
static inline double take_log(bytes *b, double low, double high)
{
	return low * pow(high / low, take_byte(b) / 255.0);
}

static inline double take_any_double(bytes *b)
{
	static const double some[] = { (double)NAN, (double)INFINITY, -(double)INFINITY, 0, -0.0, 90, -90, 180, -180, 540,
		                       -540, 1e308, 5e-324, 90.00000000000001, 180.00000000000003, -1 };
	unsigned n = take_byte(b);
	if (n < 16)
		return some[n];
	double x;
	take(b, &x, sizeof x);
	return x;
}

static inline prl_latlng take_centre(bytes *b)
{
	static const double lats[] = { 90, -90, 89.9999999, 0, 1e-9, -89.5, 45, -33.9, 60, 89.4, -89.9, 0.1, 0, 51, -75, 30 };
	static const double lngs[] = { 180, -180, 179.9999999, 0, -1e-9, 90, -90, 12, 179, -179.5, 45, 135, 0, 1, 100, -60 };
	unsigned n = take_byte(b), m = take_byte(b);
	return (prl_latlng){ n < 128 ? lats[n % 16] : 180 * take_unit(b) - 90,
		             m < 128 ? lngs[m % 16] : 360 * take_unit(b) - 180 };
}

/* What a footprint was made of: enough to make it again elsewhere. */
typedef struct shape {
	enum { SHAPE_POLYGON, SHAPE_CORRIDOR, SHAPE_CIRCLE, SHAPE_EVERYWHERE } kind;
	prl_latlng vertices[2][SHAPE_VERTICES];
	size_t count[2], rings;
	prl_edges edges;
	double radius_m, margin_m;
} shape;

static inline prl_latlng near_centre(prl_latlng c, double x, double y, double scale)
{
	double lat = c.lat_deg + y * scale, stretch = fmax(0.02, cos(c.lat_deg / 57.29577951308232));
	if (fabs(c.lat_deg) > 85 && scale < 5) /* about a pole: polar coordinates */
		return (prl_latlng){ copysign(90 - fmin(180, scale * hypot(x, y)), c.lat_deg), atan2(y, x) * 57.29577951308232 };
	return (prl_latlng){ lat > 90 ? 180 - lat : lat < -90 ? -180 - lat : lat, c.lng_deg + x * scale / stretch };
}

/* One ring: a star about the centre, vertices anywhere, or points of a line. */
static inline void take_ring(bytes *b, shape *s, size_t ring, prl_latlng centre, double scale)
{
	unsigned style = take_byte(b), count = take_byte(b) % (SHAPE_VERTICES + 1);
	double angle = 0;
	s->count[ring] = count;
	for (size_t i = 0; i < count; i++) {
		prl_latlng *v = &s->vertices[ring][i];
		if (style < 128) { /* star: angles rise */
			double r = 0.2 + 0.8 * take_unit(b);
			angle += 6.283185307 / (count ? count : 1) * (0.1 + 0.9 * take_byte(b) / 255.0);
			*v = near_centre(centre, r * cos(angle), r * sin(angle), scale);
		} else if (style < 160) { /* collinear */
			double t = 2 * take_unit(b) - 1;
			*v = near_centre(centre, t, t * style / 160.0, scale);
		} else {
			double x = 2 * take_unit(b) - 1, y = 2 * take_unit(b) - 1;
			*v = near_centre(centre, x, y, scale);
		}
		unsigned odd = take_byte(b);
		if (odd == 1 && i)
			*v = s->vertices[ring][i - 1];
		else if (odd == 2 && i)
			*v = (prl_latlng){ s->vertices[ring][i - 1].lat_deg + 1e-13, s->vertices[ring][i - 1].lng_deg };
		else if (odd == 3)
			v->lat_deg = take_any_double(b);
		else if (odd == 4)
			v->lng_deg = take_any_double(b);
		else if (odd == 5)
			*v = s->vertices[0][0];
	}
}

static inline shape take_shape(bytes *b)
{
	shape s = { .rings = 1 };
	unsigned kind = take_byte(b);
	prl_latlng centre = take_centre(b);
	double scale = take_log(b, 1e-9, 100);
	s.kind = kind < 120 ? SHAPE_POLYGON : kind < 180 ? SHAPE_CORRIDOR : kind < 254 ? SHAPE_CIRCLE : SHAPE_EVERYWHERE;
	/* Not where every edge is cut into a hundred thousand: bounded, but slow to fuzz. */
	double bend = fabs(centre.lat_deg) > 85 ? 1e-4 : 0.5;
	s.edges = take_byte(b) % 4 == 0 && scale < bend ? PRL_EDGES_LONLAT : PRL_EDGES_GEODESIC;
	s.radius_m = take_byte(b) % 2 ? take_log(b, 1e-3, 1e6) : 0;
	s.margin_m = take_byte(b) % 4 ? 0 : take_log(b, 1e-3, 1e6);
	take_ring(b, &s, 0, centre, scale);
	if (s.kind == SHAPE_POLYGON && kind % 3 == 0) {
		s.rings = 2;
		take_ring(b, &s, 1, centre, scale * 0.15);
	}
	if (s.kind != SHAPE_POLYGON && !s.count[0])
		s.vertices[0][s.count[0]++] = centre;
	return s;
}

/* The footprint, turned round the axis by some degrees; NULL when it is refused, which must come with a reason. */
static inline prl_footprint *make_shape(const shape *s, double turn_deg)
{
	prl_latlng turned[2][SHAPE_VERTICES];
	prl_error err = { 0 };
	prl_footprint *f = NULL;
	prl_status st = PRL_OK;
	memcpy(turned, s->vertices, sizeof turned);
	for (size_t r = 0; r < s->rings && turn_deg != 0; r++)
		for (size_t i = 0; i < s->count[r]; i++) {
			turned[r][i].lng_deg += turn_deg;
			if (turned[r][i].lng_deg > 180)
				turned[r][i].lng_deg -= 360;
		}
	prl_ring rings[2] = { { turned[0], s->count[0] }, { turned[1], s->count[1] } };
	if (s->kind == SHAPE_POLYGON)
		st = prl_footprint_polygon(rings, s->rings, s->edges, s->margin_m, &f, &err);
	else if (s->kind == SHAPE_CORRIDOR)
		st = prl_footprint_corridor(turned[0], s->count[0], s->edges, s->radius_m, s->margin_m, &f, &err);
	else if (s->kind == SHAPE_CIRCLE)
		st = prl_footprint_circle(turned[0][0], s->radius_m, s->margin_m, &f, &err);
	else
		st = prl_footprint_everywhere(&f, &err);
	if (st ? f || err.status != st || !err.text[0] : !f)
		abort();
	return f;
}

#endif
