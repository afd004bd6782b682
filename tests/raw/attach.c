/* attach.c - other programs find a running lab and run in its network, with the rights that tcpdump needs. */
#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

enum { NAME = 256 };

static char runtime[] = "/tmp/twomsl-test-XXXXXX";

typedef struct Lab {
    pid_t pid, holder;
} Lab;

/* A lab in a process of its own, announced, as the program does it. */
static Lab lab_start(void) {
    int ends[2];
    Lab lab = {.holder = -1};
    assert_int_equal(pipe(ends), 0);
    lab.pid = fork();
    if (lab.pid == 0) {
        RawRefusal refusal;
        signal(SIGTERM, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        RawWire *raw = raw_open(&refusal);
        pid_t holder = raw && lab_announce(raw_holder(raw)) ? raw_holder(raw) : -1;
        if (write(ends[1], &holder, sizeof holder) < 0) _exit(1);
        for (;;) pause();
    }
    assert_int_equal(read(ends[0], &lab.holder, sizeof lab.holder), sizeof lab.holder);
    close(ends[0]);
    close(ends[1]);
    assert_true(lab.holder > 0);
    return lab;
}

static void lab_kill(Lab lab) {
    kill(lab.pid, SIGKILL);
    waitpid(lab.pid, NULL, 0);
    char path[NAME];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)lab.holder);
    for (int i = 0; i < 400 && access(path, F_OK) == 0; i++) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

static int announcements(const char *directory) {
    int count = 0;
    DIR *folder = opendir(directory);
    if (!folder) return 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) count += strncmp(entry->d_name, "lab-", 4) == 0;
    closedir(folder);
    return count;
}

/* ---- Finding ---- */

static void the_newest_running_lab_is_found(void **state) {
    (void)state;
    char folder[NAME];
    RawRefusal refusal;
    snprintf(folder, sizeof folder, "%s/twomsl", runtime);
    Lab first = lab_start();
    assert_int_equal(lab_find(&refusal), first.holder);
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL); /* the file system's clock has ticked */
    Lab second = lab_start();
    assert_int_equal(lab_find(&refusal), second.holder);
    assert_int_equal(announcements(folder), 2);
    lab_kill(second);
    assert_int_equal(lab_find(&refusal), first.holder);
    assert_int_equal(announcements(folder), 1); /* the file of the ended one is removed */
    lab_kill(first);
    pid_t found = lab_find(&refusal);
    assert_int_equal(announcements(folder), 0);
    if (found > 0) return; /* another lab of this user runs, announced in another folder */
    assert_string_equal(refusal.step, "find a running lab");
    assert_non_null(strstr(refusal.remedy, "start twomsl"));
}

static void an_announcement_is_taken_back(void **state) {
    (void)state;
    char folder[NAME];
    snprintf(folder, sizeof folder, "%s/twomsl", runtime);
    assert_true(lab_announce(getpid()));
    assert_true(lab_announce(getpid()));
    assert_int_equal(announcements(folder), 1);
    pid_t child = fork();
    if (child == 0) {
        lab_withdraw(); /* no effect: the parent announced it */
        _exit(0);
    }
    waitpid(child, NULL, 0);
    assert_int_equal(announcements(folder), 1);
    lab_withdraw();
    lab_withdraw();
    assert_int_equal(announcements(folder), 0);
}

/* A folder that other users can write is not trusted. */
static void a_place_that_is_not_private_is_not_used(void **state) {
    (void)state;
    char folder[NAME];
    snprintf(folder, sizeof folder, "%s/twomsl", runtime);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_true(lab_announce(getpid()));
    assert_int_equal(announcements(folder), 0);
    lab_withdraw();
    assert_int_equal(chmod(folder, 0700), 0);
}

static void nonsense_is_no_lab(void **state) {
    (void)state;
    static const struct {
        const char *name, *text;
    } files[] = {{"lab-1", "1\n"}, {"lab-x", "1\n"}, {"lab-", ""}, {"lab-99999999", "no number\n"}, {"lab-1x", "1\n"}};
    char path[NAME], folder[NAME - 32];
    snprintf(folder, sizeof folder, "%s/twomsl", runtime);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0 && dprintf(fd, "%s", files[i].text) >= 0);
        close(fd);
    }
    RawRefusal refusal;
    assert_int_not_equal(lab_find(&refusal), 1);
    assert_int_equal(announcements(folder), 0);
}

/* ---- Joining ---- */

