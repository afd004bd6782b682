-- Lost, doubled, held, delayed, corrupted, changed and forged packets in a ladder, and what is still in flight.
A.rules.isn, B.rules.isn = 100, 300
B:listen(80)
A:connect(B, 80, {port = 7777})
local copy = wire[1]:dup()
copy:hold()
step(2)
wire[1]:corrupt(30)
step()
copy:release()
copy:delay(1)
wire:inject{from = "B:80", to = "A:7777", flags = "RST", seq = 9}
wire[1]:edit{seq = 5}
print(wire)
print(ladder())
wire[1]:drop()
settle()
print(ladder())
