/* Any bytes as a bundle of entries: the entries that are taken, with their lengths, are the bytes that are gone. */
#include <parley/record.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_bytes bundle = { (const char *)data, size }, entry;
	prl_error err = { 0 };
	const char *at = bundle.data;
	prl_status status;
	while (!(status = prl_bundle_take(&bundle, &entry, &err))) {
		if (entry.data != at + 2 || entry.size > PRL_ENTRY_MAX || bundle.data != entry.data + entry.size)
			abort();
		if (((size_t)(uint8_t)at[0] << 8 | (uint8_t)at[1]) != entry.size)
			abort();
		at = bundle.data;
	}
	if (err.status != status || bundle.data != at || status != (bundle.size ? PRL_E_SYNTAX : PRL_E_NOT_FOUND))
		abort();
	return 0;
}
