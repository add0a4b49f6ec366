/* What a trajectory is inside, for the layers that solve on it. */
#ifndef PRL_GEO_TRAJECTORY_H
#define PRL_GEO_TRAJECTORY_H

#include <parley/geo.h>

/*
 * Invariants: count >= 1; samples[].time strictly rises and is never PRL_TIME_OPEN_START or PRL_TIME_OPEN_END;
 * latitudes in [-90, 90], all numbers finite. lng_deg[i] is samples[i].lng_deg plus a whole number of turns, chosen so
 * that no step is longer than 180°: between two samples longitude is plainly linear in time. lng_deg[0] is in
 * [-180, 180]; later ones may lie outside it (two turns of the earth end near ±720). Adding 360 k to a longitude rounds
 * by at most 2^-44 degrees (6 nm) for |k| <= 1 and doubles its error with each doubling of k.
 */
struct prl_trajectory {
	prl_sample *samples; /* as given */
	double *lng_deg;     /* unwrapped */
	size_t count;
	prl_datum datum;
};

/* Altitudes of samples: deeper than any sea, and up to where nothing is an aircraft any more. Metres. */
#define PRL_SAMPLE_ALTITUDE_LOW_M (-12000.0)
#define PRL_SAMPLE_ALTITUDE_HIGH_M 1000000.0
/* Most that a sample may be off, metres. */
#define PRL_SAMPLE_ERROR_HIGH_M 1000000.0

#endif
