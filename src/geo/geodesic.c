#include "geo/geodesic.h"

#include "geo/ellipsoid.h"

/* Ten-point Gauss–Legendre on [-1, 1]: the five positive nodes and their weights. */
static const double gauss_node[5] = { 0.14887433898163121088, 0.43339539412924719080, 0.67940956829902440623,
	                              0.86506336668898451073, 0.97390652851717172008 };
static const double gauss_weight[5] = { 0.29552422471475287017, 0.26926671930999635509, 0.21908636251598204400,
	                                0.14945134915058059315, 0.06667134430868813759 };

static const double pi = 3.14159265358979323846;

static double length_rate(double sigma, double k2)
{
	double s = sin(sigma);
	return sqrt(1 + k2 * s * s);
}

static double longitude_rate(double sigma, double k2)
{
	return (2 - PRL_WGS84_F) / (1 + (1 - PRL_WGS84_F) * length_rate(sigma, k2));
}

static double integral(double (*rate)(double, double), double k2, double from, double to)
{
	double half = (to - from) / 2, middle = (to + from) / 2, sum = 0;
	for (int i = 0; i < 5; i++)
		sum += gauss_weight[i] *
		       (rate(middle + half * gauss_node[i], k2) + rate(middle - half * gauss_node[i], k2));
	return half * sum;
}

/* One end on the auxiliary sphere. */
struct end {
	double sin_beta, cos_beta;
};

static struct end reduced(double lat_deg)
{
	double t = (1 - PRL_WGS84_F) * sin(lat_deg / PRL_RADIAN), c = fabs(lat_deg) == 90 ? 0 : cos(lat_deg / PRL_RADIAN);
	double h = hypot(t, c);
	/* A pole is kept a hair off the axis, so that a direction at it still has a meaning (Karney 2013, section 6). */
	return (struct end){ t / h, fmax(c / h, 1e-100) };
}

struct solution {
	double sin_alpha0, sigma1, sigma, azimuth1, azimuth2;
};

/* The great circle between two ends whose spherical longitudes differ by omega. */
static struct solution great_circle(struct end a, struct end b, double omega)
{
	double sin_omega = sin(omega), cos_omega = cos(omega);
	double e = b.cos_beta * sin_omega;
	double n = a.cos_beta * b.sin_beta - a.sin_beta * b.cos_beta * cos_omega;
	double sin_sigma = hypot(e, n);
	double azimuth1 = atan2(e, n);
	double azimuth2 =
	        atan2(a.cos_beta * sin_omega, b.sin_beta * a.cos_beta * cos_omega - a.sin_beta * b.cos_beta);
	return (struct solution){
		.sin_alpha0 = sin(azimuth1) * a.cos_beta,
		.sigma1 = atan2(a.sin_beta, cos(azimuth1) * a.cos_beta),
		.sigma = atan2(sin_sigma, a.sin_beta * b.sin_beta + a.cos_beta * b.cos_beta * cos_omega),
		.azimuth1 = azimuth1,
		.azimuth2 = azimuth2,
	};
}

static double k2_of(double sin_alpha0)
{
	return PRL_WGS84_EP2 * fmax(0, 1 - sin_alpha0 * sin_alpha0);
}

/* ω = L + f sin α₀ I₃ by fixed point: each turn gains a factor of about 1/f except near the antipode. */
static bool solve_by_longitude(struct end a, struct end b, double lng, struct solution *ret)
{
	double omega = lng;
	if (a.sin_beta == 0 && b.sin_beta == 0 && fabs(lng) <= (1 - PRL_WGS84_F) * pi) { /* along the equator */
		*ret = great_circle(a, b, lng / (1 - PRL_WGS84_F));
		ret->sigma = fabs(lng) / (1 - PRL_WGS84_F);
		return true;
	}
	for (int i = 0; i < 40; i++) {
		*ret = great_circle(a, b, omega);
		if (ret->sigma > 3.10)
			return false;
		double next = lng + PRL_WGS84_F * ret->sin_alpha0 *
		                            integral(longitude_rate, k2_of(ret->sin_alpha0), ret->sigma1,
		                                     ret->sigma1 + ret->sigma);
		if (fabs(next - omega) < 4e-16 * (1 + fabs(lng)))
			return true;
		omega = next;
	}
	return false;
}

