#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *prl_status_text(prl_status status)
{
	static const char *const texts[] = {
#define X(name, exit_status, text) text,
		PRL_STATUS_MAP(X)
#undef X
	};
	return (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}

prl_status prl_error_set(prl_error *err, prl_status status, const char *format, ...)
{
	if (!err)
		return status;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	err->status = status;
	err->where[0] = 0;
	err->line = 0;
	return status;
}

prl_status prl_error_at(prl_error *err, prl_status status, const char *format, ...)
{
	if (!err)
		return status;
	char inner[sizeof err->where], place[sizeof err->where];
	memcpy(inner, err->where, sizeof inner);
	va_list args;
	va_start(args, format);
	vsnprintf(place, sizeof place, format, args);
	va_end(args);
	snprintf(err->where, sizeof err->where, inner[0] ? "%.90s: %.105s" : "%.90s%s", place, inner);
	return err->status;
}

prl_status prl_error_memory(prl_error *err)
{
	return prl_error_set(err, PRL_E_MEMORY, "out of memory");
}