static void attach_shell(const void *argument) {
    const pid_t *holder = argument;
    char *argv[] = {"sh", "-c", "readlink /proc/self/ns/net; grep CapAmb /proc/self/status", NULL};
    RawRefusal refusal;
    raw_attach_exec(*holder, argv, &refusal);
    CHECK(false, "%s: %s", refusal.step, strerror(refusal.error));
}

static void expect_attached(pid_t holder) {
    static Ran ran;
    char path[NAME], expected[2 * NAME], net[NAME] = {0};
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)holder);
    assert_true(readlink(path, net, sizeof net - 1) > 0);
    snprintf(expected, sizeof expected, "%s\nCapAmb:\t0000000000003400\n",
             net); /* NET_BIND_SERVICE, NET_ADMIN, NET_RAW */
    run_and_read(attach_shell, &holder, &ran);
    if (ran.status != 0 || strcmp(ran.out, expected) != 0)
        fail_msg("status %d, \"%s\" \"%s\"", ran.status, ran.out, ran.err);
}

static void a_program_runs_in_the_labs_network(void **state) {
    (void)state;
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    assert_non_null(raw);
    expect_attached(raw_holder(raw));
    raw_close(raw);
}

static void open_and_attach(const void *argument) {
    (void)argument;
    become_ordinary();
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    if (!raw) _exit(SKIPPED);
    pid_t child = fork(), holder = raw_holder(raw);
    if (child == 0) attach_shell(&holder);
    int status = 1;
    waitpid(child, &status, 0);
    raw_close(raw);
    _exit(status == 0 ? 0 : 1);
}

static void an_ordinary_user_keeps_the_rights_across_exec(void **state) {
    (void)state;
    static Ran ran;
    run_and_read(open_and_attach, NULL, &ran);
    if (ran.status == SKIPPED) skip();
    if (ran.status != 0 || !strstr(ran.out, "CapAmb:\t0000000000003400\n"))
        fail_msg("status %d, \"%s\" \"%s\"", ran.status, ran.out, ran.err);
}

static void attach_nothing(const void *argument) {
    const pid_t *holder = argument;
    char *argv[] = {"no-such-program-anywhere", NULL};
    setenv("PATH", "/usr/bin:/bin", 1); /* a folder one may not enter would make it another error */
    RawRefusal refusal;
    raw_attach_exec(*holder, argv, &refusal);
    printf("%s|%d|%s", refusal.step, refusal.error, refusal.remedy);
    fflush(stdout);
}

static void what_cannot_be_attached_is_said(void **state) {
    (void)state;
    static Ran ran;
    char expected[2 * NAME];
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    assert_non_null(raw);
    pid_t holder = raw_holder(raw);
    run_and_read(attach_nothing, &holder, &ran);
    snprintf(expected, sizeof expected,
             "exec no-such-program-anywhere|%d|no such program: check its name, or install it", ENOENT);
    assert_string_equal(ran.out, expected);
    raw_close(raw);
    run_and_read(attach_nothing, &holder, &ran);
    snprintf(expected, sizeof expected, "open the lab's network|%d|that lab has ended", ENOENT);
    if (strncmp(ran.out, expected, strlen(expected)) != 0) fail_msg("\"%s\"", ran.out);
}

static void another_users_lab(const void *argument) {
    become_ordinary();
    attach_nothing(argument);
}

static void another_users_lab_is_not_ours(void **state) {
    (void)state;
    static Ran ran;
    if (geteuid() != 0) skip();
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    assert_non_null(raw);
    pid_t holder = raw_holder(raw);
    run_and_read(another_users_lab, &holder, &ran);
    if (!strstr(ran.out, "another user")) fail_msg("\"%s\"", ran.out);
    raw_close(raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_running_lab_is_found),
        cmocka_unit_test(an_announcement_is_taken_back),
        cmocka_unit_test(a_place_that_is_not_private_is_not_used),
        cmocka_unit_test(nonsense_is_no_lab),
        cmocka_unit_test(a_program_runs_in_the_labs_network),
        cmocka_unit_test(an_ordinary_user_keeps_the_rights_across_exec),
        cmocka_unit_test(what_cannot_be_attached_is_said),
        cmocka_unit_test(another_users_lab_is_not_ours),
    };
    raw_close(wire_or_skip());
    char folder[NAME];
    if (!mkdtemp(runtime) || setenv("XDG_RUNTIME_DIR", runtime, 1) != 0) return perror(runtime), 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    snprintf(folder, sizeof folder, "%s/twomsl", runtime);
    rmdir(folder);
    rmdir(runtime);
    return failed;
}
