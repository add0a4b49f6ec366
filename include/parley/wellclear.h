/** @file wellclear.h  being written */
