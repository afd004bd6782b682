/* cli_scripts.c - code from -e, from a file, from stdin: what it prints, what goes wrong, how the program ends. */
#include "command.h"

#include <sys/stat.h>

#define M "--wire=memory"

static void runs_code(void **state) {
    (void)state;
    EXPECT(0, "1\ttwo\tnil\n", "", NULL, M, "-e", "print(1, 'two', nil)");
    EXPECT(0, "1\n2\n", "", NULL, M, "-e", "x = 1 print(x)", "--eval=print(x + 1)");
    EXPECT(0, "", "", NULL, M, "-e", "return 5"); /* values are shown at the prompt alone */
    EXPECT(0, "{1, a = {2}}\n", "", NULL, M, "-e", "print({1, a = {2}})");
    EXPECT(0, "ESTABLISHED\tmemory\n", "", NULL, "-e",
           "B:listen(80); c=A:connect(B,80); run(); print(c.state, wire.kind)", "--no-window", M);
}

static void runs_stdin(void **state) {
    (void)state;
    EXPECT(0, "3\n", "", "x = 1\ny = 2\nprint(x + y)\n", M);
    EXPECT(0, "", "", "", M);
    EXPECT(1, "before\n", "stdin:2: oh\n", "print('before')\nerror('oh')\nprint('after')", M);
    EXPECT(1, "", "stdin:2: unexpected symbol near '='\n", "x = 1\ny = = 2\n", M);
    EXPECT(0, "code\nstdin\n", "", "print('stdin')", M, "-i", "-e", "print('code')");
}

static void runs_a_script_with_arguments(void **state) {
    (void)state;
    command_script(command_folder, "a.lua", "print(arg[0], #arg, ...)");
    EXPECT(0, "a.lua\t0\n", "", NULL, M, "a.lua");
    EXPECT(0, "a.lua\t2\tone\t--two\n", "", NULL, M, "a.lua", "one", "--two");
    EXPECT(0, "a.lua\t1\tone\n", "", NULL, "a.lua", M, "--no-window", "one");
    EXPECT(0, "a.lua\t1\t--wire=none\n", "", NULL, M, "a.lua", "--", "--wire=none");
    EXPECT(0, "a.lua\t1\t--own\n", "", NULL, M, "a.lua", "--own");
    EXPECT(0, "first\na.lua\t0\n", "", NULL, M, "-e", "print('first')", "a.lua");
}

