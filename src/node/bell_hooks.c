/* What an operator has set to be told of each ring: a webhook, and a command (a siren, a telephone). One thread, so
 * that a hook that hangs holds up hooks only. */
#include "base/error.h"
#include "base/text.h"
#include "node/bell_inside.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAITING_MAX   64u /* rings that wait to be told; more are not told, the screens have them */
#define ARGUMENTS_MAX 32u

extern char **environ;

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

/* Hostile text goes into the environment only, cut, without control characters. */
static char *variable(const char *name, const char *value)
{
	char text[600];
	int length = snprintf(text, sizeof text, "%s=%.500s", name, value);
	for (int i = 0; i < length && i < (int)sizeof text - 1; i++)
		if ((unsigned char)text[i] < 32 || text[i] == 127)
			text[i] = ' ';
	return strdup(text);
}

static char **make_environment(const json_t *view)
{
	char step[12], again[12];
	size_t count = 0, added = 0;
	(void)snprintf(step, sizeof step, "%d", (int)json_integer_value(json_object_get(view, "step")));
	(void)snprintf(again, sizeof again, "%d", (int)json_integer_value(json_object_get(view, "again")));
	const char *const values[][2] = { { "PARLEY_CALL", text_in(view, "name") },
					  { "PARLEY_CLASS", text_in(view, "class") },
					  { "PARLEY_PARTY", text_in(view, "party") },
					  { "PARLEY_MODE", text_in(view, "mode") },
					  { "PARLEY_PLACE", text_in(view, "place") },
					  { "PARLEY_WORDS", text_in(view, "words") },
					  { "PARLEY_STEP", step },
					  { "PARLEY_AGAIN", again } };
	while (environ[count])
		count++;
	char **environment = calloc(count + sizeof values / sizeof *values + 1, sizeof *environment);
	for (; environment && added < sizeof values / sizeof *values; added++)
		environment[added] = variable(values[added][0], values[added][1]);
	for (size_t i = 0; environment && i < count; i++)
		environment[added + i] = strdup(environ[i]);
	return environment;
}

static void free_environment(char **environment)
{
	for (size_t i = 0; environment && environment[i]; i++)
		free(environment[i]);
	free(environment);
}

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
	(void)kill(-pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	if (is_stopping(bell))
		prl_bell_say(bell, "the ring command was ended with the node");
	else
		prl_bell_say(bell, "the ring command took over %d s and was ended", PRL_BELL_HOOK_S);
}

static void run(prl_bell *bell, const json_t *command, const json_t *view)
{
	char *arguments[ARGUMENTS_MAX + 1] = { 0 };
	pid_t pid;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t files;
	sigset_t none;
	for (size_t i = 0; i < json_array_size(command) && i < ARGUMENTS_MAX; i++)
		arguments[i] = (char *)(uintptr_t)json_string_value(json_array_get(command, i));
	char **environment = make_environment(view);
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawnattr_setpgroup(&attributes, 0);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	/* a siren that goes on by itself must not keep the port of a node that has gone */
	(void)posix_spawn_file_actions_addclosefrom_np(&files, 3);
	int failed =
		environment ? posix_spawn(&pid, arguments[0], &files, &attributes, arguments, environment) : ENOMEM;
	if (failed)
		prl_bell_say(bell, "the ring command %s did not start: %s", arguments[0], strerror(failed));
	else
		wait_for(bell, pid);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attributes);
	free_environment(environment);
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
