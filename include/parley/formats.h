/** @file formats.h  being written */
