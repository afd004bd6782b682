-- The last ACK of the handshake is lost: SYN_RCVD, which usually lasts too short a time to be seen.
lesson{
  name = "open-lost-ack", order = 20,
  title = {en = "Opening: the third segment is lost", zh_CN = "建立连接：第三个报文段丢失"},
  run = function(play)
    local x, y = 100, 300
    A.rules.isn, B.rules.isn = x, y
    local s = B:listen(80)
    local c = A:connect(B, 80, {port = 7777})
    say{en = "A has sent its SYN to the listening B. We know how this goes: SYN,ACK comes back, and A answers with \z
      an ACK.",
      zh_CN = "A 已向监听中的 B 发出 SYN。后面我们知道：SYN,ACK 回来，A 再回一个 ACK。"}
    play()
    play()
    local d = B.conns[2]
    check(c.state == "ESTABLISHED" and d.state == "SYN_RCVD" and wire[1].flags == "ACK",
      {en = "A is ESTABLISHED, B in SYN_RCVD, and the ACK is in flight",
        zh_CN = "A 已是 ESTABLISHED，B 在 SYN_RCVD，ACK 还在路上"})

    ask{en = "Now the ACK is lost on the path. Which side will notice?", zh_CN = "现在这个 ACK 在路上丢失。哪一方会发现？",
      choices = {
        {en = "A: its ACK is not answered", zh_CN = "A：它的 ACK 没有回应"},
        {en = "B: nothing acknowledges its SYN,ACK", zh_CN = "B：没有人确认它的 SYN,ACK"},
        {en = "Neither: the connection hangs", zh_CN = "都不会：连接就此卡住"}}, answer = 2}
    play(function() return wire[1]:drop() end)
    local fork = steps()
    check(c.state == "ESTABLISHED" and d.state == "SYN_RCVD" and #wire == 0 and c.timers.retransmit == nil
      and d.timers.retransmit,
      {en = "nothing is in flight; only B has a retransmission timer running", zh_CN = "线路上没有报文；只有 B 的重传定时器在运行"})
    say{en = "An ACK without data takes no sequence number, so it is never acknowledged, and A cannot detect \z
      that it was lost. B waits for the ACK of its SYN; its timer is set to one second.",
      zh_CN = "不带数据的 ACK 不占序列号，所以它不会被确认，A 也就无法发现它丢了。B 等的是对自己 SYN 的确认；它的定时器设为一秒。"}

    play()
    check(wire[1].flags == "SYN,ACK" and wire[1].seq == y and wire[1].ack == x + 1 and wire[1].again and d.rto == 2,
      {en = "B sends SYN,ACK seq=300 again, and would wait twice as long next time",
        zh_CN = "B 重发 SYN,ACK seq=300，下次将等待两倍的时间"})
    play()
    check(c.state == "ESTABLISHED" and wire[1].flags == "ACK" and wire[1].seq == x + 1 and wire[1].ack == y + 1,
      {en = "A has received that number before, and acknowledges it again: ACK seq=101 ack=301",
        zh_CN = "A 早已收到过这个序列号，于是再次确认：ACK seq=101 ack=301"})
    play()
    check(d.state == "ESTABLISHED" and #timers() == 0, {en = "B: SYN_RCVD > ESTABLISHED; all timers are off",
      zh_CN = "B：SYN_RCVD > ESTABLISHED；定时器全部停止"})

    say{en = "Let us go back to the moment after the loss. For A the connection is open, so it may send at once. \z
      Every segment of an open connection carries an ACK.",
      zh_CN = "让我们回到 ACK 丢失之后的那一刻。对 A 来说连接已经打开，所以它可以立即发送。已打开的连接上，每个报文段都带着 ACK。"}
    play(seek, fork)
    play(c.send, c, "hello")
    check(wire[1].flags == "PSH,ACK" and wire[1].seq == x + 1 and wire[1].ack == y + 1 and wire[1].len == 5,
      {en = "the data segment carries ack=301 too", zh_CN = "数据报文段也带着 ack=301"})
    play()
    check(d.state == "ESTABLISHED" and d.unread == 5, {en = "one segment opens B's side and brings five bytes",
      zh_CN = "一个报文段既打开了 B 这一侧，又送来五个字节"})
    say{en = "That is why a lost third segment is so rarely noticed: the first data segment carries the same ACK.",
      zh_CN = "所以第三个报文段丢失时几乎没人察觉：第一个数据报文段带着同样的 ACK。"}
    say(ladder())
  end,
}
