/* GTX GRID (NOAA VDatum, as PROJ reads it): big-endian. 0 float64 latitude of the first row, 8 float64 longitude of the
 * first column, 16 float64 step between rows, 24 float64 step between columns (degrees), 32 int32 rows, 36 int32
 * columns, 40 float32 heights in metres, row by row from south to north, each from west to east; -88.8888 is no data.
 * Nothing follows. */
#include "geo/geoid.h"
#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define HEADER_BYTES 40
#define MAX_CELLS    (1u << 28) /* 1 GiB; EGM2008 at 1' has 2.3e8 */
#define NO_DATA      (-88.8888f)
#define STEP_SLACK   1e-9 /* of a cell: steps of 1/60 degree do not add up to 180 in doubles */

struct prl_geoid {
	double south_deg, west_deg, lat_step_deg, lng_step_deg;
	size_t rows, cols;
	bool round; /* the columns go once round the earth, so that the last one neighbours the first */
	float height_m[];
};

static uint64_t big_endian(const unsigned char *bytes, int count)
{
	uint64_t value = 0;
	for (int i = 0; i < count; i++)
		value = value << 8 | bytes[i];
	return value;
}

static double read_double(const unsigned char *bytes)
{
	uint64_t bits = big_endian(bytes, 8);
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static float read_float(const unsigned char *bytes)
{
	uint32_t bits = (uint32_t)big_endian(bytes, 4);
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

/* Fills what the header says into *g and checks it. */
static prl_status header_read(const unsigned char *bytes, prl_geoid *g, prl_error *err)
{
	g->south_deg = read_double(bytes);
	g->west_deg = read_double(bytes + 8);
	g->lat_step_deg = read_double(bytes + 16);
	g->lng_step_deg = read_double(bytes + 24);
	g->rows = big_endian(bytes + 32, 4);
	g->cols = big_endian(bytes + 36, 4);
	if (g->rows < 2 || g->cols < 2 || g->rows > MAX_CELLS || g->cols > MAX_CELLS || g->rows * g->cols > MAX_CELLS)
		return prl_error_set(err, PRL_E_SYNTAX,
				     "a grid of %zu rows and %zu columns, expected 2 of each to %u cells", g->rows,
				     g->cols, MAX_CELLS);
	if (!(g->lat_step_deg > 0 && g->lat_step_deg <= 180 && g->lng_step_deg > 0 && g->lng_step_deg <= 180 &&
	      fabs(g->west_deg) <= 540))
		return prl_error_set(err, PRL_E_SYNTAX,
				     "steps of %g and %g degrees from longitude %g, expected steps above 0 to 180",
				     g->lat_step_deg, g->lng_step_deg, g->west_deg);
	double slack = STEP_SLACK * g->lat_step_deg * (double)g->rows;
	double north = g->south_deg + g->lat_step_deg * (double)(g->rows - 1);
	if (!(g->south_deg >= -90 - slack && north <= 90 + slack))
		return prl_error_set(err, PRL_E_SYNTAX, "latitudes from %g to %g, expected -90 to 90", g->south_deg,
				     north);
	double width = g->lng_step_deg * (double)g->cols;
	if (!(width <= 360 + g->lng_step_deg * (1 + STEP_SLACK * (double)g->cols)))
		return prl_error_set(err, PRL_E_SYNTAX, "%zu columns of %g degrees go more than once round the earth",
				     g->cols, g->lng_step_deg);
	g->round = width >= 360 - g->lng_step_deg * STEP_SLACK * (double)g->cols;
	return PRL_OK;
}

/* Reads exactly @p size bytes; says at which byte the file ends otherwise. */
static prl_status bytes_read(FILE *file, void *ret, size_t size, prl_error *err)
{
	size_t got = fread(ret, 1, size, file);
	if (got == size)
		return PRL_OK;
	if (ferror(file))
		return prl_error_set(err, PRL_E_IO, "%s", strerror(errno));
	return prl_error_set(err, PRL_E_SYNTAX, "ends %zu bytes early, expected a GTX grid", size - got);
}

static prl_status row_read(FILE *file, float *row, size_t cols, prl_error *err)
{
	prl_status status = bytes_read(file, row, cols * sizeof *row, err);
	if (status)
		return status;
	for (size_t i = 0; i < cols; i++) {
		row[i] = read_float((const unsigned char *)&row[i]);
		if (row[i] == NO_DATA)
			row[i] = NAN;
		else if (!(fabsf(row[i]) <= 200)) /* the geoid stays within -107…+86 m */
			return prl_error_set(err, PRL_E_SYNTAX, "a height of %g m in column %zu, expected -200 to 200",
					     (double)row[i], i);
	}
	return PRL_OK;
}

prl_status prl_geoid_read(FILE *file, prl_geoid **ret_geoid, prl_error *err)
{
	unsigned char header[HEADER_BYTES];
	prl_status status = bytes_read(file, header, sizeof header, err);
	if (status)
		return status;
	prl_geoid head;
	status = header_read(header, &head, err);
	if (status)
		return status;
	prl_geoid *g = malloc(sizeof *g + head.rows * head.cols * sizeof *g->height_m);
	if (!g)
		return prl_error_memory(err);
	*g = head;
	for (size_t row = 0; row < g->rows && !status; row++)
		if ((status = row_read(file, g->height_m + row * g->cols, g->cols, err)))
			prl_error_at(err, status, "row %zu", row);
	if (!status && fgetc(file) != EOF)
		status = prl_error_set(err, PRL_E_SYNTAX, "goes on after %zu rows of %zu columns", g->rows, g->cols);
	if (status) {
		prl_geoid_free(g);
		return status;
	}
	*ret_geoid = g;
	return PRL_OK;
}

prl_status prl_geoid_open(const char *path, prl_geoid **ret_geoid, prl_error *err)
{
	FILE *file = fopen(path, "rb");
	prl_status status =
		file ? prl_geoid_read(file, ret_geoid, err) : prl_error_set(err, PRL_E_IO, "%s", strerror(errno));
	if (file)
		fclose(file);
	if (status)
		prl_error_at(err, status, "%s", path);
	return status;
}

void prl_geoid_free(prl_geoid *geoid)
{
	free(geoid);
}

/* Cell and place in it of x, counted in steps from the first of n lines. False outside. A grid that goes round has a
 * cell between the last line and the first; otherwise the last line belongs to the cell before it. */
static bool cell_of(double x, size_t n, bool round, size_t *ret_cell, double *ret_part)
{
	double slack = STEP_SLACK * (double)n, last = round ? (double)n : (double)(n - 1);
	if (!(x >= -slack && x <= last + slack))
		return false;
	size_t cell = x > 0 ? (size_t)x : 0;
	size_t most = round ? n - 1 : n - 2;
	*ret_cell = cell < most ? cell : most;
	*ret_part = fmin(1, fmax(0, x - (double)*ret_cell));
	return true;
}

double prl_geoid_height_m(const prl_geoid *geoid, prl_latlng at)
{
	const prl_geoid *g = geoid;
	size_t row, col;
	double up, right;
	if (!(fabs(at.lat_deg) <= 90 && fabs(at.lng_deg) <= 540))
		return (double)NAN;
	double east = fmod(at.lng_deg - g->west_deg, 360);
	if (east < 0)
		east += 360;
	if (!cell_of((at.lat_deg - g->south_deg) / g->lat_step_deg, g->rows, false, &row, &up) ||
	    !cell_of(east / g->lng_step_deg, g->cols, g->round, &col, &right))
		return (double)NAN;
	size_t next = col + 1 < g->cols ? col + 1 : 0;
	const float *south = g->height_m + row * g->cols, *north = south + g->cols;
	double below = (1 - right) * (double)south[col] + right * (double)south[next];
	double above = (1 - right) * (double)north[col] + right * (double)north[next];
	return (1 - up) * below + up * above;
}
