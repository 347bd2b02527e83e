/*
 * writd maintain: makes partitions ahead and lets go of what is past retention. Run by a timer; the
 * service has no right to do it. It may be run at any time, by two at once, and be killed.
 */
#ifndef WRIT_SERVICE_MAINTAIN_H
#define WRIT_SERVICE_MAINTAIN_H

/* argv[1] is "maintain". Returns what main returns: success when all was done. */
int maintain_main(int argc, char *argv[]);

#endif
