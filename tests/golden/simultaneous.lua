-- Crossing packets: both open at once, both close at once.
A.rules.isn, B.rules.isn = 4294967290, 300
local c = A:connect(B, 8888, {port = 7777})
local d = B:connect(A, 7777, {port = 8888})
run()
c:close()
d:close()
run()
print(ladder())
settle()
print(ladder())
