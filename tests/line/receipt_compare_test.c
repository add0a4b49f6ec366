/* What was read back beside what was filed: places in any notation, by names of either desk, and what cannot be told.
 */
#include "line/receipt.h"

#include "support/acts.h"
#include "support/random.h"

#include <parley/notation.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FILED                                                                                                          \
	"{\"kind\": \"live-fire area\", \"areas\": [{\"place\": \"35.28540N 40.17600E\", \"radius_m\": 500}], "        \
	"\"place\": {\"name\": \"the airfield\", \"gazetteer\": {\"name\": \"The Airfield\", \"lat_deg\": 35.2854, "   \
	"\"lng_deg\": 40.176, \"radius_m\": 1500, \"source\": \"x\"}}}"

/* The comparisons of "place", as "said: differs" each, parted by "; ". */
static const char *places(const char *details, const char *read_back)
{
	static char text[1200];
	json_t *filed = json_loads(details, 0, NULL), *said = json_loads(read_back, 0, NULL);
	assert_true(filed && said);
	json_t *before = json_deep_copy(filed), *all = prl_receipt_compare(filed, said), *one;
	size_t i, used = 0;
	text[0] = 0;
	json_array_foreach(all, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "what")), "place") != 0)
			continue;
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s: %s", used ? "; " : "",
					 json_string_value(json_object_get(one, "said")),
					 json_string_value(json_object_get(one, "differs")));
	}
	assert_true(json_equal(filed, before)); /* it is looked at, and stays */
	json_decref(before);
	json_decref(all);
	json_decref(filed);
	json_decref(said);
	return text;
}

#define POSITION(p) places(FILED, "{\"position\": \"" p "\"}")
#define WORDS(w)    places(FILED, "{\"words\": \"" w "\"}")

static void test_position(void **state)
{
	(void)state;
	assert_string_equal(POSITION("35.28540N 40.17600E"), "35.28540N 40.17600E: no");
	assert_string_equal(POSITION("35.36640N 40.17600E"), "35.36640N 40.17600E: yes"); /* 9.0 km, as in 2016 */
	assert_string_equal(POSITION("35.3N 40.2E"), "35.3N 40.2E: no"); /* its digits say no better than that */
	assert_string_equal(POSITION("the airfield"), "the airfield: cannot tell");
	assert_string_equal(places("{\"kind\": \"live-fire area\"}", "{\"position\": \"35.28540N 40.17600E\"}"),
			    "35.28540N 40.17600E: cannot tell");
	/* a polygon: the nearest of its points */
	assert_string_equal(
		places("{\"areas\": [{\"vertices\": [\"35.0000N 40.0000E\", \"36.0000N 40.0000E\", \"36.0000N "
		       "41.0000E\"]}]}",
		       "{\"position\": \"35.9000N 40.5000E\"}"),
		"35.9000N 40.5000E: no");
}

/* Whatever notation the reader's map has, the same place agrees and one 9 km off does not. */
static void test_every_notation(void **state)
{
	(void)state;
	static const struct {
		prl_notation notation;
		prl_reference reference;
	} all[] = {
		{ PRL_NOTATION_DEGREES, PRL_REFERENCE_WGS84 }, { PRL_NOTATION_MINUTES, PRL_REFERENCE_WGS84 },
		{ PRL_NOTATION_SECONDS, PRL_REFERENCE_WGS84 }, { PRL_NOTATION_UTM, PRL_REFERENCE_WGS84 },
		{ PRL_NOTATION_MGRS, PRL_REFERENCE_WGS84 },    { PRL_NOTATION_GK, PRL_REFERENCE_SK42 },
		{ PRL_NOTATION_SECONDS, PRL_REFERENCE_SK42 },
	};
	prl_latlng filed = { 35.2854, 40.176 };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (int off = 0; off < 2; off++) {
			char text[PRL_POSITION_FORMAT_MAX], read_back[400], expected[200];
			prl_latlng at = off ? prl_destination(filed, 40.0 * (double)i, 9000) : filed;
			assert_int_equal(
				prl_position_format(at, all[i].notation, all[i].reference, 5, text, NULL, NULL),
				PRL_OK);
			snprintf(expected, sizeof expected, "%s: %s", text, off ? "yes" : "no");
			snprintf(read_back, sizeof read_back, "{\"position\": \"%s\"}", text);
			assert_string_equal(places(FILED, read_back), expected);
			/* and in the middle of a sentence */
			snprintf(read_back, sizeof read_back,
				 "{\"words\": \"live fire (%s), 500 m round it, from 12:55Z\"}", text);
			assert_string_equal(places(FILED, read_back), expected);
		}
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(WORDS("live fire two km south of the town, from 12:55Z to 14:30Z, up to 6000 m, 31 trucks"),
			    "");
	assert_string_equal(WORDS("from 1255 to 1430, FL150 to FL245, call 0100 5550100"), "");
	assert_string_equal(WORDS("from 35.36640N 40.17600E to 35.28540N 40.17600E."),
			    "35.36640N 40.17600E: yes; 35.28540N 40.17600E: no");
	assert_string_equal(WORDS("35.3664N,40.1760E"), "35.3664N,40.1760E: yes");
	/* the position that was typed for it counts, and what stands in the words is not looked for */
	assert_string_equal(places(FILED, "{\"position\": \"35.2854N 40.1760E\", \"words\": \"35.3664N 40.1760E\"}"),
			    "35.2854N 40.1760E: no");
	/* at most four, however many there are */
	char many[2200] = "{\"words\": \"";
	for (int i = 0; i < 60; i++)
		strcat(many, "35.2854N 40.1760E; ");
	strcat(many, "\"}");
	assert_string_equal(places(FILED, many), "35.2854N 40.1760E: no; 35.2854N 40.1760E: no; 35.2854N 40.1760E: no; "
						 "35.2854N 40.1760E: no");
}

