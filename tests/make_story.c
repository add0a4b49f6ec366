/* Writes the story of tests/support/story.h: FOLDER/us and FOLDER/ru, two nodes' folders, and FOLDER/us.export and
 * FOLDER/ru.export. The records in tests/fixtures/ were made by it, by the program of the version that they are named
 * after; they are never made again. */
#include "support/story.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	char path[300];
	story s;
	if (argc != 2) {
		fputs("usage: make_story FOLDER\n", stderr);
		return 2;
	}
	story_begin(&s, argv[1]);
	story_tell(&s);
	story_go_on(&s);
	snprintf(path, sizeof path, "%s/us.export", argv[1]);
	little_node_export(&s.us, path);
	snprintf(path, sizeof path, "%s/ru.export", argv[1]);
	little_node_export(&s.ru, path);
	story_end(&s);
	return 0;
}
