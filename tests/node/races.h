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
};
#undef D
