-- Both applications close before either FIN arrives.
lesson{
  name = "close-simultaneous", order = 120,
  title = {en = "Closing: both sides at once", zh_CN = "关闭连接：双方同时关闭"},
  run = function(play)
    A.rules.isn, B.rules.isn = 100, 300
    local s = B:listen(80)
    local c = A:connect(B, 80, {port = 7777})
    run()
    local d = s:accept()
    local u, w = c.snd.nxt, d.snd.nxt
    local before = #ladder()
    say{en = "An open connection. Both applications close in the same moment, before either has the other's FIN.",
      zh_CN = "一条打开的连接。两边的应用程序在同一时刻关闭，谁都还没有收到对方的 FIN。"}
    play(c.close, c)
    play(d.close, d)
    check(c.state == "FIN_WAIT_1" and d.state == "FIN_WAIT_1" and #wire == 2 and wire[1].flags == "FIN,ACK"
      and wire[2].flags == "FIN,ACK",
      {en = "both are in FIN_WAIT_1, and two FINs are in flight", zh_CN = "双方都在 FIN_WAIT_1，线路上有两个 FIN"})
    ask{en = "A FIN arrives in FIN_WAIT_1, but it does not acknowledge our own FIN. What is known now?",
      zh_CN = "在 FIN_WAIT_1 收到 FIN，但它没有确认我们自己的 FIN。现在知道了什么？",
      choices = {
        {en = "Both directions are closed: TIME_WAIT", zh_CN = "两个方向都已关闭：TIME_WAIT"},
        {en = "The other side has closed; whether it has our FIN is not known: CLOSING",
          zh_CN = "对方已关闭；它是否收到我们的 FIN 还不知道：CLOSING"},
        {en = "We closed second: LAST_ACK", zh_CN = "我们是后关闭的一方：LAST_ACK"}}, answer = 2}
    play()
    check(d.state == "CLOSING" and wire[2].flags == "ACK" and wire[2].ack == u + 1,
      {en = "B: FIN_WAIT_1 > CLOSING; it sends ACK ack=102", zh_CN = "B：FIN_WAIT_1 > CLOSING；它发出 ACK ack=102"})
    play()
    check(c.state == "CLOSING" and wire[2].flags == "ACK" and wire[2].ack == w + 1,
      {en = "A: FIN_WAIT_1 > CLOSING; it sends ACK ack=302", zh_CN = "A：FIN_WAIT_1 > CLOSING；它发出 ACK ack=302"})
    say{en = "Neither FIN could acknowledge the other: they crossed. So each is acknowledged by a segment of its own.",
      zh_CN = "两个 FIN 交错而过，谁也不能确认对方。所以每个 FIN 都要由单独的报文段来确认。"}
    play()
    play()
    check(c.state == "TIME_WAIT" and d.state == "TIME_WAIT" and #wire == 0 and #ladder() == before + 4,
      {en = "both: CLOSING > TIME_WAIT, after four segments", zh_CN = "双方：CLOSING > TIME_WAIT，一共四个报文段"})
    ask{en = "Who waits two segment lifetimes?", zh_CN = "谁要等待两个报文最大生存时间？",
      choices = {{en = "A", zh_CN = "A"}, {en = "B", zh_CN = "B"}, {en = "both", zh_CN = "双方"}}, answer = 3}
    say(timers())
    play(settle)
    check(c.state == "CLOSED" and d.state == "CLOSED", {en = "both: TIME_WAIT > CLOSED",
      zh_CN = "双方：TIME_WAIT > CLOSED"})
    say{en = "Both closed first, and both sent a last ACK that might be lost. So both had to wait.",
      zh_CN = "双方都是先关闭的一方，双方都发出了可能丢失的最后一个 ACK。所以双方都要等待。"}
    say(ladder())
  end,
}