/* λ₁₂ of the geodesic that leaves a at azimuth π/2 + turn and arrives at b's latitude going north (Karney 2013, section 4),
 * with β₁ <= 0 and |β₂| <= |β₁|. It rises with the turn, which near the equator must be known better than π/2 + turn
 * could hold it. */
static double longitude_at(struct end a, struct end b, double turn, struct solution *ret)
{
	double sin_alpha0 = cos(turn) * a.cos_beta, cos_alpha1 = -sin(turn);
	double difference = a.cos_beta < 0.7 ? (b.cos_beta - a.cos_beta) * (b.cos_beta + a.cos_beta)
	                                     : (a.sin_beta - b.sin_beta) * (a.sin_beta + b.sin_beta);
	double north = sqrt(fmax(0, cos_alpha1 * cos_alpha1 * a.cos_beta * a.cos_beta + difference));
	double sigma1 = atan2(a.sin_beta, cos_alpha1 * a.cos_beta), sigma2 = atan2(b.sin_beta, north);
	double omega1 = atan2(sin_alpha0 * sin(sigma1), cos(sigma1));
	double omega2 = atan2(sin_alpha0 * sin(sigma2), cos(sigma2));
	*ret = (struct solution){ sin_alpha0, sigma1, sigma2 - sigma1, pi / 2 + turn, atan2(sin_alpha0, north) };
	return omega2 - omega1 -
	       PRL_WGS84_F * sin_alpha0 * integral(longitude_rate, k2_of(sin_alpha0), sigma1, sigma2);
}

/* Nearly antipodal points: bisection on the azimuth, after turning and swapping so that longitude_at() rises. */
static struct solution solve_by_azimuth(struct end a, struct end b, double lng)
{
	bool west = lng < 0;
	/* Which is nearer a pole, told by the coordinate that tells best. */
	bool swap = a.cos_beta < 0.7 ? b.cos_beta < a.cos_beta : fabs(b.sin_beta) > fabs(a.sin_beta);
	struct end first = swap ? b : a, second = swap ? a : b;
	bool flip = first.sin_beta > 0;
	if (flip) {
		first.sin_beta = -first.sin_beta;
		second.sin_beta = -second.sin_beta;
	}
	if (first.sin_beta > -1e-300)
		first.sin_beta = -1e-300; /* just south of the equator, so that the way north leads over a pole */
	double low = -pi / 2, high = pi / 2;
	struct solution s;
	for (int i = 0; i < 110; i++) {
		double middle = (low + high) / 2;
		if (longitude_at(first, second, middle, &s) < fabs(lng))
			low = middle;
		else
			high = middle;
	}
	double alpha1 = s.azimuth1, alpha2 = s.azimuth2;
	if (swap) { /* travelled backwards: both azimuths turn round */
		alpha1 = pi - s.azimuth2;
		alpha2 = pi - s.azimuth1;
	}
	if (flip != swap) { /* mirrored at the equator, or met in reverse: north and south change places */
		alpha1 = pi - alpha1;
		alpha2 = pi - alpha2;
	}
	if (swap) {
		alpha1 = pi - alpha1;
		alpha2 = pi - alpha2;
	}
	s.azimuth1 = west ? -alpha1 : alpha1;
	s.azimuth2 = west ? -alpha2 : alpha2;
	return s; /* α₀ and the arc stay as solved: the length is the same either way */
}

