/* The comparison of two sketches (sketch.h), included once for each instruction set, which defines LANES, V and what is
 * done with one: SET1 LOAD STORE ADD SUB MUL DIV MIN MAX ABS LESS ANDNOT XOR SELECT BITS NEXT. */
/* Corners and edges of one of the two in the common plane; edge i leads from corner i to the next. */
typedef struct side {
	_Alignas(32) float x[PRL_SKETCH_POINTS];
	_Alignas(32) float y[PRL_SKETCH_POINTS];
	_Alignas(32) float ex[PRL_SKETCH_POINTS];
	_Alignas(32) float ey[PRL_SKETCH_POINTS];
} side;

LOOPS_TARGET INLINE void join_corners(side *s, unsigned lanes, bool open)
{
	for (unsigned k = 0; k < lanes; k += LANES) {
		unsigned next = k + LANES < lanes ? k + LANES : 0;
		V x = LOAD(s->x + k), y = LOAD(s->y + k);
		STORE(s->ex + k, SUB(NEXT(x, LOAD(s->x + next)), x));
		STORE(s->ey + k, SUB(NEXT(y, LOAD(s->y + next)), y));
	}
	if (open)
		s->ex[lanes - 1] = s->ey[lanes - 1] = 0;
}

/* The motion of b into the plane of a. */
typedef struct motion {
	float tx, ty, xx, xy, yx, yy;
	float apart, across; /* of the centres; and both reaches besides */
	float eps;
} motion;

