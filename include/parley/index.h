/** @file index.h  placeholder, being written */
