#include "cli/cli.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_option *find_option(const cli_verb *verb, const char *name, size_t length)
{
	for (size_t i = 0; i < verb->option_count; i++)
		if (strlen(verb->options[i].name) == length && !memcmp(verb->options[i].name, name, length))
			return &verb->options[i];
	return NULL;
}

/* Takes the option at argv[*at] and, where it has one, its value. */
static int take_option(const cli_verb *verb, int argc, char **argv, int *at, cli_set_fn *set, void *context)
{
	const char *text = argv[*at], *equals = strchr(text, '=');
	size_t length = equals ? (size_t)(equals - text) : strlen(text);
	const cli_option *option = find_option(verb, text, length);
	if (!option) {
		prl_cli_say("%s: unknown option %.*s; `parley %s --help` lists what it takes", verb->name, (int)length,
			    text, verb->name);
		return CLI_BAD;
	}
	const char *value = equals ? equals + 1 : NULL;
	if (option->value && option->value[0] != '[' && !value) {
		if (*at + 1 >= argc) {
			prl_cli_say("%s: %s needs a value, %s", verb->name, option->name, option->value);
			return CLI_BAD;
		}
		value = argv[++*at];
	} else if (!option->value && value) {
		prl_cli_say("%s: %s takes no value", verb->name, option->name);
		return CLI_BAD;
	}
	prl_error err = { 0 };
	prl_status status = set(option->id, value, context, &err);
	if (status)
		prl_cli_say("%s: %s: %s", verb->name, option->name, err.text);
	return status ? CLI_BAD : CLI_OK;
}

int prl_cli_options(const cli_verb *verb, int argc, char **argv, cli_set_fn *set, void *context, int *ret_operands)
{
	int operands = 0;
	bool options = true;
	for (int i = 1; i < argc; i++) {
		if (options && !strcmp(argv[i], "--")) {
			options = false;
		} else if (options && argv[i][0] == '-' && argv[i][1]) {
			int status = take_option(verb, argc, argv, &i, set, context);
			if (status)
				return status;
		} else {
			argv[operands++] = argv[i];
		}
	}
	*ret_operands = operands;
	return CLI_OK;
}

/* A number as strtod reads it, but decimal and finite; *ret_end is the first byte after it. */
static bool read_number(const char *text, double *ret, char **ret_end)
{
	size_t length = strspn(text, "+-.0123456789eE");
	char copy[64];
	/* "1..2": the number ends before the two dots. */
	const char *dots = strstr(text, "..");
	if (dots && (size_t)(dots - text) < length)
		length = (size_t)(dots - text);
	if (length == 0 || length >= sizeof copy)
		return false;
	memcpy(copy, text, length);
	copy[length] = 0;
	char *end;
	*ret = strtod(copy, &end);
	*ret_end = (char *)(uintptr_t)(text + (end - copy));
	return end != copy && isfinite(*ret);
}

prl_status prl_cli_number(const char *text, double low, double high, const char *unit, double *ret, prl_error *err)
{
	double value;
	char *end;
	if (!read_number(text, &value, &end) || *end)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.40s\" is not a number; expected %s", text, unit);
	if (value < low || value > high)
		return prl_error_set(err, PRL_E_RANGE, "%.40s is out of range; expected %s from %.10g to %.10g", text,
				     unit, low, high);
	*ret = value;
	return PRL_OK;
}

prl_status prl_cli_range(const char *text, double low, double high, const char *unit, double *ret_low, double *ret_high,
			 prl_error *err)
{
	double from, to;
	char *end;
	if (!read_number(text, &from, &end) || strncmp(end, "..", 2) != 0 || !read_number(end + 2, &to, &end) || *end)
		return prl_error_set(err, PRL_E_SYNTAX, "\"%.60s\" is not a range; expected LOW..HIGH in %s", text,
				     unit);
	if (from > to)
		return prl_error_set(err, PRL_E_RANGE, "%.60s runs backwards; expected LOW..HIGH", text);
	if (from < low || to > high)
		return prl_error_set(err, PRL_E_RANGE, "%.60s is out of range; expected %s from %.10g to %.10g", text,
				     unit, low, high);
	*ret_low = from;
	*ret_high = to;
	return PRL_OK;
}

static void print_option(const cli_option *option, FILE *out)
{
	const char *value = option->value ? option->value : "";
	fprintf(out, "  %s%s%s\n", option->name, *value && *value != '[' ? " " : "", value);
	for (const char *line = option->help; *line;) {
		size_t length = strcspn(line, "\n");
		fprintf(out, "        %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

void prl_cli_help(const cli_verb *verb, FILE *out)
{
	fprintf(out, "usage: %s\n\n%s\n", verb->usage, verb->summary);
	if (verb->option_count)
		fputs("\noptions:\n", out);
	for (size_t i = 0; i < verb->option_count; i++)
		print_option(&verb->options[i], out);
	if (verb->details)
		fprintf(out, "\n%s", verb->details);
	if (verb->more)
		verb->more(out);
}
