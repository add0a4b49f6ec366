/* The races of races_test.c. The page docs/races.md says what follows from each and why. */

#define D(title)                                                                                                       \
	"'details': {'kind': 'live-fire area', 'title': '" title                                                       \
	"', 'from': '2030-01-01T00:00:00Z', 'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', "   \
	"'coordinates': [40.1, 35.2]}, 'radius_m': 1500}]}"

static const race races[] = {
	{ .title = "file / file",
	  .ru = { "ff-ru", "notice.filed", "{" D("ff ru") "}", RU },
	  .us = { "ff-us", "notice.filed", "{" D("ff us") "}", US },
	  .part = "notices",
	  .shown = { "'id': '@ff-ru'", "'id': '@ff-us'" } },
	{ .title = "contradict / update",
	  .before = { { "cu", "notice.filed",
			"{" D("cu") ", 'relayed': {'said_by': 'a colonel', 'party': 'ru', 'heard_by': 'duty officer', "
				    "'heard_at': "
				    "'2020-01-01T00:00:00Z', 'by': 'call', 'language': 'ru', 'words': 'in one hour'}}",
			US } },
	  .ru = { "cu-ru", "notice.contradicted", "{'notice': '@cu', 'version': '@cu'}", RU },
	  .us = { "cu-us", "notice.updated", "{'notice': '@cu', 'version': '@cu', " D("cu updated") "}", US },
	  .part = "notices",
	  .shown = { "'version': '@cu-us'", "contradicted" } },
	{ .title = "adopt / cancel",
	  .before = { { "ac", "notice.filed",
			"{" D("ac") ", 'relayed': {'said_by': 'a colonel', 'party': 'ru', 'heard_by': 'duty officer', "
				    "'heard_at': "
				    "'2020-01-01T00:00:00Z', 'by': 'call', 'language': 'ru', 'words': 'in one hour'}}",
			US } },
	  .ru = { "ac-ru", "notice.adopted", "{'notice': '@ac', 'version': '@ac'}", RU },
	  .us = { "ac-us", "notice.cancelled", "{'notice': '@ac', 'version': '@ac'}", US },
	  .part = "notices",
	  .shown = { "'version': '@ac-us'", "adopted" } },
	{ .title = "read-back / update",
	  .before = { { "bu", "notice.filed", "{" D("bu") "}", US } },
	  .ru = { NULL, "receipt.given",
		  "{'notice': '@bu', 'version': '@bu', 'rung': 'read back', 'read_back': {'name': 'bu'}}", RU },
	  .us = { "bu-us", "notice.updated", "{'notice': '@bu', 'version': '@bu', " D("bu updated") "}", US },
	  .part = "receipts",
	  .shown = { "'version': '@bu-us'", "of an earlier version" } },
	{ .title = "read-back / cancel",
	  .before = { { "bc", "notice.filed", "{" D("bc") "}", US } },
	  .ru = { NULL, "receipt.given",
		  "{'notice': '@bc', 'version': '@bc', 'rung': 'read back', 'read_back': {'name': 'bc'}}", RU },
	  .us = { "bc-us", "notice.cancelled", "{'notice': '@bc', 'version': '@bc'}", US },
	  .part = "notices",
	  .shown = { "'version': '@bc-us'" } },
	{ .title = "read-back / CORRECTION",
	  .before = { { "bj", "notice.filed", "{" D("bj") "}", US },
		      { "bj-first", "receipt.given",
			"{'notice': '@bj', 'version': '@bj', 'rung': 'read back', 'read_back': {'name': 'bj'}}", RU } },
	  .ru = { "bj-ru", "receipt.given",
		  "{'notice': '@bj', 'version': '@bj', 'rung': 'read back', 'read_back': {'name': 'again'}}", RU },
	  .us = { NULL, "receipt.judged",
		  "{'notice': '@bj', 'receipt': '@bj-first', 'judgement': 'CORRECTION', 'correction': 'north of it'}",
		  US },
	  .part = "receipts",
	  .shown = { "'correction': 'north of it'", "CORRECTED", "NOT YET LOOKED AT BY THE SENDER" } },
	{ .title = "read-back / departed",
	  .before = { { "bd", "notice.filed",
			"{'details': {'kind': 'convoy', 'from': '2020-01-01T00:00:00Z', 'to': '2030-01-01T00:00:00Z', "
			"'areas': [{'place': '36.1000N 37.0000E', 'radius_m': 1000}]}}",
			US } },
	  .ru = { NULL, "receipt.given",
		  "{'notice': '@bd', 'version': '@bd', 'rung': 'read back', 'read_back': {'name': 'bd'}}", RU },
	  .us = { NULL, "movement.reported", "{'notice': '@bd', 'state': 'departed', 'at': '2020-01-01T00:00:00Z'}",
		  US },
	  .part = "movements",
	  .shown = { "'notice': '@bd'", "'state': 'departed'", "'not_read_by': ['un']" } },
	{ .title = "hit / hit",
	  .before = { { "hh", "hit.reported",
			"{'time': '2020-01-01T00:00:00Z', 'words': 'hit', 'language': 'en', 'killed': {'min': 10}}",
			UN } },
	  .ru = { "hh-ru", "hit.reported",
		  "{'time': '2020-01-01T00:00:00Z', 'words': 'hit', 'language': 'en', 'killed': {'min': 18, 'max': "
		  "18}, 'event': '@hh'}",
		  RU },
	  .us = { "hh-us", "hit.reported",
		  "{'time': '2020-01-01T00:00:00Z', 'words': 'hit', 'language': 'en', 'killed': {'min': 14}, 'event': "
		  "'@hh'}",
		  US },
	  .part = "hits",
	  .shown = { "'killed': {'max': 18, 'min': 10, 'or_more': false}", "'origin_count': 3", "@hh-ru", "@hh-us" } },
	{ .title = "message / message",
	  .ru = { NULL, "message.sent", "{'text': 'a', 'language': 'en'}", RU },
	  .us = { NULL, "message.sent", "{'text': 'b', 'language': 'en'}", US } },
};
#undef D
