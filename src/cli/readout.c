#include "cli/readout.h"

#include "base/error.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>

enum { EN, FR, RU, AR, LANGUAGES };
static const char *const codes[LANGUAGES] = { "en", "fr", "ru", "ar" };

static const char *const digits[LANGUAGES][10] = {
	{ "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine" },
	{ "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf" },
	{ "ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять" },
	{ "صفر", "واحد", "اثنان", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة" },
};
static const char *const points[LANGUAGES] = { "decimal", "virgule", "запятая", "فاصلة" };

enum {
	P_THIS_IS,
	P_MODE,
	P_NOTICE,
	P_WHAT,
	P_PLACE,
	P_AGAIN,
	P_RADIUS,
	P_LOWER,
	P_UPPER,
	P_FROM,
	P_TO,
	P_FREQUENCY,
	P_CALL_SIGN,
	P_CALL_BACK,
	P_UNMANNED,
	P_TEXT,
	P_NOT_STATED,
	P_READ_BACK,
	P_NAME_TIME,
	P_NOT_AGREED,
	PHRASES
};

static const char *const phrases[PHRASES][LANGUAGES] = {
	[P_THIS_IS] = { "This is", "Ici", "Говорит", "هنا" },
	[P_MODE] = { "Mode", "Mode", "Режим", "الوضع" },
	[P_NOTICE] = { "Notice number", "Avis numéro", "Уведомление номер", "الإشعار رقم" },
	[P_WHAT] = { "What", "Nature", "Что", "ماذا" },
	[P_PLACE] = { "Place", "Lieu", "Место", "المكان" },
	[P_AGAIN] = { "Place, a second time", "Lieu, une seconde fois", "Место, второй раз", "المكان مرة ثانية" },
	[P_RADIUS] = { "Radius, metres", "Rayon, mètres", "Радиус, метры", "نصف القطر بالأمتار" },
	[P_LOWER] = { "Lowest level", "Niveau inférieur", "Нижний уровень", "أدنى ارتفاع" },
	[P_UPPER] = { "Highest level", "Niveau supérieur", "Верхний уровень", "أعلى ارتفاع" },
	[P_FROM] = { "From, UTC", "De, UTC", "С, UTC", "من، بالتوقيت العالمي" },
	[P_TO] = { "To, UTC", "À, UTC", "До, UTC", "إلى، بالتوقيت العالمي" },
	[P_FREQUENCY] = { "Frequency", "Fréquence", "Частота", "التردد" },
	[P_CALL_SIGN] = { "Call sign", "Indicatif", "Позывной", "رمز النداء" },
	[P_CALL_BACK] = { "Call back at", "Rappeler au", "Обратный номер", "رقم الاتصال" },
	[P_UNMANNED] = { "Nobody is aboard", "Personne à bord", "Людей на борту нет", "لا أحد على متنها" },
	[P_TEXT] = { "Further", "En outre", "Далее", "أيضاً" },
	[P_NOT_STATED] = { "not stated", "non indiqué", "не указано", "غير مذكور" },
	[P_READ_BACK] = { "Read back, please", "Collationnez, je vous prie", "Повторите, пожалуйста",
			  "أعد القراءة من فضلك" },
	[P_NAME_TIME] = { "Who read back, and when (UTC)", "Qui a collationné, et quand (UTC)",
			  "Кто повторил и когда (UTC)", "من أعاد القراءة ومتى (UTC)" },
	[P_NOT_AGREED] = { "Where it differs: NEGATIVE, I SAY AGAIN, and read the line once more.",
			   "En cas d'écart : NÉGATIF, JE RÉPÈTE, et relire la ligne.",
			   "При расхождении: НЕВЕРНО, ПОВТОРЯЮ, и прочесть строку ещё раз.",
			   "عند الاختلاف: خطأ، أكرر، ثم اقرأ السطر مرة أخرى." },
};

static const struct kind_words {
	const char *kind;
	const char *in[LANGUAGES];
} kinds[] = {
	{ "flight", { "flight", "vol", "полёт", "طيران" } },
	{ "live-fire area", { "live fire", "tir réel", "боевая стрельба", "رماية حية" } },
	{ "ground movement", { "ground movement", "mouvement au sol", "передвижение по земле", "تحرك بري" } },
	{ "convoy", { "convoy", "convoi", "колонна", "قافلة" } },
	{ "site", { "site", "site", "объект", "موقع" } },
	{ "exercise", { "exercise", "exercice", "учение", "تمرين" } },
	{ "repair", { "repair", "réparation", "ремонт", "إصلاح" } },
	{ "rescue", { "rescue", "sauvetage", "спасение", "إنقاذ" } },
	{ "evacuation", { "evacuation", "évacuation", "эвакуация", "إخلاء" } },
};

int prl_readout_language(const char *code)
{
	for (int i = 0; i < LANGUAGES; i++)
		if (strncmp(codes[i], code, 2) == 0 && (!code[2] || code[2] == '-'))
			return i;
	return -1;
}

prl_status prl_readout_languages(const char *text, int ret[2], prl_error *err)
{
	char one[2][16] = { "", "" };
	int count = sscanf(text, "%15[^,],%15[^,]", one[0], one[1]);
	for (int i = 0; i < 2; i++) {
		ret[i] = i < count ? prl_readout_language(one[i]) : -1;
		if (i < count && ret[i] < 0)
			return prl_error_set(
				err, PRL_E_SYNTAX,
				"\"%.15s\": no phrases in that language; expected two of " PRL_READOUT_LANGUAGES,
				one[i]);
	}
	if (count < 1 || (count == 2 && ret[0] == ret[1]) || strchr(text, ',') != strrchr(text, ','))
		return prl_error_set(err, PRL_E_SYNTAX, "expected one or two languages, as en,ru");
	return PRL_OK;
}

static void append(char *to, size_t room, const char *text)
{
	size_t used = strlen(to), length = strlen(text);
	if (used + length < room)
		memcpy(to + used, text, length + 1);
}

void prl_readout_spell(const char *text, int language, char *ret, size_t room)
{
	ret[0] = 0;
	for (const char *c = text; *c; c++) {
		bool digit = *c >= '0' && *c <= '9', point = *c == '.' && c[1] >= '0' && c[1] <= '9';
		if (!digit && !point) {
			char one[2] = { *c, 0 };
			append(ret, room, one);
			continue;
		}
		if (ret[0] && ret[strlen(ret) - 1] != ' ')
			append(ret, room, " ");
		append(ret, room, digit ? digits[language][*c - '0'] : points[language]);
		if (c[1] && c[1] != ' ' && c[1] != ',')
			append(ret, room, " ");
	}
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

#define VALUE_MAX 600

/* One line of the script: phrase, value, and for the read-back a blank. */
static void line(FILE *out, int phrase, const char *value, int language, bool spell)
{
	char shown[CLI_WORDS_MAX], spoken[VALUE_MAX];
	if (!value) {
		fprintf(out, "  %s: %s.\n", phrases[phrase][language], phrases[P_NOT_STATED][language]);
		return;
	}
	prl_cli_words(value, shown);
	prl_readout_spell(shown, language, spoken, sizeof spoken);
	if (spell && strcmp(spoken, shown) != 0)
		fprintf(out, "  %s: %s  (%s)\n", phrases[phrase][language], spoken, shown);
	else
		fprintf(out, "  %s: %s\n", phrases[phrase][language], shown);
	fprintf(out, "      [ ______________________________ ]\n");
}

static const char *text_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void level_text(const json_t *level, char *ret, size_t room)
{
	const char *unit = text_of(level, "unit"), *datum = text_of(level, "datum");
	double value = json_number_value(json_object_get(level, "value"));
	bool feet = unit && strcmp(unit, "FT") == 0;
	if (unit && strcmp(unit, "FL") == 0)
		snprintf(ret, room, "FL%03.0f", value);
	else
		snprintf(ret, room, "%g %s %s", value, feet ? "ft" : "m", datum ? datum : "");
}

static void level_line(FILE *out, int phrase, const json_t *level, int language)
{
	char text[64];
	if (level)
		level_text(level, text, sizeof text);
	line(out, phrase, level ? text : NULL, language, true);
}

/* The position as it was filed, or the areas as GeoJSON's numbers are: their name, else how many. */
static void place_lines(FILE *out, const json_t *details, int language)
{
	const json_t *area = json_array_get(json_object_get(details, "areas"), 0), *one;
	const json_t *place = json_object_get(details, "place"), *again = json_object_get(place, "again");
	char radius[40];
	size_t i;
	if (text_of(place, "name"))
		line(out, P_PLACE, text_of(place, "name"), language, false);
	if (text_of(area, "place"))
		line(out, P_PLACE, text_of(area, "place"), language, true);
	json_array_foreach(json_object_get(area, "vertices"), i, one)
		line(out, P_PLACE, json_string_value(one), language, true);
	const json_t *geometry = json_object_get(area, "geometry");
	if (geometry) {
		char text[VALUE_MAX];
		char *coordinates =
			json_dumps(json_object_get(geometry, "coordinates"), JSON_COMPACT | JSON_REAL_PRECISION(8));
		snprintf(text, sizeof text, "WGS84 lng, lat: %.500s", coordinates ? coordinates : "");
		free(coordinates);
		line(out, P_PLACE, text, language, false);
	}
	if (!area && !text_of(place, "name"))
		line(out, P_PLACE, NULL, language, false);
	snprintf(radius, sizeof radius, "%.0f", json_number_value(json_object_get(area, "radius_m")));
	if (json_object_get(area, "radius_m"))
		line(out, P_RADIUS, radius, language, true);
	if (again)
		line(out, P_AGAIN, text_of(again, "position") ? text_of(again, "position") : text_of(again, "name"),
		     language, true);
	level_line(out, P_LOWER, json_object_get(area, "lower"), language);
	level_line(out, P_UPPER, json_object_get(area, "upper"), language);
}

/* "2016-09-17T12:55:00.123Z" as a person reads it out: "2016-09-17 12:55". */
static void time_line(FILE *out, int phrase, const char *time, int language)
{
	char text[32] = "";
	if (time && strlen(time) >= 16)
		snprintf(text, sizeof text, "%.10s %.5s", time, time + 11);
	line(out, phrase, time ? text : NULL, language, true);
}

static const char *kind_in(const char *kind, int language)
{
	for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return kinds[i].in[language];
	return NULL;
}

static void print_in(FILE *out, const json_t *notice, int language)
{
	const json_t *details = json_object_get(notice, "details");
	const char *mode = text_of(notice, "mode");
	char number[32];
	fprintf(out, "--- %s ---\n", codes[language]);
	if (mode && strcmp(mode, "REAL") != 0)
		fprintf(out, "  %s %s %s\n", mode, mode, mode);
	line(out, P_THIS_IS, text_of(notice, "party"), language, false);
	snprintf(number, sizeof number, "%lld", (long long)json_integer_value(json_object_get(notice, "number")));
	line(out, P_NOTICE, number, language, true);
	line(out, P_WHAT, kind_in(text_of(notice, "kind"), language), language, false);
	place_lines(out, details, language);
	time_line(out, P_FROM, text_of(notice, "from"), language);
	time_line(out, P_TO, text_of(notice, "to"), language);
	line(out, P_FREQUENCY, text_of(details, "frequency"), language, true);
	line(out, P_CALL_SIGN, text_of(details, "call_sign"), language, true);
	line(out, P_CALL_BACK, text_of(details, "call_back"), language, true);
	if (json_is_true(json_object_get(details, "unmanned")))
		fprintf(out, "  %s.\n", phrases[P_UNMANNED][language]);
	if (json_object_get(details, "text"))
		line(out, P_TEXT, text_of(json_object_get(details, "text"), "words"), language, false);
	fprintf(out, "  %s. %s\n", phrases[P_READ_BACK][language], phrases[P_NOT_AGREED][language]);
	fprintf(out, "  %s: ______________________________\n", phrases[P_NAME_TIME][language]);
}

void prl_readout_print(FILE *out, const json_t *notice, int first, int second)
{
	fprintf(out, "Read-out. The blanks are for what they read back: write what was said, not what was meant.\n");
	fprintf(out, "Phrases in fr, ru and ar: reviewed by nobody yet.\n");
	print_in(out, notice, first);
	if (second >= 0)
		print_in(out, notice, second);
}
