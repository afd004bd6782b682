-- A connection with itself: one line, packets that come back.
A.rules.isn = 100
local c = A:connect(A, 50000, {port = 50000})
run()
print(netstat())
c:close()
print(ladder())
settle()
print(ladder())
