/* Any bytes as a gazetteer: every place of one that is read is found under each of its names, and folding a folded name
 * changes nothing. */
#include "line/gazetteer.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_fold(prl_bytes name)
{
	char once[PRL_NAME_BYTES_MAX], twice[PRL_NAME_BYTES_MAX];
	size_t size, again;
	if (!prl_name_fold(name, once, sizeof once, &size))
		return;
	check(prl_utf8_check((prl_bytes){ once, size }, true));
	check(prl_name_fold((prl_bytes){ once, size }, twice, sizeof twice, &again));
	check(again == size && memcmp(once, twice, size) == 0);
}

/* The first field of each line is a name. */
static void check_found(const prl_gazetteer *gazetteer, prl_bytes text)
{
	prl_bytes line;
	while (prl_line_take(&text, &line)) {
		const prl_gazetteer_place *found[4];
		const char *end = line.size ? memchr(line.data, '\t', line.size) : NULL;
		size_t count;
		if (!end || line.data[0] == '#')
			continue;
		prl_gazetteer_find(gazetteer, (prl_bytes){ line.data, (size_t)(end - line.data) }, found, 4, &count);
		check(count > 0);
		json_t *json = prl_gazetteer_json(found[0]);
		check(json_is_object(json));
		json_decref(json);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prl_bytes text = { (const char *)data, size };
	prl_gazetteer *gazetteer = NULL;
	prl_error err = { 0 };
	check_fold(text);
	prl_status status = prl_gazetteer_read(text, &gazetteer, &err);
	check(status ? !gazetteer && err.status == status && err.text[0] && err.line > 0 : gazetteer != NULL);
	if (gazetteer)
		check_found(gazetteer, text);
	prl_gazetteer_free(gazetteer);
	return 0;
}
