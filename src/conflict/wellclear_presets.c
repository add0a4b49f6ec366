/* Published volumes. Thresholds are written as unit conversions and not as metres: 0.66 * 1852 in doubles is
 * 1222.3200000000002, and that is the number which the reference configurations carry. */
#include <parley/wellclear.h>

#include <strings.h>

#define FT(x)    ((x)*0.3048)
#define NM(x)    ((x)*1852.0)
#define TAUMOD   PRL_WELLCLEAR_TAUMOD
#define CYLINDER PRL_WELLCLEAR_CYLINDER

/* One volume a pair of lines. */
/* clang-format off */
static const prl_wellclear_named presets[] = {
	{ "do365b-preventive", "DO-365B Phase I, en route, preventive alert: 0.66 NM, 700 ft, 35 s",
	  { TAUMOD, NM(0.66), FT(700), 35, 0 }, 55, 75 },
	{ "do365b-corrective", "DO-365B Phase I, en route, corrective alert: 0.66 NM, 450 ft, 35 s",
	  { TAUMOD, NM(0.66), FT(450), 35, 0 }, 55, 75 },
	{ "do365b-warning", "DO-365B Phase I, en route, warning alert: 0.66 NM, 450 ft, 35 s",
	  { TAUMOD, NM(0.66), FT(450), 35, 0 }, 25, 55 },
	{ "do365b-terminal", "DO-365B Phase II, terminal area: 1500 ft, 450 ft",
	  { TAUMOD, FT(1500), FT(450), 0, 0 }, 45, 75 },
	{ "do365b-non-cooperative", "DO-365B, non-cooperative intruder, corrective alert: 2200 ft, 450 ft",
	  { TAUMOD, FT(2200), FT(450), 0, 0 }, 55, 110 },
	{ "do365b-non-cooperative-warning", "DO-365B, non-cooperative intruder, warning alert: 2200 ft, 450 ft",
	  { TAUMOD, FT(2200), FT(450), 0, 0 }, 25, 90 },
	{ "buffered-preventive", "buffered (SC-228 nominal a and b), preventive alert: 1 NM, 750 ft, 35 s, 20 s",
	  { TAUMOD, NM(1), FT(750), 35, 20 }, 0, 0 },
	{ "buffered-a", "buffered (SC-228 nominal a): 1 NM, 450 ft, 35 s, 20 s",
	  { TAUMOD, NM(1), FT(450), 35, 20 }, 0, 0 },
	{ "buffered-b", "buffered (SC-228 nominal b; the volume is that of a): 1 NM, 450 ft, 35 s, 20 s",
	  { TAUMOD, NM(1), FT(450), 35, 20 }, 0, 0 },
	{ "cd3d", "CD3D, en-route separation: open cylinder of 5 NM, 1000 ft",
	  { CYLINDER, NM(5), FT(1000), 0, 0 }, 0, 0 },
	{ "nmac", "near mid-air collision: open cylinder of 500 ft, 100 ft",
	  { CYLINDER, FT(500), FT(100), 0, 0 }, 0, 0 },
	{ "f3442", "ASTM F3442, small unmanned against crewed: 2000 ft, 250 ft",
	  { TAUMOD, FT(2000), FT(250), 0, 0 }, 0, 0 },
};
/* clang-format on */

const prl_wellclear_named *prl_wellclear_preset_at(size_t n)
{
	return n < sizeof presets / sizeof *presets ? &presets[n] : NULL;
}

const prl_wellclear_named *prl_wellclear_preset(const char *name)
{
	const prl_wellclear_named *preset;
	for (size_t n = 0; (preset = prl_wellclear_preset_at(n)); n++)
		if (!strcasecmp(preset->name, name))
			return preset;
	return NULL;
}
