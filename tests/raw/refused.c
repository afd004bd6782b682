/* refused.c - an ordinary user gets the raw wire; where the system says no, the lab says which step, why, and what to
 * do, and goes on. */
#include "child.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define HANDSHAKE "B:listen(80); c=A:connect(B,80); run(); print(c.state, wire.kind)"

/* ---- The ordinary user ---- */

static void open_and_carry(const void *argument) {
    (void)argument;
    become_ordinary();
    RawRefusal refusal;
    RawWire *raw = raw_open(&refusal);
    if (!raw && (strcmp(refusal.step, "unshare") == 0 || strcmp(refusal.step, "uid_map") == 0)) {
        printf("ordinary users get no namespaces here: %s: %s\n", refusal.step, strerror(refusal.error));
        fflush(stdout);
        _exit(SKIPPED);
    }
    CHECK(raw, "%s: %s (%s)", refusal.step, strerror(refusal.error), refusal.remedy);
    uint8_t in[64], out[64];
    char error[RAW_TEXT];
    Segment syn = {.src = {{0x7f000001}, 7777},
                   .dst = {{0x7f000002}, 80},
                   .flags = FLAG_SYN,
                   .ttl = 64,
                   .ip_id = 1,
                   .options = OPTIONS_NONE};
    size_t length = segment_encode(&syn, in, sizeof in);
    Link link = raw_link(raw);
    ptrdiff_t got = link.carry(link.self, in, length, out, sizeof out, error, sizeof error);
    CHECK(got == (ptrdiff_t)length && memcmp(in, out, length) == 0, "%s", error);
    raw_close(raw);
}

static void an_ordinary_user_gets_the_raw_wire(void **state) {
    (void)state;
    int status = in_child(open_and_carry, NULL);
    if (status == SKIPPED) skip();
    assert_int_equal(status, 0);
}

/* ---- Refusals, made by a filter that the helper inherits ---- */

typedef struct Forbidden {
    long call;
    int argument; /* -1: whatever its arguments are */
    uint32_t value;
    int error;
    const char *step, *remedy;
} Forbidden;

static void forbid(const Forbidden *what) {
    uint32_t argument = (uint32_t)(offsetof(struct seccomp_data, args) +
                                   8 * (size_t)(what->argument < 0 ? 0 : what->argument));
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)what->call, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument), /* the low half, on little-endian machines */
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, what->argument < 0 ? 0 : 0xff),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, what->argument < 0 ? 0 : what->value, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)what->error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0, "%s",
          strerror(errno));
}

static int lowest_free(void) {
    int fd = dup(0);
    close(fd);
    return fd;
}

static void expect_refusal(const void *argument) {
    const Forbidden *what = argument;
    RawRefusal refusal;
    int free_before = lowest_free();
    forbid(what);
    RawWire *raw = raw_open(&refusal);
    CHECK(!raw, "%s was forbidden", what->step);
    CHECK(strcmp(refusal.step, what->step) == 0, "\"%s\", not \"%s\"", refusal.step, what->step);
    CHECK(refusal.error == what->error, "%s", strerror(refusal.error));
    CHECK(strstr(refusal.remedy, what->remedy), "\"%s\" does not name %s", refusal.remedy, what->remedy);
    CHECK(!strchr(refusal.remedy, '\n'), "one line");
    CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "a process is left");
    CHECK(lowest_free() == free_before, "a descriptor is left");
}

static const Forbidden unshare_forbidden = {SYS_unshare, -1, 0, EPERM, "unshare", "seccomp"};

static void each_refusal_names_step_and_remedy(void **state) {
    (void)state;
    static const Forbidden cases[] = {
        {SYS_unshare, -1, 0, EPERM, "unshare", "kernel.unprivileged_userns_clone"},
        {SYS_unshare, -1, 0, ENOSPC, "unshare", "user.max_user_namespaces"},
        {SYS_unshare, -1, 0, ENOSYS, "unshare", "kernel"},
        {SYS_socket, 1, SOCK_RAW, EPERM, "raw socket", "CAP_NET_RAW"},
        {SYS_socket, 1, SOCK_RAW, EMFILE, "raw socket", "ulimit -n"},
        {SYS_setsockopt, 2, SO_ATTACH_FILTER, EPERM, "socket filter", "seccomp"},
        {SYS_setsockopt, 2, SO_MARK, EPERM, "socket mark", "CAP_NET_ADMIN"},
        {SYS_ioctl, 1, 0x14 /* of SIOCSIFFLAGS */, EPERM, "lo up", "apparmor_restrict_unprivileged_userns"},
        {SYS_socketpair, -1, 0, EMFILE, "socketpair", "ulimit -n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (in_child(expect_refusal, &cases[i]) != 0) fail_msg("%s, errno %d", cases[i].step, cases[i].error);
}

/* The helper has a descriptor to give, and the program has no room for it. */
static void expect_no_descriptors(const void *argument) {
    (void)argument;
    RawRefusal refusal;
    int next = dup(STDERR_FILENO), end = next + 1; /* the control socket takes the one, a pair two at first */
    close(next);
    CHECK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){(rlim_t)end + 1, (rlim_t)end + 1}) == 0, "%s", strerror(errno));
    RawWire *raw = raw_open(&refusal);
    CHECK(!raw && refusal.error == EMFILE, "%s: %s", raw ? "opened" : refusal.step, strerror(refusal.error));
    CHECK(strcmp(refusal.step, "raw socket") == 0 && strstr(refusal.remedy, "ulimit -n"), "%s (%s)", refusal.step,
          refusal.remedy);
}

