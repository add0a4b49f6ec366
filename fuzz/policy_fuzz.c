/* Any text as a policy, checked against one cosigned checkpoint: an answer, or an error that says something. */
#include "base/text.h"
#include "record/key.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

#define TEXT "log.example/a\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

/* Signed by the log of seed 200, cosigned by the witnesses of seeds 1 to 4; their keys stand in the corpus. */
static prl_bytes checkpoint(void)
{
	static char bytes[2000];
	static size_t size;
	if (size > 0)
		return (prl_bytes){ bytes, size };
	uint8_t seed[32] = { 200 };
	prl_signer signer;
	char line[PRL_SIGNATURE_LINE_MAX], name[20];
	check(!prl_signer_from_seed("log.example/a", PRL_KEY_NOTE, seed, &signer, NULL));
	check(prl_note_sign(prl_bytes_of(TEXT), &signer, line) > 0);
	size = (size_t)snprintf(bytes, sizeof bytes, TEXT "\n%s", line);
	for (uint8_t i = 1; i <= 4; i++) {
		seed[0] = i;
		snprintf(name, sizeof name, "w%d.example", i - 1);
		check(!prl_signer_from_seed(name, PRL_KEY_COSIGNATURE, seed, &signer, NULL));
		check(prl_cosign(prl_bytes_of(TEXT), &signer, 100u * i, line) > 0);
		size += (size_t)snprintf(bytes + size, sizeof bytes - size, "%s", line);
	}
	return (prl_bytes){ bytes, size };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const prl_bytes text = { (const char *)data, size };
	prl_policy *policy = NULL;
	prl_checkpoint c;
	prl_error err = { 0 };
	uint64_t time_s = 0;
	prl_status status = prl_policy_read(text, &policy, &err);
	if (status) {
		check(!policy && err.status == status && err.text[0] && (err.line > 0 || status == PRL_E_TOO_LARGE));
		return 0;
	}
	status = prl_policy_check(policy, checkpoint(), &c, &time_s, &err);
	if (status)
		check(err.status == status && err.text[0] && (status == PRL_E_NOT_FOUND || status == PRL_E_SIGNATURE));
	else
		check(c.size == 7 && (time_s == 0 || (time_s >= 100 && time_s <= 400)));
	prl_policy_free(policy);
	return 0;
}
