/*
 * What every public header begins with. These headers include each other by their place beside
 * one another, so that they work in this tree and wherever they are installed.
 */
#ifndef WRIT_BASE_API_H
#define WRIT_BASE_API_H

/* A function of the public interface; every other one is hidden. */
#define WRIT_API __attribute__((visibility("default")))
/* A result that must be looked at. */
#define WRIT_MUST_CHECK __attribute__((warn_unused_result))

/* WRIT_AT_LEAST(32), of a parameter: an array of 32 or more, which C can say and C++ can not. */
#ifdef __cplusplus
#define WRIT_AT_LEAST(count)
#define WRIT_BEGIN_DECLARATIONS extern "C" {
#define WRIT_END_DECLARATIONS }
#else
#define WRIT_AT_LEAST(count) static count
#define WRIT_BEGIN_DECLARATIONS
#define WRIT_END_DECLARATIONS
#endif

#endif
