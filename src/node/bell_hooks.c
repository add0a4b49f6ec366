/* What an operator has set to be told of each ring: a webhook, and a command (a siren, a telephone). One thread, so
 * that a hook that hangs holds up hooks only. */
#include "base/error.h"
#include "base/process.h"
#include "base/text.h"
#include "node/bell_inside.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define WAITING_MAX   64u /* rings that wait to be told; more are not told, the screens have them */
#define ARGUMENTS_MAX 32u
#define VALUE_MAX     500 /* bytes of a value of its environment */

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "not stated";
}

static bool is_unverified(const json_t *view)
{
	return json_is_string(json_object_get(view, "unverified"));
}

static bool is_again(const json_t *view)
{
	return json_integer_value(json_object_get(view, "again")) > 0;
}

/* Which of what waits goes first for another: what rings again, the newest of it, then what does not hold. SIZE_MAX:
 * none. */
static size_t least_of(const json_t *hooks, const json_t *for_this)
{
	const json_t *one;
	size_t i, again = SIZE_MAX, doubtful = SIZE_MAX;
	json_array_foreach(hooks, i, one)
	{
		if (is_again(one))
			again = i;
		if (is_unverified(one))
			doubtful = i;
	}
	if (is_again(for_this))
		return is_unverified(for_this) ? SIZE_MAX : doubtful;
	return again < SIZE_MAX ? again : is_unverified(for_this) ? SIZE_MAX : doubtful;
}

/* Behind all that waits; what rings for the first time, or at a further step, before what rings again. */
static void wait_in_turn(json_t *hooks, json_t *view)
{
	size_t at = json_array_size(hooks);
	while (!is_again(view) && at && is_again(json_array_get(hooks, at - 1)))
		at--;
	(void)json_array_insert_new(hooks, at, view);
}

/* In the place of what waits of the same call; where too many wait, in that of another, or not at all. */
static void queue_up(json_t *hooks, json_t *view)
{
	const json_t *one;
	size_t i;
	json_array_foreach(hooks, i, one)
	{
		if (json_equal(json_object_get(one, "rung_as"), json_object_get(view, "rung_as"))) {
			(void)json_array_set_new(hooks, i, view);
			return;
		}
	}
	size_t least = json_array_size(hooks) < WAITING_MAX ? SIZE_MAX : least_of(hooks, view);
	if (json_array_size(hooks) == WAITING_MAX && least == SIZE_MAX) {
		json_decref(view);
		return;
	}
	if (least < SIZE_MAX)
		(void)json_array_remove(hooks, least);
	wait_in_turn(hooks, view);
}

void prl_bell_tell_hooks(prl_bell *bell, const prl_bell_item *item)
{
	if (!bell->hook_started || strcmp(text_in(item->call, "mode"), "TEST") == 0)
		return;
	prl_version version = prl_picture_pin(bell->parts.picture);
	json_t *view = prl_bell_view(bell, version, item);
	prl_picture_unpin(bell->parts.picture, version);
	if (view)
		queue_up(bell->hooks, view);
}

/* ---- a webhook --------------------------------------------------------------------------------------------------- */

static size_t swallow(char *bytes, size_t size, size_t count, void *context)
{
	(void)bytes, (void)context;
	return size * count;
}

