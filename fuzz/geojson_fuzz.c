/* Any JSON taken for a GeoJSON feature. */
#include "formats/geojson.h"
#include "item.h"

static prl_status read_feature(const prl_lift *lift, json_t *json, size_t size, prl_plan **ret_plan, prl_error *err)
{
	(void)size;
	return prl_geojson_read(lift, json, ret_plan, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return item_fuzz(data, size, read_feature);
}
