/* Well clear, one pair. Formulas: AIAA 2014-2412 (NTRS 20150000558) and NASA/TM-2014-218280. The order of operations is
 * part of the answer (same bits on every machine): nothing here may be re-associated or contracted.
 *
 * Minima and maxima are written as comparisons because their answer for NaN and for -0 is part of the answer too:
 * the first operand, so that a root which does not exist leaves the bound written before it. */
#include "conflict/wellclear.h"

static const prl_span none = { PRL_INFINITY, -PRL_INFINITY };
static const prl_span never = { PRL_NAN, PRL_NAN };
static const prl_span always = { -PRL_INFINITY, PRL_INFINITY };

static inline double largest(double a, double b)
{
	return a < b ? b : a;
}

static inline double smallest(double a, double b)
{
	return b < a ? b : a;
}

/* What is asked of one pair, with what depends on the volume alone. */
typedef struct question {
	const prl_wellclear *volume;
	double d2; /* dthr² */
	prl_relative r;
} question;

/* ---- TAUMOD -------------------------------------------------------------------------------------------------- */

/* When the pair is inside vertically, over all times: step 1 before it is cut to the window. */
static inline prl_span vertical_span(const prl_wellclear *w, double sz, double vz)
{
	if (!(isfinite(sz) && isfinite(vz)))
		return none;
	if (prl_almost_zero(vz))
		return fabs(sz) <= w->zthr_m ? always : none;
	double h = largest(w->zthr_m, fabs(vz) * w->tcoa_s);
	return (prl_span){ (-copysign(h, vz) - sz) / vz, (copysign(w->zthr_m, vz) - sz) / vz };
}

/* The root with sign e (-1 first, +1 last) of w t² + 2 r t + c = 0; NaN where there is none. */
static inline double root(double w, double r, double c, double e)
{
	if (w == 0)
		return r == 0 ? PRL_NAN : -c / (2 * r);
	double r2 = r * r, wc = w * c;
	if (!(r2 > wc || prl_almost_equal(r2, wc)))
		return PRL_NAN;
	return (-r + e * sqrt(largest(0, r2 - wc))) / w;
}

/* Step 3: when the pair is inside horizontally, counted from z0 on, not cut to [0, limit]. NaN for in: never, or only
 * after limit. Not finite input ends as NaN: some difference or product of infinities is NaN, and disc with it. */
static inline prl_span horizontal_span(const question *ask, double z0, double limit)
{
	const prl_relative *m = &ask->r;
	double tt = ask->volume->tthr_s, d2 = ask->d2;
	double px = m->vx * z0 + m->sx, py = m->vy * z0 + m->sy;
	double q = px * px + py * py;
	double r = px * m->vx + py * m->vy;
	double w = m->vx * m->vx + m->vy * m->vy;
	if (q <= d2)
		return (prl_span){ 0, prl_almost_zero(w) ? limit : root(w, r, q - d2, 1) };
	if (!(r < 0))
		return never;
	double b = 2 * r + tt * w;
	double c = q + tt * r - d2;
	double disc = b * b - 4 * w * c;
	double det = px * m->vy - py * m->vx;
	if (!(disc >= 0 && d2 * w - det * det >= 0))
		return never;
	double t = (-b - sqrt(disc)) / (2 * w);
	return t <= limit ? (prl_span){ t, root(w, r, q - d2, 1) } : never;
}

/* Steps 1 to 4 over [from, to] with the vertical times given. */
static inline prl_span taumod_span(const question *ask, prl_span vertical, double from, double to)
{
	if (to < vertical.in || vertical.out < from)
		return none;
	double z0 = largest(from, vertical.in), z1 = smallest(to, vertical.out);
	if (prl_almost_equal(z0, z1)) /* step 2: an instant is no conflict */
		return none;
	double length = z1 - z0;
	prl_span h = horizontal_span(ask, z0, length);
	if (!(h.in <= length))
		return none;
	prl_span in = { largest(0, h.in) + z0, smallest(length, h.out) + z0 };
	return in.in < in.out && !prl_almost_equal(in.in, in.out) ? in : none;
}

/* Step 5. tin is never before z0, so a pair that is apart vertically at time 0 needs no second look. */
static inline bool taumod_violation(const question *ask, prl_span vertical)
{
	if (!(vertical.in < PRL_WELLCLEAR_ZERO))
		return false;
	return prl_almost_zero(taumod_span(ask, vertical, 0, 1).in);
}

static bool taumod_inside(const question *ask)
{
	const prl_relative *m = &ask->r;
	const prl_wellclear *w = ask->volume;
	bool level = fabs(m->sz) <= w->zthr_m;
	if (!level && !(m->vz != 0 && m->sz * m->vz <= 0 && -m->sz / m->vz <= w->tcoa_s))
		return false;
	double s2 = m->sx * m->sx + m->sy * m->sy;
	if (sqrt(s2) <= w->dthr_m)
		return true;
	double sv = m->sx * m->vx + m->sy * m->vy, v2 = m->vx * m->vx + m->vy * m->vy;
	if (!(sv < 0))
		return false;
	double tcpa = -sv / v2, taumod = (ask->d2 - s2) / sv;
	double cx = m->sx + tcpa * m->vx, cy = m->sy + tcpa * m->vy;
	return sqrt(cx * cx + cy * cy) <= w->dthr_m && 0 <= taumod && taumod <= w->tthr_s;
}

