#include "picture/kinds.h"

#include "picture/nouns.h"

prl_status prl_kinds_add(prl_picture *picture, prl_error *err)
{
	/* In the order of enum prl_core_table. */
	const prl_noun *const nouns[PRL_CORE_TABLES] = { &prl_constitution_noun, &prl_desk_noun,    &prl_key_noun,
							 &prl_program_noun,      &prl_content_noun, &prl_peer_noun,
							 &prl_node_noun,         &prl_setting_noun, &prl_heard_noun,
							 &prl_heard_log_noun };
	const prl_kinds *const kinds[] = { &prl_constitution_kinds, &prl_desk_kinds, &prl_key_kinds, &prl_program_kinds,
					   &prl_content_kinds,      &prl_peer_kinds, &prl_node_kinds };
	for (size_t i = 0; i < PRL_CORE_TABLES; i++) {
		unsigned table;
		prl_status status = prl_picture_add_noun(picture, nouns[i], &table, err);
		if (status)
			return status;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		prl_status status = prl_picture_add_kinds(picture, kinds[i]->kinds, kinds[i]->count, err);
		if (status)
			return status;
	}
	return PRL_OK;
}
