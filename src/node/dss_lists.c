#include "node/dss_lists.h"

#include "base/error.h"

#include <pthread.h>
#include <stdlib.h>

struct prl_dss_lists {
	pthread_mutex_t lock;
	pthread_cond_t added;
	pthread_t thread;
	bool stop;
	prl_dss_listing *first, **last;
};

static void make(prl_dss_listing *list)
{
	prl_error err;
	list->answer = PRL_BUFFER(PRL_DSS_ANSWER_MAX);
	bool whole = prl_dss_answer_later(&list->look, list->request, &list->answer, &err) == PRL_OK;
	prl_registry_unpin(&list->look);
	list->done(list, whole);
}

static void *run(void *context)
{
	prl_dss_lists *lists = context;
	(void)pthread_mutex_lock(&lists->lock);
	while (lists->first || !lists->stop) {
		prl_dss_listing *list = lists->first;
		if (!list) {
			(void)pthread_cond_wait(&lists->added, &lists->lock);
			continue;
		}
		lists->first = list->next;
		if (!lists->first)
			lists->last = &lists->first;
		(void)pthread_mutex_unlock(&lists->lock);
		make(list);
		(void)pthread_mutex_lock(&lists->lock);
	}
	(void)pthread_mutex_unlock(&lists->lock);
	return NULL;
}

prl_status prl_dss_lists_start(prl_dss_lists **ret, prl_error *err)
{
	prl_dss_lists *lists = calloc(1, sizeof *lists);
	if (!lists)
		return prl_error_memory(err);
	lists->last = &lists->first;
	(void)pthread_mutex_init(&lists->lock, NULL);
	(void)pthread_cond_init(&lists->added, NULL);
	if (pthread_create(&lists->thread, NULL, run, lists)) {
		(void)pthread_cond_destroy(&lists->added);
		(void)pthread_mutex_destroy(&lists->lock);
		free(lists);
		return prl_error_set(err, PRL_E_MEMORY, "no thread for long lists");
	}
	*ret = lists;
	return PRL_OK;
}

void prl_dss_lists_stop(prl_dss_lists *lists)
{
	if (!lists)
		return;
	(void)pthread_mutex_lock(&lists->lock);
	lists->stop = true;
	(void)pthread_cond_broadcast(&lists->added);
	(void)pthread_mutex_unlock(&lists->lock);
	(void)pthread_join(lists->thread, NULL);
	(void)pthread_cond_destroy(&lists->added);
	(void)pthread_mutex_destroy(&lists->lock);
	free(lists);
}

void prl_dss_lists_add(prl_dss_lists *lists, prl_dss_listing *list)
{
	list->next = NULL;
	(void)pthread_mutex_lock(&lists->lock);
	*lists->last = list;
	lists->last = &list->next;
	(void)pthread_cond_signal(&lists->added);
	(void)pthread_mutex_unlock(&lists->lock);
}