static void post(prl_bell *bell, const char *url, const json_t *view)
{
	char *text = json_dumps(view, JSON_COMPACT);
	CURL *curl = curl_easy_init();
	struct curl_slist *type = curl_slist_append(NULL, "Content-Type: application/json");
	CURLcode code = CURLE_OUT_OF_MEMORY;
	long status = 0;
	if (text && curl) {
		(void)curl_easy_setopt(curl, CURLOPT_URL, url);
		(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
		(void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, type);
		(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
		(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)PRL_BELL_HOOK_S);
		(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
		code = curl_easy_perform(curl);
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	}
	if (code != CURLE_OK)
		prl_bell_say(bell, "the webhook was not told of a ring: %s", curl_easy_strerror(code));
	else if (status < 200 || status > 299)
		prl_bell_say(bell, "the webhook answered a ring with %ld", status);
	curl_slist_free_all(type);
	curl_easy_cleanup(curl);
	free(text);
}

/* ---- a command --------------------------------------------------------------------------------------------------- */

static bool is_stopping(prl_bell *bell)
{
	(void)pthread_mutex_lock(&bell->lock);
	bool stop = bell->stop;
	(void)pthread_mutex_unlock(&bell->lock);
	return stop;
}

/* The command's group is ended with it when it takes too long, or when the node stops. */
static void wait_for(prl_bell *bell, pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	int status = 0;
	for (unsigned i = 0; i < PRL_BELL_HOOK_S * 50 && !is_stopping(bell); i++) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			if (status)
				prl_bell_say(bell, "the ring command ended with %d",
					     WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
			return;
		}
		(void)nanosleep(&pause, NULL);
	}
	prl_process_end(pid);
	if (is_stopping(bell))
		prl_bell_say(bell, "the ring command was ended with the node");
	else
		prl_bell_say(bell, "the ring command took over %d s and was ended", PRL_BELL_HOOK_S);
}

static void run_in(prl_bell *bell, const char *const *arguments, const prl_process_variable *variables, size_t count)
{
	const prl_process process = { arguments, variables, count, PRL_PROCESS_OURS };
	prl_error err;
	pid_t pid;
	if (prl_process_start(&process, &pid, &err))
		prl_bell_say(bell, "the ring command: %s", err.text);
	else
		wait_for(bell, pid);
}

/* Hostile text goes into the environment only, cut. */
static void run(prl_bell *bell, const json_t *command, const json_t *view)
{
	static const char *const texts[][2] = { { "PARLEY_CALL", "name" },   { "PARLEY_CLASS", "class" },
						{ "PARLEY_PARTY", "party" }, { "PARLEY_MODE", "mode" },
						{ "PARLEY_PLACE", "place" }, { "PARLEY_WORDS", "words" } };
	static const char *const numbers[][2] = { { "PARLEY_STEP", "step" }, { "PARLEY_AGAIN", "again" } };
	enum { TEXTS = sizeof texts / sizeof *texts, COUNT = TEXTS + sizeof numbers / sizeof *numbers };
	const char *arguments[ARGUMENTS_MAX + 1] = { 0 };
	char values[COUNT][VALUE_MAX + 1];
	prl_process_variable variables[COUNT];
	for (size_t i = 0; i < json_array_size(command) && i < ARGUMENTS_MAX; i++)
		arguments[i] = json_string_value(json_array_get(command, i));
	for (size_t i = 0; i < COUNT; i++) {
		const char *const *named = i < TEXTS ? texts[i] : numbers[i - TEXTS];
		if (i < TEXTS)
			(void)snprintf(values[i], sizeof values[i], "%s", text_in(view, named[1]));
		else
			(void)snprintf(values[i], sizeof values[i], "%d",
				       (int)json_integer_value(json_object_get(view, named[1])));
		variables[i] = (prl_process_variable){ named[0], values[i] };
	}
	run_in(bell, arguments, variables, COUNT);
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

static void *hook_run(void *context)
{
	prl_bell *bell = context;
	const char *url = json_string_value(json_object_get(bell->parts.ring, "webhook"));
	const json_t *command = json_object_get(bell->parts.ring, "command");
	(void)pthread_mutex_lock(&bell->lock);
	for (;;) {
		while (!bell->stop && !json_array_size(bell->hooks))
			(void)pthread_cond_wait(&bell->changed, &bell->lock);
		if (bell->stop)
			break;
		json_t *view = json_incref(json_array_get(bell->hooks, 0));
		(void)json_array_remove(bell->hooks, 0);
		(void)pthread_mutex_unlock(&bell->lock);
		if (command)
			run(bell, command, view);
		if (url)
			post(bell, url, view);
		json_decref(view);
		(void)pthread_mutex_lock(&bell->lock);
	}
	(void)pthread_mutex_unlock(&bell->lock);
	return NULL;
}

static prl_status check(const json_t *ring, prl_error *err)
{
	const json_t *url = json_object_get(ring, "webhook"), *command = json_object_get(ring, "command"), *one;
	size_t i;
	if (url && !json_is_string(url))
		return prl_error_set(err, PRL_E_SYNTAX, "node.json: ring.webhook: expected an address");
	if (command &&
	    (!json_is_array(command) || !json_array_size(command) || json_array_size(command) > ARGUMENTS_MAX))
		return prl_error_set(
			err, PRL_E_SYNTAX,
			"node.json: ring.command: expected a list of a program's path and up to %u arguments",
			ARGUMENTS_MAX - 1);
	json_array_foreach(command, i, one)
	{
		if (!json_is_string(one))
			return prl_error_set(err, PRL_E_SYNTAX, "node.json: ring.command: expected texts");
	}
	return PRL_OK;
}

prl_status prl_bell_hooks_start(prl_bell *bell, prl_error *err)
{
	const json_t *ring = bell->parts.ring;
	prl_status status = check(ring, err);
	bell->hooks = json_array();
	if (status || !bell->hooks || (!json_object_get(ring, "webhook") && !json_object_get(ring, "command")))
		return status;
	bell->hook_started = pthread_create(&bell->hook, NULL, hook_run, bell) == 0;
	return bell->hook_started ? PRL_OK : prl_error_set(err, PRL_E_MEMORY, "no thread for the hooks of the bell");
}

void prl_bell_hooks_stop(prl_bell *bell)
{
	if (bell->hook_started)
		(void)pthread_join(bell->hook, NULL);
	json_decref(bell->hooks);
}
