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
	{ .title = "answer / answer",
	  .before = { { "aa-ru", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 10.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [10.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			RU },
		      { "aa-us", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 10.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [10.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			US } },
	  .ru = { "aa-1", "overlap.answered",
		  "{'overlap': '@<aa-ru+aa-us>', 'versions': [@[aa-ru+aa-us]], 'answer': 'cannot accommodate'}", RU },
	  .us = { "aa-2", "overlap.answered",
		  "{'overlap': '@<aa-ru+aa-us>', 'versions': [@[aa-ru+aa-us]], 'answer': 'understood'}", US },
	  .part = "overlaps",
	  .shown = { "'answer': 'cannot accommodate'", "'answer': 'understood'" } },
	{ .title = "answer / update",
	  .before = { { "au-ru", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 12.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [12.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			RU },
		      { "au-us", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 12.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [12.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			US } },
	  .ru = { "au-1", "overlap.answered",
		  "{'overlap': '@<au-ru+au-us>', 'versions': [@[au-ru+au-us]], 'answer': 'passed on'}", RU },
	  .us = { "au-2", "notice.updated",
		  "{'notice': '@au-us', 'version': '@au-us', 'details': {'kind': 'live-fire area', 'title': 'at 13.5', "
		  "'from': '2030-01-01T00:00:00Z', 'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': "
		  "'Point', 'coordinates': [13.5, 30.2]}, 'radius_m': 1500}]}}",
		  US },
	  .part = "overlaps",
	  .shown = { "'answer': 'passed on'", "'id': '@<au-ru+au-us>'" } },
	{ .title = "update / update",
	  .before = { { "uu-ru", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 14.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [14.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			RU },
		      { "uu-us", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 15.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [15.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			US } },
	  .ru = { "uu-1", "notice.updated",
		  "{'notice': '@uu-ru', 'version': '@uu-ru', 'details': {'kind': 'live-fire area', 'title': 'at 16.0', "
		  "'from': '2030-01-01T00:00:00Z', 'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': "
		  "'Point', 'coordinates': [16.0, 30.2]}, 'radius_m': 1500}]}}",
		  RU },
	  .us = { "uu-2", "notice.updated",
		  "{'notice': '@uu-us', 'version': '@uu-us', 'details': {'kind': 'live-fire area', 'title': 'at 16.0', "
		  "'from': '2030-01-01T00:00:00Z', 'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': "
		  "'Point', 'coordinates': [16.0, 30.2]}, 'radius_m': 1500}]}}",
		  US },
	  .part = "overlaps",
	  .shown = { "'id': '@<uu-ru+uu-us>'" } },
	{ .title = "end / file",
	  .before = { { "ef-ru", "notice.filed",
			"{'details': {'kind': 'live-fire area', 'title': 'at 17.0', 'from': '2030-01-01T00:00:00Z', "
			"'to': '2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [17.0, "
			"30.2]}, 'radius_m': 1500}]}}",
			RU } },
	  .ru = { "ef-1", "notice.ended", "{'notice': '@ef-ru', 'version': '@ef-ru'}", RU },
	  .us = { "ef-2", "notice.filed",
		  "{'details': {'kind': 'live-fire area', 'title': 'at 17.0', 'from': '2030-01-01T00:00:00Z', 'to': "
		  "'2030-01-01T01:00:00Z', 'areas': [{'geometry': {'type': 'Point', 'coordinates': [17.0, 30.2]}, "
		  "'radius_m': 1500}]}}",
		  US },
	  .part = "notices",
	  .shown = { "'version': '@ef-1'", "'id': '@ef-2'" } },
	{ .title = "bundle taken / bundle taken",
	  .before = { { "bb-site", "notice.filed",
			"{'details': {'kind': 'site', 'title': 'at 18.0', 'areas': [{'geometry': {'type': 'Point', "
			"'coordinates': [18.0, 30.2]}, 'radius_m': 500}]}}",
			UN },
		      { "bb", "truce.ended", "{'what': 'a truce', 'words': 'it is over', 'language': 'en'}", UN,
			true } },
	  .ru = { "bb-ru", "bundle.taken", "{'bundle': '@bb'}", RU },
	  .us = { "bb-us", "bundle.taken", "{'bundle': '@bb'}", US },
	  .part = "bundles",
	  .shown = { "'bundle': '@bb'" } },
};
#undef D
