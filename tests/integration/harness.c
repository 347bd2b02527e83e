#include "harness.h"

#include "client.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <mntent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Every environment has one issuer; both processes of a pair speak for it. */
#define ISSUER "http://writ.test"

struct postgres shared_postgres;
struct server first_server;
struct server second_server;

static char run_root[PATH_CAP];

/* check's assertions are for tests alone; servers are started and stopped around them too. */
void must(bool good, const char *format, ...)
{
    if (good)
        return;
    va_list arguments;
    va_start(arguments, format);
    fputs("integration: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(EXIT_FAILURE);
}

double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void sleep_s(double seconds)
{
    struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

bool run_is_fast(void)
{
    const char *fast = getenv("WRIT_TEST_FAST");
    return fast && strcmp(fast, "1") == 0;
}

static bool has_room(const char *directory)
{
    static const uint64_t WANTED_BYTES = UINT64_C(4) << 30;
    struct statvfs there;
    return access(directory, W_OK) == 0 && statvfs(directory, &there) == 0 &&
           (uint64_t)there.f_bavail * there.f_frsize >= WANTED_BYTES;
}

void run_start(bool on_disk)
{
    static const char MEMORY[] = "/dev/shm";
    snprintf(run_root, sizeof run_root, "%s/writ-it.XXXXXX",
             !on_disk && has_room(MEMORY) ? MEMORY : "/tmp");
    if (!mkdtemp(run_root) || chmod(run_root, 0755) != 0) {
        perror(run_root);
        exit(EXIT_FAILURE);
    }
}

/* A PostgreSQL that a test left behind: its pid is in a file beneath our own directory. */
static int end_postmaster(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    if (type != FTW_F || strcmp(path + place->base, "postmaster.pid") != 0)
        return 0;
    FILE *file = fopen(path, "r");
    char line[32] = "";
    if (!file)
        return 0;
    if (fgets(line, sizeof line, file)) {
        const pid_t pid = (pid_t)strtol(line, NULL, 10);
        if (pid > 1)
            kill(pid, SIGCONT); /* it may be frozen */
        for (int i = 0; pid > 1 && kill(pid, i < 100 ? SIGQUIT : SIGKILL) == 0 && i < 120; i++)
            sleep_s(0.05);
    }
    fclose(file);
    return 0;
}

static int delete_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

bool run_disk(const char *name, int size_mib, char ret_path[static PATH_CAP])
{
    char size[32];
    run_directory(name, ret_path);
    snprintf(size, sizeof size, "size=%dm,mode=755", size_mib);
    if (mount("tmpfs", ret_path, "tmpfs", MS_NOSUID | MS_NODEV, size) == 0)
        return true;
    printf("no disk of one's own here: mount: %s\n", strerror(errno));
    return false;
}

static void unmount_disks(void)
{
    FILE *mounts = setmntent("/proc/self/mounts", "r");
    for (struct mntent *entry; mounts && (entry = getmntent(mounts));)
        if (strncmp(entry->mnt_dir, run_root, strlen(run_root)) == 0)
            umount2(entry->mnt_dir, MNT_DETACH);
    if (mounts)
        endmntent(mounts);
}

void run_end(void)
{
    nftw(run_root, end_postmaster, 16, FTW_PHYS);
    unmount_disks();
    if (getenv("WRIT_TEST_KEEP"))
        fprintf(stderr, "integration: kept %s\n", run_root);
    else
        nftw(run_root, delete_one, 16, FTW_PHYS | FTW_DEPTH);
}

void run_directory(const char *name, char ret_path[static PATH_CAP])
{
    static int count;
    for (;;) {
        snprintf(ret_path, PATH_CAP, "%.60s/%.40s%d", run_root, name, count++);
        if (mkdir(ret_path, 0755) == 0)
            return;
        must(errno == EEXIST, "%s: %s", ret_path, strerror(errno));
    }
}

static pid_t spawn(const char *const *arguments, int output, int errors)
{
    char *copy[64];
    size_t count = 0;
    for (; arguments[count]; count++) {
        must(count < 63, "%s", strerror(errno));
        copy[count] = strdup(arguments[count]);
    }
    copy[count] = NULL;
    const pid_t pid = fork();
    must(pid >= 0, "%s", strerror(errno));
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int nothing = open("/dev/null", O_RDONLY);
        dup2(nothing, STDIN_FILENO);
        dup2(output, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        for (int fd = 3; fd < 256; fd++)
            close(fd);
        execvp(copy[0], copy);
        fprintf(stderr, "%s: %s\n", copy[0], strerror(errno));
        _exit(127);
    }
    for (size_t i = 0; i < count; i++)
        free(copy[i]);
    return pid;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        must(errno == EINTR, "waitpid: %s", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_program(char *ret_output, size_t size, const char *const *arguments)
{
    if (!ret_output)
        return wait_for(spawn(arguments, STDOUT_FILENO, STDERR_FILENO));
    int ends[2];
    must(pipe2(ends, O_CLOEXEC) == 0, "%s", strerror(errno));
    const pid_t pid = spawn(arguments, ends[1], ends[1]);
    close(ends[1]);
    size_t used = 0;
    char spill[512];
    for (;;) {
        const bool full = used + 1 >= size;
        const ssize_t got = full ? read(ends[0], spill, sizeof spill)
                                 : read(ends[0], ret_output + used, size - 1 - used);
        if (got <= 0)
            break;
        used += full ? 0 : (size_t)got;
    }
    close(ends[0]);
    ret_output[used] = '\0';
    while (used > 0 && ret_output[used - 1] == '\n')
        ret_output[--used] = '\0';
    return wait_for(pid);
}

pid_t run_spawn(const char *const *arguments)
{
    return spawn(arguments, STDOUT_FILENO, STDERR_FILENO);
}

int run_end_program(pid_t pid, int signal_number)
{
    kill(pid, signal_number);
    return wait_for(pid);
}

int run_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    must(descriptor >= 0, "%s", strerror(errno));
    must(bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0, "%s", strerror(errno));
    must(getsockname(descriptor, (struct sockaddr *)&address, &size) == 0, "%s", strerror(errno));
    close(descriptor);
    return ntohs(address.sin_port);
}

/* ---- writd ----------------------------------------------------------------------------------- */

bool server_wait_ready(const struct server *server, double timeout_s)
{
    struct client client;
    client_init(&client, server->url, NULL, NULL);
    const double end = seconds_now() + timeout_s;
    bool ready = false;
    while (!ready && seconds_now() < end) {
        ready = get(&client, "/readyz").status == 200;
        if (!ready) {
            if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
                break;
            sleep_s(0.02);
        }
    }
    client_done(&client);
    return ready;
}

static void print_log(const struct server *server)
{
    char path[PATH_CAP + 16];
    char output[4096];
    snprintf(path, sizeof path, "%s/writd.log", server->dir);
    const char *const arguments[] = {"tail", "-n", "60", path, NULL};
    run_program(output, sizeof output, arguments);
    fprintf(stderr, "%s:\n%s\n", path, output);
}

void server_launch(struct server *server)
{
    char path[PATH_CAP + 16];
    char listen[64];
    snprintf(path, sizeof path, "%s/writd.log", server->dir);
    snprintf(listen, sizeof listen, "127.0.0.1:%d", server->port);
    /* Another build of it, for tests/history/run. */
    const char *another = getenv("WRIT_TEST_WRITD");
    const char *arguments[32] = {another ? another : WRITD,
                                 "--data-dir",
                                 server->dir,
                                 "--listen",
                                 listen,
                                 "--issuer-url",
                                 ISSUER,
                                 NULL};
    size_t count = 7;
    if (server->database[0]) {
        arguments[count++] = "--database";
        arguments[count++] = server->database;
    }
    for (size_t i = 0; server->flags[i]; i++)
        arguments[count++] = server->flags[i];
    const int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    must(log >= 0, "%s", strerror(errno));
    server->pid = spawn(arguments, log, log);
    close(log);
}

static void launch(struct server *server)
{
    server_launch(server);
    if (!server_wait_ready(server, 60)) {
        print_log(server);
        must(false, "%s is not ready", server->url);
    }
}

static void set_up(struct server *server, const char *name, const char *database,
                   const char *const *flags)
{
    *server = (struct server){0};
    run_directory(name, server->dir);
    server->port = run_port();
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
    snprintf(server->database, sizeof server->database, "%s", database);
    for (size_t i = 0; flags && flags[i]; i++) {
        must(i < 15, "%s", strerror(errno));
        server->flags[i] = flags[i];
    }
}

static void read_admin(struct server *server)
{
    char path[PATH_CAP + 16];
    char text[1024] = "";
    const struct writ_json *json = NULL;
    snprintf(path, sizeof path, "%s/admin.json", server->dir);
    struct stat status;
    must(stat(path, &status) == 0, "%s: %s", path, strerror(errno));
    must((status.st_mode & 077) == 0, "%s is readable by others", path);
    FILE *file = fopen(path, "r");
    must(file != NULL, "%s", strerror(errno));
    const size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    must(writ_is_ok(writ_json_parse(scratch(), writ_slice_of(text, size), &json)), "%s",
         strerror(errno));
    snprintf(server->admin_id, sizeof server->admin_id, "%.*s",
             WRIT_SLICE_ARGS(writ_json_text(at(json, "client_id"))));
    snprintf(server->admin_secret, sizeof server->admin_secret, "%.*s",
             WRIT_SLICE_ARGS(writ_json_text(at(json, "client_secret"))));
    must(server->admin_id[0] && server->admin_secret[0], "%s: %s", path, text);
}

void server_start(struct server *server, const char *name, const struct postgres *postgres,
                  const char *const *flags)
{
    set_up(server, name, postgres ? postgres->url : "", flags);
    launch(server);
    read_admin(server);
}

void server_prepare_beside(struct server *server, const char *name, const struct server *first,
                           const char *const *flags)
{
    char command[PATH_CAP * 2 + 64];
    set_up(server, name, first->database, flags ? flags : (const char *const *)first->flags);
    /* The same master and issuer key, as an operator of two replicas would place them. */
    snprintf(command, sizeof command, "cp -p '%s'/*.key '%s'/", first->dir, server->dir);
    const char *const arguments[] = {"sh", "-c", command, NULL};
    must(run_program(NULL, 0, arguments) == 0, "%s", strerror(errno));
    snprintf(server->admin_id, sizeof server->admin_id, "%s", first->admin_id);
    snprintf(server->admin_secret, sizeof server->admin_secret, "%s", first->admin_secret);
}

void server_start_beside(struct server *server, const char *name, const struct server *first,
                         const char *const *flags)
{
    server_prepare_beside(server, name, first, flags);
    launch(server);
}

void server_restart(struct server *server)
{
    launch(server);
}

int server_stop(struct server *server)
{
    must(server->pid > 0, "%s", strerror(errno));
    kill(server->pid, SIGTERM);
    const int status = wait_for(server->pid);
    server->pid = 0;
    if (status != 0)
        print_log(server); /* a sanitizer's report, perhaps */
    return status;
}

void server_kill(struct server *server)
{
    must(server->pid > 0, "%s", strerror(errno));
    kill(server->pid, SIGKILL);
    wait_for(server->pid);
    server->pid = 0;
}

long process_descriptors(pid_t pid)
{
    char path[64];
    long count = -2; /* . and .. */
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    must(dir != NULL, "%s: %s", path, strerror(errno));
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

long process_descriptors_await(pid_t pid, long wanted, double timeout_s)
{
    const double end = seconds_now() + timeout_s;
    while (process_descriptors(pid) > wanted && seconds_now() < end)
        sleep_s(0.02);
    return process_descriptors(pid);
}

long process_resident_bytes(pid_t pid)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "r");
    must(file != NULL, "%s: %s", path, strerror(errno));
    must(fscanf(file, "%*d %ld", &pages) == 1, "%s: no second number", path);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}