static void too_few_descriptors_are_named(void **state) {
    (void)state;
    assert_int_equal(in_child(expect_no_descriptors, NULL), 0);
}

/* unshare() passes, the map does not: as on Ubuntu 24.04. */
static void expect_map_refusal(const void *argument) {
    (void)argument;
    become_ordinary();
    static const Forbidden no_writing = {SYS_write, -1, 0, EPERM, "uid_map", "apparmor_restrict_unprivileged_userns"};
    expect_refusal(&no_writing);
}

static void a_refused_map_names_apparmor(void **state) {
    (void)state;
    if (geteuid() != 0 || in_child(open_and_carry, NULL) == SKIPPED) skip();
    assert_int_equal(in_child(expect_map_refusal, NULL), 0);
}

/* ---- The program ---- */

static const char *program = TWOMSL_PROGRAM;

static void exec_program(const void *argument) {
    const Forbidden *what = argument;
    if (what) forbid(what);
    execl(program, "twomsl", "--no-window", "-e", HANDSHAKE, (char *)NULL);
    CHECK(false, "%s: %s", program, strerror(errno));
}

/* Installs a copy into `folder` that everybody may run: the build may lie in a home that is not for everybody. */
static void install_for_everybody(const char *folder, char *path, size_t size) {
    char command[4096];
    snprintf(command, sizeof command,
             "cd %s && mkdir -p bin share/twomsl && cp '%s' bin/twomsl && cp -r '%s/scripts' share/twomsl && chmod -R "
             "a+rX .",
             folder, TWOMSL_PROGRAM, TWOMSL_SOURCE_DIR);
    assert_int_equal(system(command), 0);
    snprintf(path, size, "%s/bin/twomsl", folder);
}

static void exec_as_ordinary(const void *argument) {
    become_ordinary();
    exec_program(argument);
}

static int lines(const char *text) {
    int count = 0;
    for (; *text; text++) count += *text == '\n';
    return count;
}

static void expect_output(void (*body)(const void *), const void *argument, const char *out) {
    static Ran ran;
    run_and_read(body, argument, &ran);
    if (ran.status == SKIPPED) skip();
    if (ran.status != 0 || strcmp(ran.out, out) != 0)
        fail_msg("status %d, stdout \"%s\", stderr \"%s\"", ran.status, ran.out, ran.err);
    if (!argument && ran.err[0]) fail_msg("stderr \"%s\"", ran.err);
    if (argument && (lines(ran.err) != 1 || !strstr(ran.err, "unshare") || !strstr(ran.err, strerror(EPERM)) ||
                     !strstr(ran.err, "seccomp")))
        fail_msg("one line that names step, error and remedy, not \"%s\"", ran.err);
}

static void the_program_goes_on_in_memory(void **state) {
    (void)state;
    expect_output(exec_program, NULL, "ESTABLISHED\traw\n");
    expect_output(exec_program, &unshare_forbidden, "ESTABLISHED\tmemory\n");
}

static void the_program_of_an_ordinary_user(void **state) {
    (void)state;
    if (geteuid() != 0 || in_child(open_and_carry, NULL) == SKIPPED) skip();
    char folder[] = "/tmp/twomsl-XXXXXX", path[64], remove[64];
    assert_non_null(mkdtemp(folder));
    install_for_everybody(folder, path, sizeof path);
    program = path;
    expect_output(exec_as_ordinary, NULL, "ESTABLISHED\traw\n");
    expect_output(exec_as_ordinary, &unshare_forbidden, "ESTABLISHED\tmemory\n");
    program = TWOMSL_PROGRAM;
    snprintf(remove, sizeof remove, "rm -rf %s", folder);
    assert_int_equal(system(remove), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ordinary_user_gets_the_raw_wire), cmocka_unit_test(each_refusal_names_step_and_remedy),
        cmocka_unit_test(too_few_descriptors_are_named),      cmocka_unit_test(a_refused_map_names_apparmor),
        cmocka_unit_test(the_program_goes_on_in_memory),      cmocka_unit_test(the_program_of_an_ordinary_user),
    };
    raw_close(wire_or_skip());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
