/* Child processes of the private cluster, as the user it belongs to. Inside of the room only. */
#ifndef WRIT_POSTGRES_PROCESS_H
#define WRIT_POSTGRES_PROCESS_H

#include "base/status.h"

#include <sys/types.h>

/* Whom children run as. PostgreSQL refuses to be root; nobody else changes. */
struct process_user {
    bool is_other; /* writd is root: children take uid and gid */
    uid_t uid;
    gid_t gid;
};

/* `name` NULL: postgres, else nobody. INTERNAL, logged, when a name is given that is not there. */
struct writ_result process_find_user(const char *name,
                                     struct process_user *ret_user) WRIT_MUST_CHECK;
/* Starts argv[0] with a plain environment, no descriptor of ours, output appended to `log_path`
 * (NULL: discarded), and a signal for when the calling *thread* ends (0: none). -1 on failure. */
pid_t process_start(const struct process_user *user, char *const argv[], const char *log_path,
                    int death_signal);
/* Runs it to its end; true for exit status 0. */
bool process_run(const struct process_user *user, char *const argv[], const char *log_path);
/* What it prints, at most size - 1 bytes of it, as the caller's own user; false unless status 0. */
bool process_read(char *const argv[], char *ret_text, size_t size);
/* Could the user change into the directory? */
bool process_can_enter(const struct process_user *user, const char *directory);
/* Ids of processes whose working directory is `directory` (absolute, resolved): a postmaster and
 * all its children have their data directory as such. Returns how many, fills at most `limit`. */
size_t process_find_in(const char *directory, pid_t *ret_ids, size_t limit);

#endif
