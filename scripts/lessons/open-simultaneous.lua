-- Both sides connect to each other at the same time: one connection, four segments.
lesson{
  name = "open-simultaneous", order = 30,
  title = {en = "Opening: both sides at once", zh_CN = "建立连接：双方同时打开"},
  run = function(play)
    local x, y = 100, 300
    A.rules.isn, B.rules.isn = x, y
    say{en = "Nobody listens here. A connects from port 7777 to B's port 8888, and in the same moment B connects \z
      from 8888 to A's 7777.",
      zh_CN = "这里没有人监听。A 从 7777 端口连接 B 的 8888 端口，与此同时 B 也从 8888 端口连接 A 的 7777 端口。"}
    local c = play(A.connect, A, B, 8888, {port = 7777})
    local d = play(B.connect, B, A, 7777, {port = 8888})
    check(c.state == "SYN_SENT" and d.state == "SYN_SENT" and #wire == 2 and wire[1].flags == "SYN"
      and wire[2].flags == "SYN",
      {en = "both are in SYN_SENT, and two SYNs are in flight", zh_CN = "双方都在 SYN_SENT，线路上有两个 SYN"})

    ask{en = "Each side will receive a SYN where it expected SYN,ACK. What is the result?",
      zh_CN = "双方等的是 SYN,ACK，收到的却是 SYN。结果会怎样？",
      choices = {
        {en = "two connections, one in each direction", zh_CN = "两条连接，每个方向一条"},
        {en = "one connection", zh_CN = "一条连接"},
        {en = "both are refused, because nobody listens", zh_CN = "都被拒绝，因为没有人监听"}}, answer = 2}
    play()
    check(d.state == "SYN_RCVD" and wire[2].flags == "SYN,ACK" and wire[2].seq == y and wire[2].ack == x + 1,
      {en = "B: SYN_SENT > SYN_RCVD; it repeats its SYN with the same number, now with an ACK: SYN,ACK seq=300 ack=101",
        zh_CN = "B：SYN_SENT > SYN_RCVD；它用同一个序列号重复自己的 SYN，并加上 ACK：SYN,ACK seq=300 ack=101"})
    play()
    check(c.state == "SYN_RCVD" and wire[2].flags == "SYN,ACK" and wire[2].seq == x and wire[2].ack == y + 1,
      {en = "A does the same: SYN,ACK seq=100 ack=301; the number is the same as before",
        zh_CN = "A 也一样：SYN,ACK seq=100 ack=301；序列号不变"})
    say{en = "A connection is named by its two endpoints, and these are the same two whichever side opens first. So \z
      each side recognizes the other's SYN as the opening of the connection it is making itself.",
      zh_CN = "一条连接由两个端点确定，不管哪一方先打开，端点都是这两个。因此双方都认出：对方的 SYN 打开的正是自己要建立的那条连接。"}
    play()
    play()
    check(c.state == "ESTABLISHED" and d.state == "ESTABLISHED" and #wire == 0 and #ladder() == 4,
      {en = "both are ESTABLISHED after four segments: SYN, SYN, SYN,ACK, SYN,ACK",
        zh_CN = "四个报文段之后双方都是 ESTABLISHED：SYN、SYN、SYN,ACK、SYN,ACK"})
    check(#A.conns == 1 and #B.conns == 1, {en = "there is one connection on each side, not two",
      zh_CN = "每一侧只有一条连接，而不是两条"})
    say(ladder())
  end,
}
