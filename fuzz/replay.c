/* Runs a fuzz target over the files of the folders and files named, once: the corpus as an ordinary test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return 1;
	}
	uint8_t *bytes = NULL;
	size_t size = 0, room = 0, got;
	do {
		if (size == room) {
			room = room ? 2 * room : 65536;
			bytes = realloc(bytes, room);
			if (!bytes)
				abort();
		}
		got = fread(bytes + size, 1, room - size, f);
		size += got;
	} while (got > 0);
	fclose(f);
	/* An exact copy, so that the sanitizer sees one byte read too far. */
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact)
		abort();
	memcpy(exact, bytes, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int files = 0, bad = 0;
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		if (!dir) {
			bad += run_file(argv[i]);
			files++;
			continue;
		}
		for (struct dirent *e; (e = readdir(dir));) {
			char path[4096];
			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			bad += run_file(path);
			files++;
		}
		closedir(dir);
	}
	printf("%s 1 - corpus of %d files\n", bad || !files ? "not ok" : "ok", files);
	return bad || !files;
}
