/* Any JSON taken for an F3548-21 entity. */
#include "formats/f3548.h"
#include "item.h"

static prl_status read_entity(const prl_lift *lift, json_t *json, size_t size, prl_plan **ret_plan, prl_error *err)
{
	(void)lift;
	(void)prl_f3548_id(json);
	return prl_f3548_read(json, (prl_f3548_kind)(size % 3), ret_plan, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return item_fuzz(data, size, read_entity);
}
