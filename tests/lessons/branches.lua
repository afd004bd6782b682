-- Futures that were left by acting in the past: branches(), branch(n), names.

local function fails(said, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. said)
  assert(tostring(message):find(said, 1, true), ("%q is not in %q"):format(said, tostring(message)))
end

assert(#branches() == 1 and branches()[1].present and branches()[1].steps == 0)

-- A second future: the SYN arrives in the first, and is lost in the second.
B:listen(80)
c = A:connect(B, 80)
run()
local whole, state = steps(), c.state
assert(state == "ESTABLISHED" and whole > 4)
seek(2)
wire[1]:drop()
local all = branches()
assert(#all == 2 and all[2].present and not all[1].present)
assert(all[1].leaves == nil and all[1].after == nil and all[1].steps == whole and all[1].first == "")
assert(all[2].leaves == 1 and all[2].after == 2 and all[2].steps == 3 and all[2].first == "drop #1")
assert(steps() == 3 and c.state == "SYN_SENT")

-- There and back: the same worlds, the same handles.
assert(branch(1) == whole and c.state == "ESTABLISHED")
assert(branches()[1].present and branches()[2].after == 2 and branches()[2].first == "drop #1")
assert(select(2, steps()) == whole)
seek(3)
assert(branch(1) == whole, "the newest step of the present one")
all[2].name = "lost SYN"
assert(branch "lost SYN" == 3 and c.state == "SYN_SENT")
assert(branches()[2].name == "lost SYN")
assert(branch(all[1]) == whole)

-- A branch of a branch.
branch "lost SYN"
step() -- the retransmission
back(1)
wait(0.5)
local third = branches()[3]
for _, n in ipairs {3, 1, 2} do
  branch(n)
  assert(#branches() == 3 and third.leaves == 2 and third.after == 3 and third.first == "wait", tostring(branches()))
  assert(branches()[2].leaves == 1 and branches()[2].after == 2 and branches()[2].first == "drop #1")
end
branch(1)

local text = tostring(branches())
for _, part in ipairs {"*    1", "lost SYN", "leaves 1 after step 2: drop #1"} do
  assert(text:find(part, 1, true), text)
end

-- What is wrong is said.
fails("there is no branch 4: branches() lists them, up to number 3", branch, 4)
fails("there is no branch 0", branch, 0)
fails("which branch is a number or a name, branch(1), not nothing", branch)
fails("which branch is a number or a name, branch(1), not 1.5", branch, 1.5)
fails("no branch has the name \"found\"", branch, "found")
fails("branch 2 has that name already", function() branches()[1].name = "lost SYN" end)
fails("at most 40 bytes", function() branches()[1].name = ("x"):rep(41) end)
fails("is a string, not a number", function() branches()[1].name = 5 end)
fails("steps cannot be set: only the name of a branch can", function() branches()[1].steps = 5 end)
all[2].name = nil
assert(all[2].name == nil)
fails("no branch has the name \"lost SYN\"", branch, "lost SYN")

-- Acting again and again in the past: the oldest are given up, and the list says so.
for _ = 1, 1003 do seek(0) wait(0.001) end
assert(#branches() == 1000)
assert(tostring(branches()):find("more were given up to make room", 1, true))
fails("was given up to make room", branch, 4)

reset()
assert(#branches() == 1 and branches()[1].n == 1)
fails("there is no branch 2", branch, 2)
