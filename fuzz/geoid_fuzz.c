/* Any bytes as a GTX grid; what is taken must answer everywhere with a height in range or with none. */
#include "geo/geoid.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* fmemopen() takes no const; the stream is read only. */
	union {
		const uint8_t *in;
		void *bytes;
	} input = { data };
	FILE *file = size ? fmemopen(input.bytes, size, "rb") : NULL;
	prl_geoid *geoid = NULL;
	if (file && prl_geoid_read(file, &geoid, NULL) == PRL_OK) {
		for (double lat = -90; lat <= 90; lat += 7.5)
			for (double lng = -180; lng <= 180; lng += 7.5) {
				double height = prl_geoid_height_m(geoid, (prl_latlng){ lat, lng });
				if (!isnan(height) && !(fabs(height) <= 200.001))
					abort();
			}
		prl_geoid_free(geoid);
	}
	if (file)
		fclose(file);
	return 0;
}
