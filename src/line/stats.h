/* Statistics (H4): what happened on the line in a period, each side's count beside the other's. A bare number says
 * nothing: with each come its definition, the period, who recorded it, of how many (the denominator), and what it could
 * not cover. A pure function of what the picture shows at an instant; nothing is kept.
 *
 * The recorder of a count is the party in whose acts it stands, and not the party that it may be about: "crossings
 * recorded by us" are not crossings by us. Times go by the entries, each by its author's clock.
 *
 * Crossings. A party declares counts when it ends a notice (notice.ended, "counts": what "crossings" of the agreed line
 * and "flights"); per flight and per day follow from these. 6 to 8 crossings a day at one in ten flights are 60 to 80
 * flights a day. */
#ifndef PRL_LINE_STATS_H
#define PRL_LINE_STATS_H

#include "line/part.h"

#define PRL_STATS_PERIOD_S 86400 /* up to now, where no period is asked for */

/* X(ID, name, unit, form, definition, denominator, coverage). form: COUNT_A_DAY (count by days), SHARE (count by "of"),
 * SPREAD (least, 10 %, half, 90 %, greatest by nearest rank). */
#define PRL_MEASURES(X)                                                                                                \
	X(CALLS_A_DAY, "calls-a-day", "calls per day", COUNT_A_DAY,                                                    \
	  "STOP, URGENT and DISTRESS calls that the recorder raised; a repeat is the same call", "days of the period", \
	  "calls in the logs that this node holds")                                                                    \
	X(CALL_ANSWER, "call-time-to-answer", "s", SPREAD,                                                             \
	  "from a call to the recorder until somebody there took it first", "calls to the recorder that were taken",   \
	  "calls in the logs that this node holds; by the clocks of both sides")                                       \
	X(CALLS_UNANSWERED, "calls-unanswered", "share", SHARE, "calls to the recorder that nobody there had taken",   \
	  "calls to the recorder", "calls in the logs that this node holds")                                           \
	X(LEAD_TIME, "lead-time", "s", SPREAD,                                                                         \
	  "from when a notice of the recorder was given until it begins; negative: it had begun",                      \
	  "notices that the recorder filed and that state a beginning",                                                \
	  "not covered: those without a stated beginning, or whose details are not here; relayed ones are left out")   \
	X(LATE, "late", "share", SHARE, "notices of the recorder with less lead time than the constitution asks for",  \
	  "its notices for whose kind a lead time is asked for, and that state a beginning",                           \
	  "not covered: those without a stated beginning, or whose details are not here; relayed ones are left out")   \
	X(NOTICE_READ, "notice-time-to-read", "s", SPREAD,                                                             \
	  "from the filing of another party's notice until the recorder had read it: read back, or understood where "  \
	  "no read-back is needed",                                                                                    \
	  "notices to the recorder that it had read", "notices that this node holds; by the clocks of both sides")     \
	X(NOTICES_UNREAD, "notices-unread", "share", SHARE, "notices to the recorder that it had not read",            \
	  "notices to the recorder", "notices that this node holds")                                                   \
	X(QUERY_ANSWER, "query-time-to-answer", "s", SPREAD,                                                           \
	  "from a query to the recorder until it first answered, or declined to",                                      \
	  "queries to the recorder that it answered", "queries that this node holds; by the clocks of both sides")     \
	X(QUERIES_UNANSWERED, "queries-unanswered", "share", SHARE, "queries to the recorder without an answer",       \
	  "queries to the recorder", "queries that this node holds")                                                   \
	X(CORRECTIONS, "corrections", "share", SHARE,                                                                  \
	  "read-backs of the recorder's notices that it answered CORRECTION",                                          \
	  "read-backs of its notices that it answered", "notices that this node holds, filed in the period")           \
	X(CROSSINGS_A_DAY, "crossings-a-day", "crossings per day", COUNT_A_DAY,                                        \
	  "crossings of the line that the recorder declared when it ended a notice, whoever crossed",                  \
	  "days of the period", "not covered: ends of notices whose counts are not here")                              \
	X(FLIGHTS_A_DAY, "flights-a-day", "flights per day", COUNT_A_DAY,                                              \
	  "flights that the recorder declared when it ended a notice", "days of the period",                           \
	  "not covered: ends of notices whose counts are not here")                                                    \
	X(CROSSINGS_PER_FLIGHT, "crossings-per-flight", "crossings per flight", SHARE,                                 \
	  "crossings that the recorder declared, where it declared flights too", "flights that it declared there",     \
	  "not covered: ends of notices whose counts are not here, or that have crossings without flights")

#define X(id, name, unit, form, definition, denominator, coverage) PRL_MEASURE_##id,
typedef enum prl_measure { PRL_MEASURES(X) PRL_MEASURE_COUNT } prl_measure;
#undef X

/* GET /parley/v1/line/stats?from=&to=&mode= : from and to RFC 3339 (absent: the day up to now); mode REAL where it is
 * not stated: modes never mix. */
extern const prl_line_part prl_stats_part;

/* One item a measure, in the order of the table:
 *   {"measure", "unit", "definition", "denominator", "coverage", "mode", "period": {"from", "to", "days"},
 *    "by": [{"recorder", "count", "of", "value", "spread", "not_covered"}]}
 * one of "by" a party of the line. count by "of" is value; null where "of" is 0: no share of nothing. spread: {"least",
 * "tenth", "half", "nine_tenths", "greatest"} or null. What happened is what happened in [from, to), as known at
 * show->now or, where that is earlier, at `to`. PRL_E_RANGE where to is not after from. */
PRL_MUST prl_status prl_stats(const prl_show *show, prl_time from, prl_time to, prl_mode mode, json_t **ret,
			      prl_error *err);

#endif