static void a_script_loads_its_neighbours(void **state) {
    (void)state;
    command_script(command_folder, "near.lua", "return 'near'");
    command_script(command_folder, "b.lua", "print(dofile('near.lua'), loadfile('near.lua')(), loadfile('none.lua'))");
    EXPECT(0, "near\tnear\tnil\tcannot open ./none.lua: No such file or directory\n", "", NULL, M, "b.lua");
    command_script(command_folder, "c.lua", "\n\ndofile('/etc/passwd')");
    EXPECT(1, "", "c.lua:3: cannot open /etc/passwd: a script loads only scripts beside it, in . or below\n", NULL, M,
           "c.lua");
    /* What leads outside is outside; what leads back is inside. */
    command_script(command_folder, "d.lua",
                   "for _, name in ipairs{'./near.lua', 'out.lua', '../passwd', 'fifo', '.'} do "
                   "local ok, f, why = pcall(loadfile, name) "
                   "print(ok, type(f) == 'function' and 'function' or f, why or '') end");
    assert_int_equal(symlink("/etc/passwd", "out.lua"), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    EXPECT(0,
           "true\tfunction\t\nfalse\tcannot open out.lua: a script loads only scripts beside it, in . or below\t\n"
           "true\tnil\tcannot open ./../passwd: No such file or directory\nfalse\tcannot open fifo: it is no file\t\n"
           "false\tcannot open .: it is no file\t\n",
           "", NULL, M, "d.lua");
    /* Without a file the script's folder is the working folder; so it is where nobody types. */
    EXPECT(1, "near\n", "(-e):1: cannot open /etc/passwd: a script loads only scripts beside it, in . or below\n", NULL,
           M, "-e", "print(dofile 'near.lua') dofile '/etc/passwd'");
    EXPECT(1, "", "stdin:1: cannot open /etc/passwd: a script loads only scripts beside it, in . or below\n",
           "dofile '/etc/passwd'\n", M);
}

static void names_file_and_line(void **state) {
    (void)state;
    command_script(command_folder, "bad.lua", "local x = 1\nif x then\nprint(x\nend\n");
    EXPECT(1, "", "bad.lua:4: ')' expected (to close '(' at line 3) near 'end'\n", NULL, M, "bad.lua");
    command_script(command_folder, "fails.lua", "local function f(x)\n  return x.y.z\nend\nf({})\n");
    EXPECT(1, "", "fails.lua:2: attempt to index a nil value (field 'y')\n", NULL, M, "fails.lua");
    command_script(command_folder, "open.lua", "for i = 1, 2 do");
    EXPECT(1, "", "open.lua:1: 'end' expected near <eof>\n", NULL, M, "open.lua");
    EXPECT(2, "", "twomsl: cannot open none.lua: No such file or directory\n", NULL, M, "none.lua");
}

/* What a script's message has in it does nothing to the terminal. */
static void messages_are_text(void **state) {
    (void)state;
    EXPECT(1, "", "(-e):1: a\\x1B[2J\\x00b\n\tc\\xFF \\xEF 三\\xC2\\x85\n", NULL, M, "-e",
           "error('a\\27[2J\\0b\\n\\tc\\xff \\xef 三\\xc2\\x85')");
}

static void hints(void **state) {
    (void)state;
    EXPECT(1, "", "(-e):1: attempt to call a nil value (global 'stpe'); did you mean step?\n", NULL, M, "-e", "stpe()");
    EXPECT(1, "", "(-e):1: attempt to index a nil value (global 'wrie'); did you mean wire?\n", NULL, M, "-e",
           "print(wrie.kind)");
    EXPECT(1, "",
           "(-e):1: attempt to call a nil value (global 'frobnicate'); no frobnicate here: help() lists the words\n",
           NULL, M, "-e", "frobnicate()");
    EXPECT(1, "", "(-e):1: attempt to call a nil value (field 'fromat'); did you mean string.format?\n", NULL, M, "-e",
           "string.fromat('')");
    EXPECT(1, "", "(-e):1: unexpected symbol near '!'; Lua writes 'not' for ! and ~= for !=\n", NULL, M, "-e",
           "x = !y");
    EXPECT(1, "",
           "(-e):1: attempt to index a nil value (global 'io'); scripts here reach no files; print() shows text\n",
           NULL, M, "-e", "io.open('x')");
}

static void error_values_of_any_kind(void **state) {
    (void)state;
    EXPECT(1, "", "(-e):1: error: {code = 7}\n", NULL, M, "-e", "error({code = 7})");
    EXPECT(1, "", "(-e):1: error: raised without a message\n", NULL, M, "-e", "error()");
    EXPECT(1, "", "(-e):1: error: raised without a message\n", NULL, M, "-e", "error('', 0)");
    EXPECT(1, "", "(-e):1: error: raised without a message\n", NULL, M, "-e",
           "error(setmetatable({}, {__tostring = function() return '' end}))");
    EXPECT(1, "", "(-e):1: error: true\n", NULL, M, "-e", "error(true)");
    EXPECT(1, "", "bare\n", NULL, M, "-e", "error('bare', 0)");
    EXPECT(1, "", "told\n", NULL, M, "-e", "error(setmetatable({}, {__tostring = function() return 'told' end}))");
    EXPECT(1, "", "(-e):1: in a coroutine\n", NULL, M, "-e",
           "local r, e = coroutine.resume(coroutine.create(function() error('in a coroutine') end)) error(e, 0)");
}

static void scripts_are_bounded(void **state) {
    (void)state;
    EXPECT(1, "",
           "(-e):1: out of memory: what the script keeps takes 63 MB of the 64 MB a script may take; --memory=256M "
           "allows more\n",
           NULL, M, "-e", "local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end");
    EXPECT(0, "false\n", "", NULL, M, "-e",
           "print((pcall(function() local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end end)))");
    EXPECT(1, "", "(-e):1: stack overflow; a function calls itself without an end\n", NULL, M, "-e",
           "function f() return 1 + f() end f()");
    EXPECT(1, "", "(-e):1: string.rep: the result would take 95 MB; scripts may take 64 MB\n", NULL, M, "-e",
           "x = ('x'):rep(1e8)");
    EXPECT(0, "0\n", "", NULL, M, "-e", "print(#(''):rep(math.maxinteger))");
    EXPECT(1, "", "(-e):1: table.move: elements 1 to 1000000000000000 are too many: at most 10000000 at once\n", NULL,
           M, "-e", "table.move({}, 1, 1e15, 2)");
    EXPECT(1, "", "(-e):1: table.concat: elements 1 to 1000000000000000 are too many: at most 10000000 at once\n", NULL,
           M, "-e", "table.concat(setmetatable({}, {__index = table.concat}), '', 1, 1e15)");
    EXPECT(1, "", "(-e):1: invalid value (table) at index 1 in table for 'concat'\n", NULL, M, "-e",
           "table.concat({{}})");
    EXPECT(1, "", "(-e):1: bad argument #2 to 'insert' (position out of bounds)\n", NULL, M, "-e",
           "table.insert({}, 5, 5)");
    EXPECT(0, "0,1,9\t9\t0\t1\n", "", NULL, M, "-e",
           "local t = {1} table.insert(t, 1, 0) table.insert(t, 9) "
           "print(table.concat(t, ','), table.remove(t), table.remove(t, 1), table.concat(t))");
    EXPECT(0, "nil\tattempt to load a binary chunk (mode is 't')\n", "", NULL, M, "-e",
           "print(load('\\27Lua', 'x', 'b'))");
}

static void scripts_reach_nothing_outside(void **state) {
    (void)state;
    EXPECT(0, "nil\tnil\tnil\tnil\tnil\n", "", NULL, M, "-e",
           "print(io, package, require, string.dump, debug.sethook)");
    EXPECT(0, "clock date difftime time\n", "", NULL, M, "-e",
           "local t = {} for k in pairs(os) do t[#t + 1] = k end table.sort(t) print(table.concat(t, ' '))");
    EXPECT(1, "", "(-e):1: setmetatable: scripts have no finalizers: leave out __gc\n", NULL, M, "-e",
           "setmetatable({}, {__gc = print})");
}

static void the_same_seed_gives_the_same_run(void **state) {
    (void)state;
    static Outcome first, second, other;
    const char *code = "B:listen(80) c = A:connect(B, 80) run() print(c.iss, c.irs, math.random(1e9)) print(trace())";
    COMMAND(&first, NULL, M, "--seed=7", "-e", code);
    COMMAND(&second, NULL, M, "--seed=7", "-e", code);
    COMMAND(&other, NULL, M, "--seed=8", "-e", code);
    assert_int_equal(first.status, 0);
    assert_string_equal(first.out, second.out);
    assert_string_not_equal(first.out, other.out);
}

static void an_interrupt_ends_a_script(void **state) {
    (void)state;
    static Outcome o;
    command_run_interrupted(
        &o, NULL, (const char *const[]){M, "-e", "print('on') while true do pcall(error) end", NULL}, 500, NULL);
    assert_int_equal(o.status, 130);
    assert_string_equal(o.out, "on\n");
    assert_string_equal(o.err, "interrupted\n");
}

static void lives_with_closed_files(void **state) {
    (void)state;
    char command[512];
    snprintf(command, sizeof command, "test \"$(printf 'print(2)' | timeout 20 '%s' -e 'print(1)' <&- 2>&-)\" = 1",
             TWOMSL_PROGRAM);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "timeout 20 '%s' <&- >&- 2>&-", TWOMSL_PROGRAM);
    assert_int_equal(system(command), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_code),
        cmocka_unit_test(runs_stdin),
        cmocka_unit_test(runs_a_script_with_arguments),
        cmocka_unit_test(a_script_loads_its_neighbours),
        cmocka_unit_test(names_file_and_line),
        cmocka_unit_test(messages_are_text),
        cmocka_unit_test(hints),
        cmocka_unit_test(error_values_of_any_kind),
        cmocka_unit_test(scripts_are_bounded),
        cmocka_unit_test(scripts_reach_nothing_outside),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(an_interrupt_ends_a_script),
        cmocka_unit_test(lives_with_closed_files),
    };
    return cmocka_run_group_tests(tests, command_make_folder, command_remove_folder);
}
