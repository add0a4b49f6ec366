/** @file notation.h  being written */
