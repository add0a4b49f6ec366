/* Generator of workload files for boxes: gen_boxes_bench city|europe COUNT SEED > FILE
 *
 * FILE: "P4D1", uint32 COUNT, then COUNT x 8 float32 (xmin ymin zmin tmin xmax ymax zmax tmax), little-endian, whole
 * numbers below 2^24 (metres and seconds), closed boxes.
 *
 * city: 2,000 km square, 24 h. 85 % drone volumes (sides 200 m to 5 km log-uniform, floor 0-90 m, band 30-120 m,
 *   2-60 min), 15 % manned (2-20 km, floor 300-12,000 m, band 60-600 m, 2-120 min); 75 % lie round 150 cities
 *   (sigma 12 km, Zipf weights), the rest anywhere. The cities are the same for every seed, so that queries drawn
 *   with another seed ask about the same world.
 * europe: a day of flights between 200 airports (Zipf weights) in 4,000 x 3,500 km, 300 to 3,000 km each, cut into
 *   123 legs of equal time; a box is the leg's bounds widened by 1 NM and 250 ft. COUNT is the number of flights:
 *   33,000 flights are 4,059,000 boxes.
 *
 * The same arguments give the same bytes on every machine: only integer arithmetic decides what is drawn, and the
 * few results of libm are rounded to whole metres. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CITIES = 150, AIRPORTS = 200, LEGS = 123 };

static uint64_t state;

/* splitmix64 */
static uint64_t random_bits(void)
{
	uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static double uniform(double from, double to)
{
	return from + (to - from) * ((double)(random_bits() >> 11) * 0x1p-53);
}

static double log_uniform(double from, double to)
{
	return from * exp(uniform(0, log(to / from)));
}

static double normal(void)
{
	return sqrt(-2 * log(uniform(1e-12, 1))) * cos(uniform(0, 6.283185307179586));
}

struct place {
	double x, y, weight; /* weight: of this and all before it */
};

static void scatter(struct place *places, int count, double width, double height)
{
	double sum = 0;
	for (int i = 0; i < count; i++) {
		sum += 1.0 / (i + 1);
		places[i] = (struct place){ uniform(0.05 * width, 0.95 * width), uniform(0.05 * height, 0.95 * height),
					    sum };
	}
}

static const struct place *draw(const struct place *places, int count)
{
	double at = uniform(0, places[count - 1].weight);
	int i = 0;
	while (i + 1 < count && places[i].weight < at)
		i++;
	return &places[i];
}

static void put_u32(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

static void write_box(const double min[4], const double max[4])
{
	unsigned char bytes[32];
	for (int axis = 0; axis < 4; axis++)
		for (int side = 0; side < 2; side++) {
			double value = side ? ceil(max[axis]) : floor(min[axis]);
			float exact = (float)(value < 0 ? 0 : value > 16777215 ? 16777215 : value);
			uint32_t bits;
			memcpy(&bits, &exact, sizeof bits);
			put_u32(bytes + 16 * side + 4 * axis, bits);
		}
	fwrite(bytes, sizeof bytes, 1, stdout);
}

static void write_city(uint32_t count, uint64_t seed)
{
	static struct place cities[CITIES];
	const double width = 2e6, day = 86400;
	state = 1;
	scatter(cities, CITIES, width, width);
	state = seed * UINT64_C(0xD1342543DE82EF95);
	for (uint32_t i = 0; i < count; i++) {
		bool manned = uniform(0, 1) < 0.15;
		double x = uniform(0, width), y = uniform(0, width);
		if (uniform(0, 1) < 0.75) {
			const struct place *city = draw(cities, CITIES);
			x = city->x + 12e3 * normal();
			y = city->y + 12e3 * normal();
		}
		double size_x = manned ? log_uniform(2e3, 20e3) : log_uniform(200, 5e3);
		double size_y = manned ? log_uniform(2e3, 20e3) : log_uniform(200, 5e3);
		double z = manned ? uniform(300, 12000) : uniform(0, 90);
		double size_z = manned ? uniform(60, 600) : uniform(30, 120);
		double t = uniform(0, day), size_t_s = 60 * uniform(2, manned ? 120 : 60);
		write_box((double[]){ x - size_x / 2, y - size_y / 2, z, t },
			  (double[]){ x + size_x / 2, y + size_y / 2, z + size_z, t + size_t_s });
	}
}

/* Climbs and descends over a fifth of the way each, up to 120 km. */
static double height_at(double way, double length, double cruise)
{
	double ramp = length * 0.2 < 120e3 ? length * 0.2 : 120e3;
	double edge = way < length - way ? way : length - way;
	return edge >= ramp ? cruise : cruise * edge / ramp;
}

static void write_flight(const struct place *from, const struct place *to)
{
	const double margin = 1852, margin_z = 76.2, speed = 225;
	double dx = to->x - from->x, dy = to->y - from->y, length = sqrt(dx * dx + dy * dy);
	double start = uniform(0, 86400), cruise = 304.8 * floor(uniform(24, 41));
	for (int leg = 0; leg < LEGS; leg++) {
		double a = (double)leg / LEGS, b = (double)(leg + 1) / LEGS;
		double x0 = from->x + dx * a, x1 = from->x + dx * b, y0 = from->y + dy * a, y1 = from->y + dy * b;
		double z0 = height_at(a * length, length, cruise), z1 = height_at(b * length, length, cruise);
		write_box((double[]){ fmin(x0, x1) - margin, fmin(y0, y1) - margin, fmin(z0, z1) - margin_z,
				      start + a * length / speed },
			  (double[]){ fmax(x0, x1) + margin, fmax(y0, y1) + margin, fmax(z0, z1) + margin_z,
				      start + b * length / speed });
	}
}

static void write_europe(uint32_t flights, uint64_t seed)
{
	static struct place airports[AIRPORTS];
	state = 2;
	scatter(airports, AIRPORTS, 4e6, 3.5e6);
	state = seed * UINT64_C(0xD1342543DE82EF95);
	for (uint32_t i = 0; i < flights;) {
		struct place from = *draw(airports, AIRPORTS), to = *draw(airports, AIRPORTS);
		double length = hypot(to.x - from.x, to.y - from.y);
		if (length < 300e3 || length > 3e6)
			continue;
		/* Arrivals and departures spread over the area of an airport's procedures. */
		from.x += 15e3 * normal(), from.y += 15e3 * normal();
		to.x += 15e3 * normal(), to.y += 15e3 * normal();
		write_flight(&from, &to);
		i++;
	}
}

int main(int argc, char **argv)
{
	bool europe = argc == 4 && !strcmp(argv[1], "europe");
	if (argc != 4 || (!europe && strcmp(argv[1], "city") != 0)) {
		fprintf(stderr, "usage: gen_boxes_bench city BOXES SEED > FILE\n"
				"       gen_boxes_bench europe FLIGHTS SEED > FILE\n");
		return 2;
	}
	uint32_t count = (uint32_t)strtoul(argv[2], NULL, 10);
	uint64_t seed = strtoull(argv[3], NULL, 10);
	unsigned char header[8] = "P4D1";
	put_u32(header + 4, europe ? count * LEGS : count);
	fwrite(header, sizeof header, 1, stdout);
	if (europe)
		write_europe(count, seed);
	else
		write_city(count, seed);
	return fflush(stdout) ? 3 : 0;
}
