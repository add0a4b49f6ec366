/* Any JSON taken for a moving feature. */
#include "formats/mfjson.h"
#include "item.h"

static prl_status read_moving(const prl_lift *lift, json_t *json, size_t size, prl_plan **ret_plan, prl_error *err)
{
	(void)size;
	(void)prl_mfjson_is_moving(json);
	return prl_mfjson_read(lift, json, ret_plan, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return item_fuzz(data, size, read_moving);
}
