/* The comparison of two sketches (sketch.h), included once for each instruction set, which defines LANES, V and what is
 * done with one: SET1 LOAD STORE ADD SUB MUL DIV MIN MAX ABS LESS AND XOR BITS NEXT. */
#define BLOCKS (PRL_SKETCH_POINTS / LANES)

/* Corners and edges of one of the two in the common plane; edge i leads from corner i to the next. */
typedef struct side {
	V x[BLOCKS], y[BLOCKS], ex[BLOCKS], ey[BLOCKS];
	unsigned blocks;
} side;

LOOPS_TARGET static inline V corner_block(const prl_footprint *f, unsigned block, unsigned axis)
{
	unsigned from = block * LANES;
	return LOAD(f->corners[from / 8][axis] + from % 8);
}

LOOPS_TARGET static inline unsigned blocks_of(const prl_footprint *f)
{
	return f->sketch.corner_count > 8 ? 16 / LANES : 8 / LANES;
}

LOOPS_TARGET static inline void join_corners(side *s, bool open)
{
	for (unsigned k = 0; k < s->blocks; k++) {
		unsigned next = k + 1 < s->blocks ? k + 1 : 0;
		s->ex[k] = SUB(NEXT(s->x[k], s->x[next]), s->x[k]);
		s->ey[k] = SUB(NEXT(s->y[k], s->y[next]), s->y[k]);
	}
	if (!open)
		return;
	unsigned last = s->blocks - 1;
	s->ex[last] = AND(s->ex[last], LESS(LOAD(lane_number), SET1(LANES - 1)));
	s->ey[last] = AND(s->ey[last], LESS(LOAD(lane_number), SET1(LANES - 1)));
}

/* The motion of b into the plane of a. */
typedef struct motion {
	float tx, ty, xx, xy, yx, yy;
	float apart; /* of the centres */
	float eps;
} motion;

