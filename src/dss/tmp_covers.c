#include "dss/extent.h"
prl_status prl_extent_covers(const prl_extent *outer, const prl_extent *inner, bool *ret, prl_error *err)
{
	(void)err;
	prl_bounds o = prl_extent_bounds(outer), i = prl_extent_bounds(inner);
	*ret = !outer->outlines || (o.south_deg <= i.south_deg && o.north_deg >= i.north_deg && o.west_deg <= i.west_deg && o.east_deg >= i.east_deg);
	return PRL_OK;
}