static prl_geodesic line_from(double lng_deg, struct end e, double azimuth)
{
	double sin_alpha0 = sin(azimuth) * e.cos_beta, north = cos(azimuth) * e.cos_beta;
	return (prl_geodesic){
		.sin_alpha0 = sin_alpha0,
		.cos_alpha0 = hypot(cos(azimuth), sin(azimuth) * e.sin_beta),
		.k2 = k2_of(sin_alpha0),
		.sigma1 = atan2(e.sin_beta, north),
		.omega1 = atan2(sin_alpha0 * e.sin_beta, north),
		.lng1_deg = lng_deg,
	};
}

prl_geodesic prl_geodesic_between(prl_latlng a, prl_latlng b, double *ret_azimuth_a, double *ret_azimuth_b)
{
	struct end ea = reduced(a.lat_deg), eb = reduced(b.lat_deg);
	double lng = prl_wrap_deg(b.lng_deg - a.lng_deg) / PRL_RADIAN;
	struct solution s;
	if (!solve_by_longitude(ea, eb, lng, &s))
		s = solve_by_azimuth(ea, eb, lng);
	prl_geodesic line = line_from(a.lng_deg, ea, s.azimuth1);
	line.length_m = PRL_WGS84_B * integral(length_rate, k2_of(s.sin_alpha0), s.sigma1, s.sigma1 + s.sigma);
	if (ret_azimuth_a)
		*ret_azimuth_a = s.azimuth1;
	if (ret_azimuth_b)
		*ret_azimuth_b = s.azimuth2;
	return line;
}

prl_geodesic prl_geodesic_from(prl_latlng a, double azimuth_rad)
{
	return line_from(a.lng_deg, reduced(a.lat_deg), azimuth_rad);
}

prl_latlng prl_geodesic_at(const prl_geodesic *line, double s_m)
{
	/* Newton on s(σ): the rate varies by 0.4 % at most, so that each step gains over two digits and then squares. */
	double target = s_m / PRL_WGS84_B, sigma = target;
	for (int i = 0; i < 8; i++) {
		double off = integral(length_rate, line->k2, line->sigma1, line->sigma1 + sigma) - target;
		sigma -= off / length_rate(line->sigma1 + sigma, line->k2);
		if (fabs(off) < 1e-16 * (1 + target))
			break;
	}
	double sigma2 = line->sigma1 + sigma;
	double omega2 = atan2(line->sin_alpha0 * sin(sigma2), cos(sigma2));
	double omega = remainder(omega2 - line->omega1, 6.28318530717958647693);
	/* The fixed term turns with the arc: where ω passed ±π, remainder() has brought it back by a whole turn only. */
	double lng = omega - PRL_WGS84_F * line->sin_alpha0 * integral(longitude_rate, line->k2, line->sigma1, sigma2);
	double sin_beta = line->cos_alpha0 * sin(sigma2), cos_beta = hypot(line->cos_alpha0 * cos(sigma2), line->sin_alpha0);
	return (prl_latlng){
		.lat_deg = atan2(sin_beta, (1 - PRL_WGS84_F) * cos_beta) * PRL_RADIAN,
		.lng_deg = prl_wrap_deg(line->lng1_deg + lng * PRL_RADIAN),
	};
}

double prl_geodesic_vertex_m(const prl_geodesic *line)
{
	double sigma = line->sigma1 <= -pi / 2 ? -pi / 2 : line->sigma1 <= pi / 2 ? pi / 2 : 3 * pi / 2;
	return PRL_WGS84_B * integral(length_rate, line->k2, line->sigma1, sigma);
}

double prl_distance_m(prl_latlng a, prl_latlng b)
{
	return prl_geodesic_between(a, b, NULL, NULL).length_m;
}

prl_latlng prl_destination(prl_latlng from, double azimuth_deg, double distance_m)
{
	prl_geodesic line = prl_geodesic_from(from, azimuth_deg / PRL_RADIAN);
	return prl_geodesic_at(&line, distance_m);
}
