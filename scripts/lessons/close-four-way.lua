-- A closes first: two directions, each with its FIN and its ACK, and 2 MSL at the end.
lesson{
  name = "close-four-way", order = 110,
  title = {en = "Closing: why four segments?", zh_CN = "关闭连接：为什么是四次挥手？"},
  run = function(play)
    A.rules.isn, B.rules.isn = 100, 300
    local s = B:listen(80)
    local c = A:connect(B, 80, {port = 7777})
    run()
    local d = s:accept()
    local u, w = c.snd.nxt, d.snd.nxt
    local before = #ladder()
    say{en = "A and B have an open connection. A's application has no more to send and closes its sending direction.",
      zh_CN = "A 和 B 之间有一条打开的连接。A 的应用程序没有要发送的了，它关闭自己的发送方向。"}
    play(c.shutdown, c)
    check(c.state == "FIN_WAIT_1" and wire[1].flags == "FIN,ACK" and wire[1].seq == u and wire[1].ack == w
      and #wire == 1,
      {en = "A: ESTABLISHED > FIN_WAIT_1; in flight: FIN,ACK seq=101 ack=301",
        zh_CN = "A：ESTABLISHED > FIN_WAIT_1；线路上：FIN,ACK seq=101 ack=301"})
    ask{en = "What does A's FIN say to B?", zh_CN = "A 的 FIN 告诉 B 什么？",
      choices = {
        {en = "The connection is over", zh_CN = "连接结束了"},
        {en = "I will send no more; you may go on", zh_CN = "我不再发送了，你可以继续"},
        {en = "Please close, too", zh_CN = "请你也关闭"}}, answer = 2}
    play()
    check(d.state == "CLOSE_WAIT" and wire[1].flags == "ACK" and wire[1].ack == u + 1 and #wire == 1,
      {en = "B: ESTABLISHED > CLOSE_WAIT; it acknowledges the FIN: ACK ack=102",
        zh_CN = "B：ESTABLISHED > CLOSE_WAIT；它确认了这个 FIN：ACK ack=102"})
    say{en = "Like a SYN, a FIN takes one sequence number, so it can be acknowledged and sent again. B's TCP \z
      acknowledges it at once; B's application learns that no more will come.",
      zh_CN = "和 SYN 一样，FIN 占用一个序列号，所以它可以被确认，也可以重发。B 的 TCP 立即确认；B 的应用程序得知不会再有数据。"}
    play()
    check(c.state == "FIN_WAIT_2" and #wire == 0, {en = "A: FIN_WAIT_1 > FIN_WAIT_2, and nothing is in flight",
      zh_CN = "A：FIN_WAIT_1 > FIN_WAIT_2，线路上没有报文"})
    check(#timers() == 0, {en = "no timer runs: TCP waits for B's application", zh_CN = "没有定时器在运行：TCP 在等 B 的应用程序"})
    ask{en = "One direction is closed. How long may B stay in CLOSE_WAIT?", zh_CN = "一个方向已经关闭。B 可以在 CLOSE_WAIT 停留多久？",
      choices = {
        {en = "two segment lifetimes", zh_CN = "两个报文最大生存时间"},
        {en = "until its retransmission timer fires", zh_CN = "直到重传定时器到期"},
        {en = "until its application closes: there is no timer", zh_CN = "直到应用程序关闭：没有定时器"}}, answer = 3}
    say{en = "B might still send a whole file now: A has closed one direction with shutdown() and can receive. (After \z
      close() nobody at A would read it, and A would answer with a RST.) That is why the ACK and B's own FIN are \z
      usually two segments. This time B has nothing to send, and closes.",
      zh_CN = "B 现在还可以发送一整个文件：A 用 shutdown() 只关闭了一个方向，仍能接收。（如果用 close()，A 那里没有人读，A 会用 RST 回答。）\z
      所以 B 的 ACK 和 B 自己的 FIN 通常是两个报文段。这一次 B 没有要发送的，它关闭连接。"}
    play(d.close, d)
    check(d.state == "LAST_ACK" and wire[1].flags == "FIN,ACK" and wire[1].seq == w and wire[1].ack == u + 1,
      {en = "B: CLOSE_WAIT > LAST_ACK; in flight: FIN,ACK seq=301 ack=102",
        zh_CN = "B：CLOSE_WAIT > LAST_ACK；线路上：FIN,ACK seq=301 ack=102"})
    play()
    check(c.state == "TIME_WAIT" and wire[1].flags == "ACK" and wire[1].ack == w + 1 and c.timers.time_wait == 60,
      {en = "A: FIN_WAIT_2 > TIME_WAIT; it acknowledges, and a timer of 2 MSL = 60 s starts",
        zh_CN = "A：FIN_WAIT_2 > TIME_WAIT；它发出确认，并启动 2MSL = 60 秒的定时器"})
    play()
    check(d.state == "CLOSED" and c.state == "TIME_WAIT" and #ladder() == before + 4,
      {en = "B: LAST_ACK > CLOSED, after four segments; A still waits", zh_CN = "B：LAST_ACK > CLOSED，一共四个报文段；A 还在等待"})
    ask{en = "Why is it A that waits?", zh_CN = "为什么等待的是 A？",
      choices = {
        {en = "It is the client", zh_CN = "因为它是客户端"},
        {en = "It closed first, so the last ACK was its own, and that may be lost",
          zh_CN = "因为它先关闭，最后的 ACK 是它发的，而这个 ACK 可能丢失"},
        {en = "It opened the connection", zh_CN = "因为连接是它打开的"}}, answer = 2}
    play()
    check(c.state == "CLOSED" and #wire == 0 and #timers() == 0,
      {en = "two segment lifetimes later, A: TIME_WAIT > CLOSED", zh_CN = "两个报文最大生存时间之后，A：TIME_WAIT > CLOSED"})
    say{en = "The side that closes first is the one that waits, client or server. A server that closes \z
      first accumulates thousands of connections in TIME_WAIT.",
      zh_CN = "先关闭的一方要等待，不管它是客户端还是服务器。如果服务器总是先关闭，就会积累成千上万个 TIME_WAIT 连接。"}
    say(ladder())
  end,
}