/* Any words end, and never crash. */
static void test_any_words(void **state)
{
	(void)state;
	static const char letters[] = "0123456789.NSEW°', -;()\tXYZ";
	uint64_t seed = rnd_seed("words");
	for (unsigned round = 0; round < 300; round++) {
		rnd r = rnd_case(seed, round);
		char text[600];
		size_t length = (size_t)rnd_below(&r, sizeof text - 1);
		for (size_t i = 0; i < length; i++)
			text[i] = letters[rnd_below(&r, 7 * sizeof letters) % (sizeof letters - 1)];
		text[length] = 0;
		json_t *said = json_pack("{s:s%}", "words", text, length), *filed = json_loads(FILED, 0, NULL);
		if (said) { /* half of a degree sign is no text */
			json_t *all = prl_receipt_compare(filed, said);
			assert_non_null(all);
			assert_true(json_array_size(all) <= PRL_RECEIPT_POSITIONS_MAX);
			json_decref(all);
		}
		json_decref(said);
		json_decref(filed);
	}
}

#define NAMED(lat)                                                                                                     \
	"\"name\": \"Tell\", \"gazetteer\": {\"name\": \"Tell\", \"lat_deg\": " lat                                    \
	", \"lng_deg\": 40.176, \"radius_m\": 800, \"source\": \"ours\"}"

static void test_name(void **state)
{
	(void)state;
	/* where the reader's gazetteer has it, whatever the notice knows */
	assert_string_equal(places(FILED, "{" NAMED("35.2900") "}"), "Tell: no");
	assert_string_equal(places(FILED, "{" NAMED("35.3664") "}"), "Tell: yes");
	assert_string_equal(
		places(FILED,
		       "{" NAMED("35.3664") ", \"bearing_deg\": 180, \"distance\": {\"value\": 9, \"unit\": \"km\"}}"),
		"9000 m at 180° from Tell: no");
	/* where the reader knows none, as the notice has it; where nobody does, that is said */
	assert_string_equal(places(FILED, "{\"name\": \"the airfield\"}"), "the airfield: no");
	assert_string_equal(places(FILED, "{\"name\": \"THE AIRFIELD\", \"bearing_deg\": 0, \"distance\": {\"value\": "
					  "9, \"unit\": \"km\"}}"),
			    "9000 m at 0° from THE AIRFIELD: yes");
	assert_string_equal(places(FILED, "{\"name\": \"elsewhere\"}"), "elsewhere: cannot tell");
	/* both are compared, each by itself */
	assert_string_equal(places(FILED, "{\"position\": \"35.3664N 40.1760E\", " NAMED("35.2900") "}"),
			    "35.3664N 40.1760E: yes; Tell: no");
}

/* At the door: a position reads one way; what a peer lets through is shown as what it is. */
static void test_door(void **state)
{
	(void)state;
	acts *a = acts_new("us@us.example/line ru@ru.example/line", NULL);
	prl_hash id = acts_do(a, "us-ops/1", "notice.filed", line_text(a->l, "{\"details\": %s}", FILED));
	acts_see_all(a);
	const char *hash = line_hash_text(a->l, &id);
	static const char form[] =
		"{\"notice\": \"%s\", \"version\": \"%s\", \"rung\": \"read back\", \"read_back\": {%s}}";
	acts_refused(a, "ru-ops/1", "receipt.given",
		     line_text(a->l, form, hash, hash, "\"position\": \"the airfield\""), PRL_E_SYNTAX, "");
	acts_refused(a, "ru-ops/1", "receipt.given", line_text(a->l, form, hash, hash, "\"position\": \"95N 40E\""),
		     PRL_E_RANGE, "");
	acts_refused(a, "ru-ops/1", "receipt.given",
		     line_text(a->l, form, hash, hash,
			       "\"gazetteer\": {\"name\": \"x\", \"lat_deg\": 35, \"lng_deg\": 40, \"source\": \"y\"}"),
		     PRL_E_SYNTAX, "without the name");
	acts_do(a, "ru-ops/1", "receipt.given",
		line_text(a->l, form, hash, hash, "\"position\": \"35.3664N 40.1760E\""));
	acts_see_all(a);
	json_t *items = acts_show(a, "us.example/line", "us", "receipts", "notice=us#1", a->l->now);
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.0.compared.0.differs"), "yes");
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.0.text"), "NEGATIVE, I SAY AGAIN");
	json_decref(items);
	prl_error err = { 0 };
	line_act act = { .kind = "receipt.given",
			 .key = "ru-ops/1",
			 .body = line_text(a->l, form, hash, hash, "\"position\": \"the airfield\"") };
	assert_int_equal(acts_try_apply(a, &act, NULL, &err), PRL_OK);
	acts_see_all(a);
	items = acts_show(a, "us.example/line", "us", "receipts", "notice=us#1", a->l->now);
	assert_string_equal(acts_text(items, "0.ladder.0.detail.read_backs.1.compared.0.differs"), "cannot tell");
	json_decref(items);
	acts_check_digests(a);
	acts_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_position),  cmocka_unit_test(test_every_notation), cmocka_unit_test(test_words),
		cmocka_unit_test(test_any_words), cmocka_unit_test(test_name),           cmocka_unit_test(test_door),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
