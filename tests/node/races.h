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
	{ .title = "message / message",
	  .ru = { NULL, "message.sent", "{'text': 'a', 'language': 'en'}", RU },
	  .us = { NULL, "message.sent", "{'text': 'b', 'language': 'en'}", US } },
	{ .title = "read back / update",
	  .before = { { "ru1", "notice.filed", "{" D("read back, update") "}", US } },
	  .ru = { "ru1-read", "receipt.given",
		  "{'notice': '@ru1', 'version': '@ru1', 'rung': 'read back', 'language': 'en', 'read_back': {'words': "
		  "'one circle'}}",
		  RU },
	  .us = { "ru1-new", "notice.updated", "{'notice': '@ru1', 'version': '@ru1', " D("read back, updated") "}",
		  US },
	  .part = "receipts",
	  .shown = { "'text': 'of an earlier version', 'version': '@ru1'", "'version': '@ru1-new'" } },
	{ .title = "read back / cancel",
	  .before = { { "rc", "notice.filed", "{" D("read back, cancel") "}", US } },
	  .ru = { "rc-read", "receipt.given",
		  "{'notice': '@rc', 'version': '@rc', 'rung': 'read back', 'language': 'en', 'read_back': {'words': "
		  "'one circle'}}",
		  RU },
	  .us = { "rc-gone", "notice.cancelled", "{'notice': '@rc', 'version': '@rc'}", US },
	  .part = "notices",
	  .shown = { "'version': '@rc-gone'" } },
	{ .title = "read back again / judge",
	  .before = { { "rj", "notice.filed", "{" D("read back, judge") "}", US },
		      { "rj-1", "receipt.given",
			"{'notice': '@rj', 'version': '@rj', 'rung': 'read back', 'language': 'en', 'read_back': "
			"{'words': 'first'}}",
			RU } },
	  .ru = { "rj-2", "receipt.given",
		  "{'notice': '@rj', 'version': '@rj', 'rung': 'read back', 'language': 'en', 'read_back': {'words': "
		  "'second'}}",
		  RU },
	  .us = { "rj-judged", "receipt.judged",
		  "{'notice': '@rj', 'receipt': '@rj-1', 'judgement': 'CORRECTION', 'correction': 'two circles', "
		  "'language': 'en'}",
		  US },
	  .part = "receipts",
	  .shown = { "two circles", "second" } },
	{ .title = "units told / departed",
	  .before = { { "ud", "notice.filed",
			"{'details': {'kind': 'convoy', 'title': 'units told, departed', 'from': "
			"'2030-01-01T00:00:00Z', 'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': "
			"'Point', 'coordinates': [41.1, 35.2]}, 'radius_m': 1500}]}}",
			US } },
	  .ru = { "ud-told", "receipt.given", "{'notice': '@ud', 'version': '@ud', 'rung': 'units told'}", RU },
	  .us = { "ud-gone", "movement.reported",
		  "{'notice': '@ud', 'state': 'departed', 'at': '2026-01-01T00:00:00Z'}", US },
	  .part = "movements",
	  .shown = { "'state': 'departed'" } },
	{ .title = "hit / hit",
	  .before = { { "hh", "hit.reported",
			"{'time': '2026-01-01T00:00:00Z', 'words': 'a hit', 'language': 'en', 'origin': 'first', "
			"'killed': {'min': 1}}",
			UN } },
	  .ru = { "hh-ru", "hit.reported",
		  "{'event': '@hh', 'time': '2026-01-01T00:00:00Z', 'words': 'fire', 'language': 'en', 'origin': "
		  "'second', 'killed': {'min': 3}}",
		  RU },
	  .us = { "hh-us", "hit.reported",
		  "{'event': '@hh', 'time': '2026-01-01T00:00:00Z', 'words': 'a wire', 'language': 'en', 'origin': "
		  "'first', 'killed': {'min': 2, 'max': 9}}",
		  US },
	  .part = "hits",
	  .shown = { "'origin_count': 2" } },
};
#undef D
