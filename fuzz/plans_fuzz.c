/* Any bytes as a file, plain or gzip, all at once: every plan and problem is counted, and reading ends. */
#include <parley/formats.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counts {
	size_t plans, problems;
};

static bool on_plan(prl_plan *plan, void *context)
{
	struct counts *counts = context;
	if (!plan->id[0] || !plan->source || plan->line == 0 || plan->volume_count + plan->trajectory_count == 0)
		abort();
	counts->plans++;
	prl_plan_free(plan);
	return true;
}

static bool on_problem(const char *source, const prl_error *problem, void *context)
{
	struct counts *counts = context;
	if (!source[0] || !problem->status || !problem->text[0])
		abort();
	counts->problems++;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counts counts = { 0 };
	prl_reader_options options = {
		.on_plan = on_plan, .on_problem = on_problem, .context = &counts, .max_item_bytes = 4096
	};
	prl_reader *reader;
	if (prl_reader_new(&options, &reader, NULL))
		abort();
	for (int twice = 0; twice < 2; twice++)
		if (prl_reader_read_bytes(reader, "fuzz", data, size, NULL))
			abort();
	prl_read_counts told = prl_reader_counts(reader);
	/* the second time every plan is there already */
	if (told.taken != counts.plans || told.problems != counts.problems || told.problems < told.taken)
		abort();
	prl_reader_free(reader);
	return 0;
}
