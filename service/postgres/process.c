#include "postgres/process.h"

#include "log.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const ENVIRONMENT[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC",
                                    NULL};

struct writ_result process_find_user(const char *name, struct process_user *ret_user)
{
    *ret_user = (struct process_user){.uid = geteuid(), .gid = getegid()};
    if (geteuid() != 0)
        return WRIT_SUCCESS;
    const struct passwd *entry = getpwnam(name ? name : "postgres");
    if (!entry && !name)
        entry = getpwnam("nobody");
    if (!entry || entry->pw_uid == 0) {
        log_error("postgres_user_refused", LOG_TEXT("user", name ? name : "postgres"),
                  LOG_TEXT("error", entry ? "PostgreSQL does not run as root" : "no such user"));
        return WRIT_FAILURE(INTERNAL);
    }
    *ret_user = (struct process_user){true, entry->pw_uid, entry->pw_gid};
    return WRIT_SUCCESS;
}

/* --- in the child: only what is safe between fork and exec of a program with threads ---------- */

static bool become(const struct process_user *user)
{
    if (!user->is_other)
        return true;
    return setgroups(0, NULL) == 0 && setgid(user->gid) == 0 && setuid(user->uid) == 0;
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
}

static _Noreturn void execute(const struct process_user *user, char *const argv[], int output,
                              int death_signal, pid_t parent)
{
    const int input = open("/dev/null", O_RDWR);
    dup2(input, STDIN_FILENO);
    dup2(output >= 0 ? output : input, STDOUT_FILENO);
    dup2(output >= 0 ? output : input, STDERR_FILENO);
    close_range(3, ~0U, 0);
    reset_signals();
    setsid(); /* Ctrl-C in the terminal is for writd, which ends its cluster in its own time */
    if (!become(user))
        _exit(126);
    /* After the change of user, which clears it; and the parent may have died meanwhile. */
    if (death_signal != 0 && (prctl(PR_SET_PDEATHSIG, death_signal) != 0 || getppid() != parent))
        _exit(126);
    execve(argv[0], argv, ENVIRONMENT);
    _exit(127);
}

/* --- in the parent ---------------------------------------------------------------------------- */

static int open_log(const struct process_user *user, const char *path)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file >= 0 && user->is_other && fchown(file, user->uid, user->gid) != 0)
        log_warn("log_not_owned", LOG_TEXT("path", path), LOG_TEXT("error", strerror(errno)));
    return file;
}

static pid_t start(const struct process_user *user, char *const argv[], int output,
                   int death_signal)
{
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0)
        execute(user, argv, output, death_signal, parent);
    if (child < 0)
        log_error("fork_failed", LOG_TEXT("program", argv[0]), LOG_TEXT("error", strerror(errno)));
    return child;
}

pid_t process_start(const struct process_user *user, char *const argv[], const char *log_path,
                    int death_signal)
{
    const int output = log_path ? open_log(user, log_path) : -1;
    const pid_t child = start(user, argv, output, death_signal);
    if (output >= 0)
        close(output);
    return child;
}

static bool wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool process_run(const struct process_user *user, char *const argv[], const char *log_path)
{
    const pid_t child = process_start(user, argv, log_path, SIGKILL);
    return child > 0 && wait_for(child);
}

bool process_read(char *const argv[], char *ret_text, size_t size)
{
    const struct process_user self = {.is_other = false};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    const pid_t child = start(&self, argv, ends[1], SIGKILL);
    close(ends[1]);
    size_t used = 0;
    ssize_t got = 0;
    while (used + 1 < size && (got = read(ends[0], ret_text + used, size - 1 - used)) > 0)
        used += (size_t)got;
    ret_text[used] = 0;
    close(ends[0]);
    return child > 0 && wait_for(child);
}

bool process_can_enter(const struct process_user *user, const char *directory)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(become(user) && chdir(directory) == 0 ? 0 : 1);
    return child > 0 && wait_for(child);
}

size_t process_find_in(const char *directory, pid_t *ret_ids, size_t limit)
{
    size_t count = 0;
    DIR *processes = opendir("/proc");
    if (!processes)
        return 0;
    for (const struct dirent *entry; (entry = readdir(processes));) {
        char path[64];
        char target[PATH_MAX];
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/cwd", entry->d_name);
        const ssize_t size = readlink(path, target, sizeof target - 1);
        if (size <= 0)
            continue;
        target[size] = 0;
        if (strcmp(target, directory) != 0)
            continue;
        if (count < limit)
            ret_ids[count] = (pid_t)strtol(entry->d_name, NULL, 10);
        count++;
    }
    closedir(processes);
    return count;
}