LOOPS_TARGET INLINE float dot3(const float *a, const float *b)
{
	return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

LOOPS_TARGET INLINE motion motion_of(const prl_footprint *a, const prl_footprint *b)
{
	const float *ax = a->sketch.ex, *ay = a->sketch.ey, *bx = b->sketch.ex, *by = b->sketch.ey;
	float v[3] = { (float)(b->sketch.centre.x - a->sketch.centre.x),
		       (float)(b->sketch.centre.y - a->sketch.centre.y),
		       (float)(b->sketch.centre.z - a->sketch.centre.z) };
	const float k = (float)PRL_MAX_CURVATURE;
	float apart = sqrtf(dot3(v, v)), across = apart + a->sketch.reach_m + b->sketch.reach_m;
	return (motion){
		.tx = dot3(ax, v),
		.ty = dot3(ay, v),
		.xx = dot3(ax, bx),
		.xy = dot3(ax, by),
		.yx = dot3(ay, bx),
		.yy = dot3(ay, by),
		.apart = apart,
		.across = across,
		.eps = 0.02f + across * (1e-6f + k * across * across),
	};
}

LOOPS_TARGET INLINE float greatest(V v)
{
	float lane[LANES], most;
	STORE(lane, v);
	most = lane[0];
	for (int i = 1; i < LANES; i++)
		most = lane[i] > most ? lane[i] : most;
	return most;
}

/* h of sketch.h, the greatest over all pairs of edges. */
LOOPS_TARGET INLINE float crossing(const side *a, unsigned a_edges, const side *b, unsigned b_edges, unsigned lanes)
{
	V most = SET1(-HUGE_VALF);
	for (unsigned k = 0; k < lanes; k += LANES) {
		V x = LOAD(b->x + k), y = LOAD(b->y + k), ex = LOAD(b->ex + k), ey = LOAD(b->ey + k);
		V here = SET1(-HUGE_VALF);
		for (unsigned i = 0; i < a_edges; i++) {
			V gx = SET1(a->ex[i]), gy = SET1(a->ey[i]);
			V px = SUB(SET1(a->x[i]), x), py = SUB(SET1(a->y[i]), y);
			V s = SUB(MUL(ex, py), MUL(ey, px)), t = SUB(MUL(gy, px), MUL(gx, py));
			V c = SUB(MUL(gx, ey), MUL(gy, ex));
			V beside = MAX(ABS(SUB(ADD(s, s), c)), ABS(ADD(ADD(t, t), c)));
			here = MAX(here, SUB(ABS(c), beside));
		}
		V there = LESS(LOAD(lane_number + k), SET1((float)b_edges));
		most = MAX(most, SELECT(there, here, SET1(-HUGE_VALF)));
	}
	return greatest(most);
}

/* Squares of 1/length; an edge of no length is given a large one, and its corner is what is near. */
LOOPS_TARGET INLINE V inverse2(V ex, V ey)
{
	return DIV(SET1(1), MAX(ADD(MUL(ex, ex), MUL(ey, ey)), SET1(1e-12f)));
}

/* Squared distance of points p, seen from the start of edges e. */
LOOPS_TARGET INLINE V distance2(V px, V py, V ex, V ey, V inverse)
{
	V u = MUL(ADD(MUL(ex, px), MUL(ey, py)), inverse);
	u = MIN(MAX(u, SET1(0)), SET1(1));
	V x = SUB(px, MUL(u, ex)), y = SUB(py, MUL(u, ey));
	return ADD(MUL(x, x), MUL(y, y));
}

/* The least squared distance of a corner of one to an edge of the other; a_corners one more than edges for a line. */
LOOPS_TARGET INLINE float nearest2(const side *a, unsigned a_corners, const side *b, unsigned lanes)
{
	V least = SET1(HUGE_VALF), zero = SET1(0);
	for (unsigned k = 0; k < lanes; k += LANES) {
		V x = LOAD(b->x + k), y = LOAD(b->y + k), ex = LOAD(b->ex + k), ey = LOAD(b->ey + k);
		V inverse = inverse2(ex, ey);
		for (unsigned i = 0; i < a_corners; i++) {
			V px = SUB(SET1(a->x[i]), x), py = SUB(SET1(a->y[i]), y);
			V gx = SET1(a->ex[i]), gy = SET1(a->ey[i]);
			V to_b = distance2(px, py, ex, ey, inverse);
			V to_a = distance2(SUB(zero, px), SUB(zero, py), gx, gy, inverse2(gx, gy));
			least = MIN(least, MIN(to_b, to_a));
		}
	}
	return -greatest(SUB(zero, least));
}

/* Whether the ring holds a point that is not on it: edges that pass it on its right, odd or even. Those of no length
 * pass nothing. */
LOOPS_TARGET INLINE bool holds(const side *ring, float at_x, float at_y, unsigned lanes)
{
	unsigned odd = 0;
	for (unsigned k = 0; k < lanes; k += LANES) {
		V x = LOAD(ring->x + k), y = LOAD(ring->y + k),
		  next = LOAD(ring->y + (k + LANES < lanes ? k + LANES : 0));
		V px = SUB(SET1(at_x), x), py = SUB(SET1(at_y), y);
		V left = LESS(SET1(0), SUB(MUL(LOAD(ring->ex + k), py), MUL(LOAD(ring->ey + k), px)));
		V above = LESS(SET1(at_y), y), up = LESS(SET1(at_y), NEXT(y, next));
		odd ^= BITS(ANDNOT(XOR(left, up), XOR(above, up)));
	}
	return __builtin_parity(odd);
}

/* Whether one holds the first corner of the other. */
LOOPS_TARGET INLINE unsigned one_holds(const prl_footprint *a, const side *sa, const prl_footprint *b, const side *sb,
                                       unsigned lanes)
{
	unsigned in_a = a->sketch.ring & holds(sa, sb->x[0], sb->y[0], lanes);
	unsigned in_b = b->sketch.ring & holds(sb, sa->x[0], sa->y[0], lanes);
	return in_a | in_b; /* no branch: which it will be cannot be foretold */
}

/* Whether the line between the centres shows a gap of more than far between the two. */
LOOPS_TARGET INLINE bool parted(const side *a, const side *b, const motion *m, float far, unsigned lanes)
{
	V tx = SET1(m->tx), ty = SET1(m->ty), gap = SET1(HUGE_VALF), most = SET1(-HUGE_VALF);
	for (unsigned k = 0; k < lanes; k += LANES) {
		most = MAX(most, ADD(MUL(tx, LOAD(a->x + k)), MUL(ty, LOAD(a->y + k))));
		gap = MIN(gap, ADD(MUL(tx, LOAD(b->x + k)), MUL(ty, LOAD(b->y + k))));
	}
	/* t is no longer than the way from centre to centre */
	return -greatest(SUB(SET1(0), gap)) - greatest(most) > far * 1.0001f * m->apart;
}

LOOPS_TARGET INLINE float shortest2(const side *s, unsigned lanes)
{
	V least = SET1(HUGE_VALF);
	for (unsigned k = 0; k < lanes; k += LANES) {
		V ex = LOAD(s->ex + k), ey = LOAD(s->ey + k), length2 = ADD(MUL(ex, ex), MUL(ey, ey));
		least = MIN(least, SELECT(LESS(SET1(0), length2), length2, SET1(HUGE_VALF)));
	}
	return -greatest(SUB(SET1(0), least));
}

/* What the lines of the edges leave open, the distances of corners and edges say. */
LOOPS_TARGET INLINE prl_sketch_answer by_distances(const prl_footprint *a, const side *sa, const prl_footprint *b,
						   const side *sb, const motion *m, float limit, float h,
						   unsigned lanes)
{
	float least2 = nearest2(sa, a->sketch.corner_count, sb, lanes), far = limit + m->eps;
	if (limit > m->eps && least2 < (limit - m->eps) * (limit - m->eps))
		return PRL_SKETCH_NEAR;
	float longest = 2 * prl_maxf(a->sketch.reach_m, b->sketch.reach_m);
	float shortest = sqrtf(prl_minf(shortest2(sa, lanes), shortest2(sb, lanes)));
	if (!(least2 > far * far) || !(h < 2 * m->eps * shortest - 1e-6f * m->across * longest))
		return PRL_SKETCH_UNSURE;
	return one_holds(a, sa, b, sb, lanes) ? PRL_SKETCH_NEAR : PRL_SKETCH_APART;
}

LOOPS_TARGET INLINE prl_sketch_answer compare(const prl_footprint *a, const prl_footprint *b, float limit,
					      unsigned lanes)
{
	motion m = motion_of(a, b);
	float far = limit + m.eps;
	side sa, sb;
	/* Through the earth no way is longer than along it, and rounding is all there is to bear. */
	if (2 * m.apart > m.across * 1.000002f + limit + 0.02f)
		return PRL_SKETCH_APART;
	for (unsigned k = 0; k < lanes; k += LANES) {
		const float *ca = &a->corners[k / 8][0][k % 8], *cb = &b->corners[k / 8][0][k % 8];
		V x = LOAD(cb), y = LOAD(cb + 8);
		STORE(sa.x + k, LOAD(ca));
		STORE(sa.y + k, LOAD(ca + 8));
		STORE(sb.x + k, ADD(SET1(m.tx), ADD(MUL(SET1(m.xx), x), MUL(SET1(m.xy), y))));
		STORE(sb.y + k, ADD(SET1(m.ty), ADD(MUL(SET1(m.yx), x), MUL(SET1(m.yy), y))));
	}
	if (parted(&sa, &sb, &m, far, lanes))
		return PRL_SKETCH_APART;
	join_corners(&sa, lanes, !a->sketch.ring);
	join_corners(&sb, lanes, !b->sketch.ring);
	/* All edges are shorter than twice the greater reach: h shows at least that many metres. */
	float h = crossing(&sa, a->sketch.edge_count, &sb, b->sketch.edge_count, lanes);
	float edge = 4 * prl_maxf(a->sketch.reach_m, b->sketch.reach_m);
	bool cross = h > edge * m.eps;
	if (__builtin_expect(!cross && !(h < -edge * far), 0))
		return by_distances(a, &sa, b, &sb, &m, limit, h, lanes);
	return PRL_SKETCH_APART + (cross | one_holds(a, &sa, b, &sb, lanes));
}

LOOPS_TARGET prl_sketch_answer COMPARE(const prl_footprint *a, const prl_footprint *b, float limit)
{
	if (a->sketch.corner_count <= 8 && b->sketch.corner_count <= 8)
		return compare(a, b, limit, 8);
	return compare(a, b, limit, PRL_SKETCH_POINTS);
}
