#include "geo/sketch_simd.h"

void prl_sketch_make(prl_footprint *f)
{
	prl_sketch *s = &f->sketch;
	bool ring = f->base == PRL_BASE_REGION, point = f->base == PRL_BASE_LINE && f->longest_m == 0;
	size_t edges = prl_piece_count(f), corners = ring || point ? edges : edges + 1;
	s->corner_count = 0;
	if (!f->plane || f->path_count != 1 || corners > PRL_SKETCH_POINTS || (point && edges > 1))
		return;
	s->centre = f->frame.origin;
	prl_vec ex = f->frame.ex, ey = f->frame.ey;
	s->ex[0] = (float)ex.x, s->ex[1] = (float)ex.y, s->ex[2] = (float)ex.z;
	s->ey[0] = (float)ey.x, s->ey[1] = (float)ey.y, s->ey[2] = (float)ey.z;
	s->reach_m = (float)f->reach_m * 1.000001f;
	s->corner_count = (uint8_t)corners;
	s->edge_count = (uint8_t)edges;
	s->ring = ring;
	size_t rest = ring ? 0 : corners - 1; /* edges that are not there have no length */
	for (size_t i = 0; i < PRL_SKETCH_POINTS; i++) {
		prl_xy p = f->plane[i < corners ? i : rest];
		f->corners[i / 8][0][i % 8] = (float)p.x;
		f->corners[i / 8][1][i % 8] = (float)p.y;
	}
}

prl_sketch_answer prl_sketch_compare(const prl_footprint *a, const prl_footprint *b, double limit_m)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return prl_sketch_compare_avx2(a, b, (float)limit_m);
	return prl_sketch_compare_sse2(a, b, (float)limit_m);
#else
	(void)a;
	(void)b;
	(void)limit_m;
	return PRL_SKETCH_UNSURE;
#endif
}
