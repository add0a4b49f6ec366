#include "node/home_source.h"

#include "base/limits.h"

prl_status prl_home_from_store(void *context, uint64_t index, prl_home *ret, prl_error *err)
{
	prl_home_source *from = context;
	if (!from->bytes.max)
		from->bytes = PRL_BUFFER(PRL_MAX_CONTENT_BYTES);
	prl_buffer_clear(&from->bytes);
	prl_status st = prl_store_body_get(from->reader, from->log, index, &from->bytes, err);
	if (!st)
		*ret = (prl_home){ .bytes = { from->bytes.data, from->bytes.size } };
	return st;
}
