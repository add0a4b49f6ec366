/** @file parley.h  All of libparley. */
#ifndef PARLEY_PARLEY_H
#define PARLEY_PARLEY_H
#include "advise.h"
#include "base.h"
#include "conflict.h"
#include "formats.h"
#include "geo.h"
#include "index.h"
#include "notation.h"
#include "wellclear.h"
#endif