LOOPS_TARGET static inline float dot3(const float *a, const float *b)
{
	return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

LOOPS_TARGET static inline motion motion_of(const prl_footprint *a, const prl_footprint *b)
{
	const float *ax = a->sketch.ex, *ay = a->sketch.ey, *bx = b->sketch.ex, *by = b->sketch.ey;
	float v[3] = { (float)(b->sketch.centre.x - a->sketch.centre.x), (float)(b->sketch.centre.y - a->sketch.centre.y),
		       (float)(b->sketch.centre.z - a->sketch.centre.z) };
	const float k = (float)PRL_MAX_CURVATURE;
	float apart = sqrtf(dot3(v, v)), most = apart + a->sketch.reach_m + b->sketch.reach_m;
	return (motion){
		.tx = dot3(ax, v),
		.ty = dot3(ay, v),
		.xx = dot3(ax, bx),
		.xy = dot3(ax, by),
		.yx = dot3(ay, bx),
		.yy = dot3(ay, by),
		.apart = apart,
		.eps = 0.02f + most * (1e-6f + k * most * most),
	};
}

LOOPS_TARGET static inline float greatest(V v)
{
	float lane[LANES], most;
	STORE(lane, v);
	most = lane[0];
	for (int i = 1; i < LANES; i++)
		most = lane[i] > most ? lane[i] : most;
	return most;
}

/* h of sketch.h, the greatest over all pairs of edges. */
LOOPS_TARGET static inline float crossing(const side *a, unsigned a_edges, const side *b, unsigned b_edges)
{
	float ax[PRL_SKETCH_POINTS], ay[PRL_SKETCH_POINTS], gx[PRL_SKETCH_POINTS], gy[PRL_SKETCH_POINTS];
	V most = SET1(-HUGE_VALF);
	for (unsigned k = 0; k < a->blocks; k++) {
		STORE(ax + k * LANES, a->x[k]);
		STORE(ay + k * LANES, a->y[k]);
		STORE(gx + k * LANES, a->ex[k]);
		STORE(gy + k * LANES, a->ey[k]);
	}
	for (unsigned k = 0; k < b->blocks; k++) {
		V lane_most = SET1(-HUGE_VALF);
		for (unsigned i = 0; i < a_edges; i++) {
			V px = SUB(SET1(ax[i]), b->x[k]), py = SUB(SET1(ay[i]), b->y[k]);
			V ex = b->ex[k], ey = b->ey[k], g_x = SET1(gx[i]), g_y = SET1(gy[i]);
			V s = SUB(MUL(ex, py), MUL(ey, px)), t = SUB(MUL(g_y, px), MUL(g_x, py));
			V c = SUB(MUL(g_x, ey), MUL(g_y, ex));
			V beside = MAX(ABS(SUB(ADD(s, s), c)), ABS(ADD(ADD(t, t), c)));
			lane_most = MAX(lane_most, SUB(ABS(c), beside));
		}
		V there = LESS(ADD(LOAD(lane_number), SET1((float)(k * LANES))), SET1((float)b_edges));
		most = MAX(most, ADD(lane_most, SELECT(there, SET1(0), SET1(-HUGE_VALF))));
	}
	return greatest(most);
}

/* Squares of 1/length; an edge of no length is given a large one, and its corner is what is near. */
LOOPS_TARGET static inline V inverse2(V ex, V ey)
{
	return DIV(SET1(1), MAX(ADD(MUL(ex, ex), MUL(ey, ey)), SET1(1e-12f)));
}

/* Squared distance of points p, seen from the start of edges e. */
LOOPS_TARGET static inline V distance2(V px, V py, V ex, V ey, V inverse)
{
	V u = MUL(ADD(MUL(ex, px), MUL(ey, py)), inverse);
	u = MIN(MAX(u, SET1(0)), SET1(1));
	V x = SUB(px, MUL(u, ex)), y = SUB(py, MUL(u, ey));
	return ADD(MUL(x, x), MUL(y, y));
}

/* The least squared distance of a corner of one to an edge of the other; a_corners one more than edges for a line. */
LOOPS_TARGET static inline float nearest2(const side *a, unsigned a_corners, const side *b)
{
	float ax[PRL_SKETCH_POINTS], ay[PRL_SKETCH_POINTS], gx[PRL_SKETCH_POINTS], gy[PRL_SKETCH_POINTS];
	float gi[PRL_SKETCH_POINTS];
	V least = SET1(HUGE_VALF);
	for (unsigned k = 0; k < a->blocks; k++) {
		STORE(ax + k * LANES, a->x[k]);
		STORE(ay + k * LANES, a->y[k]);
		STORE(gx + k * LANES, a->ex[k]);
		STORE(gy + k * LANES, a->ey[k]);
		STORE(gi + k * LANES, inverse2(a->ex[k], a->ey[k]));
	}
	for (unsigned k = 0; k < b->blocks; k++) {
		V inverse = inverse2(b->ex[k], b->ey[k]);
		for (unsigned i = 0; i < a_corners; i++) {
			V px = SUB(SET1(ax[i]), b->x[k]), py = SUB(SET1(ay[i]), b->y[k]);
			V to_b = distance2(px, py, b->ex[k], b->ey[k], inverse);
			V to_a = distance2(SUB(SET1(0), px), SUB(SET1(0), py), SET1(gx[i]), SET1(gy[i]), SET1(gi[i]));
			least = MIN(least, MIN(to_b, to_a));
		}
	}
	return -greatest(SUB(SET1(0), least));
}

/* Whether the ring holds a point that is not on it: edges that pass it on its right, odd or even. Those of no length
 * pass nothing. */
LOOPS_TARGET static inline bool holds(const side *ring, float x, float y)
{
	V above[BLOCKS];
	unsigned odd = 0;
	for (unsigned k = 0; k < ring->blocks; k++)
		above[k] = LESS(SET1(y), ring->y[k]);
	for (unsigned k = 0; k < ring->blocks; k++) {
		V px = SUB(SET1(x), ring->x[k]), py = SUB(SET1(y), ring->y[k]);
		V left = LESS(SET1(0), SUB(MUL(ring->ex[k], py), MUL(ring->ey[k], px)));
		V up = NEXT(above[k], above[k + 1 < ring->blocks ? k + 1 : 0]);
		odd ^= BITS(ANDNOT(XOR(left, up), XOR(above[k], up)));
	}
	return __builtin_parity(odd);
}

/* Whether the line between the centres shows a gap of more than far between the two. */
LOOPS_TARGET static inline bool parted(const side *a, const side *b, const motion *m, float far)
{
	V tx = SET1(m->tx), ty = SET1(m->ty);
	V high = SET1(-HUGE_VALF), low = SET1(HUGE_VALF);
	for (unsigned k = 0; k < a->blocks; k++)
		high = MAX(high, ADD(MUL(tx, a->x[k]), MUL(ty, a->y[k])));
	for (unsigned k = 0; k < b->blocks; k++)
		low = MIN(low, ADD(MUL(tx, b->x[k]), MUL(ty, b->y[k])));
	float gap = -greatest(SUB(SET1(0), low)) - greatest(high);
	return gap > far * 1.0001f * m->apart; /* no longer than the way from centre to centre is t */
}

LOOPS_TARGET static inline float shortest2(const side *s)
{
	V least = SET1(HUGE_VALF);
	for (unsigned k = 0; k < s->blocks; k++) {
		V length2 = ADD(MUL(s->ex[k], s->ex[k]), MUL(s->ey[k], s->ey[k]));
		least = MIN(least, SELECT(LESS(SET1(0), length2), length2, SET1(HUGE_VALF)));
	}
	return -greatest(SUB(SET1(0), least));
}

LOOPS_TARGET static inline bool one_holds(const prl_footprint *a, const side *sa, const prl_footprint *b, const side *sb)
{
	float a0[2], b0[2], lanes[LANES];
	STORE(lanes, sa->x[0]);
	a0[0] = lanes[0];
	STORE(lanes, sa->y[0]);
	a0[1] = lanes[0];
	STORE(lanes, sb->x[0]);
	b0[0] = lanes[0];
	STORE(lanes, sb->y[0]);
	b0[1] = lanes[0];
	return (a->sketch.ring && holds(sa, b0[0], b0[1])) | (b->sketch.ring && holds(sb, a0[0], a0[1]));
}

/* What the lines of the edges leave open, the distances of corners and edges say. */
LOOPS_TARGET static __attribute__((noinline)) prl_sketch_answer by_distances(const prl_footprint *a, const side *sa, const prl_footprint *b,
                                                 const side *sb, const motion *m, float limit, float h)
{
	float least2 = nearest2(sa, a->sketch.corner_count, sb), far = limit + m->eps;
	float longest = 2 * prl_maxf(a->sketch.reach_m, b->sketch.reach_m);
	float shortest = sqrtf(prl_minf(shortest2(sa), shortest2(sb)));
	float most = m->apart + a->sketch.reach_m + b->sketch.reach_m;
	if (limit > m->eps && least2 < (limit - m->eps) * (limit - m->eps))
		return PRL_SKETCH_NEAR;
	if (!(least2 > far * far) || !(h < 2 * m->eps * shortest - 1e-6f * most * longest))
		return PRL_SKETCH_UNSURE;
	return one_holds(a, sa, b, sb) ? PRL_SKETCH_NEAR : PRL_SKETCH_APART;
}

LOOPS_TARGET prl_sketch_answer COMPARE(const prl_footprint *a, const prl_footprint *b, float limit)
{
	motion m = motion_of(a, b);
	float far = limit + m.eps;
	if (m.apart > a->sketch.reach_m + b->sketch.reach_m + far)
		return PRL_SKETCH_APART;
	side sa = { .blocks = blocks_of(a) }, sb = { .blocks = blocks_of(b) };
	for (unsigned k = 0; k < sa.blocks; k++) {
		sa.x[k] = corner_block(a, k, 0);
		sa.y[k] = corner_block(a, k, 1);
	}
	for (unsigned k = 0; k < sb.blocks; k++) {
		V x = corner_block(b, k, 0), y = corner_block(b, k, 1);
		sb.x[k] = ADD(SET1(m.tx), ADD(MUL(SET1(m.xx), x), MUL(SET1(m.xy), y)));
		sb.y[k] = ADD(SET1(m.ty), ADD(MUL(SET1(m.yx), x), MUL(SET1(m.yy), y)));
	}
	if (parted(&sa, &sb, &m, far))
		return PRL_SKETCH_APART;
	join_corners(&sa, !a->sketch.ring);
	join_corners(&sb, !b->sketch.ring);
	/* All edges are shorter than twice the greater reach: h shows at least that many metres. */
	float h = crossing(&sa, a->sketch.edge_count, &sb, b->sketch.edge_count);
	float edge = 4 * prl_maxf(a->sketch.reach_m, b->sketch.reach_m);
	bool cross = h > edge * m.eps;
	if (!cross && !(h < -edge * far))
		return by_distances(a, &sa, b, &sb, &m, limit, h);
	return cross | one_holds(a, &sa, b, &sb) ? PRL_SKETCH_NEAR : PRL_SKETCH_APART;
}
