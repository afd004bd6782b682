-- Three hosts side by side, several connections, a host with a Chinese name, and an address that nobody has.
local C = host "客户"
A.rules.isn, B.rules.isn, C.rules.isn = 100, 300, 500
B:listen(80)
A:connect(B, 80, {port = 7777})
C:connect(B, 80, {port = 7778})
A:connect(C, 81, {port = 7779})
C:connect("127.0.0.77", 80, {port = 7780})
wait(0.5)
print(netstat())
print(ladder())