/* ---- CYLINDER ------------------------------------------------------------------------------------------------ */

/* a < b strictly, and not almost equal. */
static inline bool clearly_less(double a, double b)
{
	return a < b && !prl_almost_equal(a, b);
}

/* When the pair is inside horizontally, over all times; NaN never. The sources compare the two velocities, component
 * by component, and not their difference with 0. */
static prl_span cylinder_horizontal(const question *ask, const prl_motion *o, const prl_motion *i)
{
	const prl_relative *m = &ask->r;
	double s2 = m->sx * m->sx + m->sy * m->sy;
	if (!isfinite(m->vx) || !isfinite(m->vy))
		return never;
	if (prl_almost_equal(o->vx_mps, i->vx_mps) && prl_almost_equal(o->vy_mps, i->vy_mps) &&
	    clearly_less(s2, ask->d2))
		return always;
	double w = m->vx * m->vx + m->vy * m->vy, det = m->sx * m->vy - m->sy * m->vx;
	if (!(ask->d2 * w - det * det > 0))
		return never;
	double r = m->sx * m->vx + m->sy * m->vy, c = s2 - ask->d2;
	return (prl_span){ root(w, r, c, -1), root(w, r, c, 1) };
}

static prl_span cylinder_vertical(const question *ask, const prl_motion *o, const prl_motion *i)
{
	double h = ask->volume->zthr_m, sz = ask->r.sz, vz = ask->r.vz;
	if (!(isfinite(sz) && isfinite(vz)))
		return never;
	if (prl_almost_equal(o->vz_mps, i->vz_mps))
		return clearly_less(fabs(sz), h) ? always : never;
	return (prl_span){ (-copysign(h, vz) - sz) / vz, (copysign(h, vz) - sz) / vz };
}

static prl_span cylinder_span(const question *ask, const prl_motion *o, const prl_motion *i, double from, double to)
{
	prl_span h = cylinder_horizontal(ask, o, i), v = cylinder_vertical(ask, o, i);
	if (isnan(h.in) || isnan(v.in))
		return none;
	double in = smallest(largest(largest(h.in, v.in), from), to);
	double out = largest(smallest(smallest(h.out, v.out), to), from);
	return clearly_less(in, out) ? (prl_span){ in, out } : none;
}

static bool cylinder_inside(const question *ask)
{
	const prl_relative *m = &ask->r;
	return m->sx * m->sx + m->sy * m->sy < ask->d2 && fabs(m->sz) < ask->volume->zthr_m;
}

/* ---- public -------------------------------------------------------------------------------------------------- */

static inline question question_of(const prl_wellclear *volume, const prl_motion *o, const prl_motion *i)
{
	return (question){ volume, volume->dthr_m * volume->dthr_m, prl_relative_of(o, i) };
}

prl_wellclear_times prl_wellclear_pair(const prl_wellclear *volume, const prl_motion_pair *pair, double from, double to)
{
	const prl_motion *o = &pair->own, *i = &pair->intruder;
	question ask = question_of(volume, o, i);
	bool window = from >= 0 && from < to, violation;
	prl_span span;
	if (volume->model == PRL_WELLCLEAR_CYLINDER) {
		span = window ? cylinder_span(&ask, o, i, from, to) : none;
		violation = prl_almost_zero(cylinder_span(&ask, o, i, 0, 1).in);
	} else {
		prl_span vertical = vertical_span(volume, ask.r.sz, ask.r.vz);
		span = window ? taumod_span(&ask, vertical, from, to) : none;
		violation = taumod_violation(&ask, vertical);
	}
	return (prl_wellclear_times){ violation, span.in < span.out, span.in, span.out };
}

prl_wellclear_answer prl_wellclear_check(const prl_wellclear *volume, const prl_motion *own, const prl_motion *intruder,
					 double from, double to)
{
	prl_motion_pair pair = { *own, *intruder };
	prl_wellclear_times times = prl_wellclear_pair(volume, &pair, from, to);
	prl_wellclear_answer answer = {
		times.violation != 0, times.conflict != 0, times.in_s, times.out_s, PRL_NAN, PRL_NAN
	};
	if (!answer.conflict)
		return answer;
	prl_relative m = prl_relative_of(own, intruder);
	double t = (times.in_s + times.out_s) / 2;
	double x = m.sx + t * m.vx, y = m.sy + t * m.vy, z = m.sz + t * m.vz;
	double horizontal = sqrt(x * x + y * y) / volume->dthr_m, vertical = fabs(z) / volume->zthr_m;
	answer.tca_s = t;
	answer.tca_distance = largest(horizontal, vertical);
	return answer;
}

bool prl_wellclear_inside(const prl_wellclear *volume, const prl_motion *own, const prl_motion *intruder)
{
	question ask = question_of(volume, own, intruder);
	return volume->model == PRL_WELLCLEAR_CYLINDER ? cylinder_inside(&ask) : taumod_inside(&ask);
}
