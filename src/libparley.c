/* The shared library is made of the layers; this file only gives the linker a translation unit of its own. */
#include <parley/parley.h>
