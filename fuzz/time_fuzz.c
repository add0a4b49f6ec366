/* Any text as a time: what is read is written so that it reads as the same instant. */
#include <parley/base.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_time t = 0, again = 0;
	prl_error err = { 0 };
	char text[PRL_TIME_TEXT_MAX];
	prl_status status = prl_time_parse((const char *)data, size, &t, &err);
	if (status) {
		if (err.status != status || !err.text[0])
			abort();
		return 0;
	}
	prl_time_format(t, text);
	/* an offset may carry an instant of 1678 or 2261 a day out of the years that are read */
	if (prl_time_parse(text, strlen(text), &again, NULL) == PRL_OK ? again != t : text[3] != '7' && text[3] != '2')
		abort();
	return 0;
}
