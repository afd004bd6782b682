-- B listens, A connects, and each side has its initial sequence number acknowledged.
lesson{
  name = "open-three-way", order = 10,
  title = {en = "Opening: why three segments?", zh_CN = "建立连接：为什么是三次握手？"},
  run = function(play)
    local x, y = 100, 300
    A.rules.isn, B.rules.isn = x, y
    say{en = "Two hosts, A and B. An application on B is ready for connections on port 80: it listens. Listening \z
      sends nothing; it only waits for a SYN from any host.",
      zh_CN = "有两台主机 A 和 B。B 上的应用程序准备在 80 端口接受连接：它进入监听。监听不发送任何报文，只是等待任何主机的 SYN。"}
    local s = play(B.listen, B, 80)
    check(s.state == "LISTEN" and #wire == 0, {en = "B is in LISTEN, and nothing is in flight",
      zh_CN = "B 处于 LISTEN，线路上没有报文"})

    ask{en = "A connects. What must its first segment carry?", zh_CN = "A 发起连接。它的第一个报文段必须带上什么？",
      choices = {
        {en = "the first bytes of data", zh_CN = "第一批数据"},
        {en = "the number at which A starts to count its bytes", zh_CN = "A 给自己的字节编号的起点"},
        {en = "the number at which B starts to count", zh_CN = "B 编号的起点"}}, answer = 2}
    local c = play(A.connect, A, B, 80, {port = 7777})
    check(c.state == "SYN_SENT" and wire[1].flags == "SYN" and wire[1].seq == x and #wire == 1,
      {en = "A: CLOSED > SYN_SENT; in flight: SYN seq=100", zh_CN = "A：CLOSED > SYN_SENT；线路上：SYN seq=100"})
    say{en = "Usually this first number (the ISN) is hard to guess; here it is set to 100, so that it is easy to \z
      follow. The SYN is still under way: B has received nothing yet.",
      zh_CN = "这个起点叫初始序列号（ISN），平常很难猜到；这里设成 100，便于观察。SYN 还在路上：B 还什么都没有收到。"}

    ask{en = "The SYN carries seq=100 and no data. Which acknowledgment number will B answer with?",
      zh_CN = "SYN 的 seq=100，不带数据。B 回答时的确认号是多少？",
      choices = {"100", "101", "1"}, answer = 2}
    play()
    check(B.conns[2].state == "SYN_RCVD" and wire[1].flags == "SYN,ACK" and wire[1].seq == y and wire[1].ack == x
      + 1 and #wire == 1,
      {en = "B: LISTEN > SYN_RCVD; in flight: SYN,ACK seq=300 ack=101",
        zh_CN = "B：LISTEN > SYN_RCVD；线路上：SYN,ACK seq=300 ack=101"})
    say{en = "The SYN itself takes one number, so that it can be acknowledged like a byte: ack=101 says \"I have \z
      100, next I expect 101\". In the same segment B announces its own first number, 300.",
      zh_CN = "SYN 本身占用一个序列号，因此可以像一个字节那样被确认：ack=101 的意思是“100 已收到，接下来等待 101”。B 在同一个报文段里宣布自己的起点 300。"}

    play()
    check(c.state == "ESTABLISHED" and wire[1].flags == "ACK" and wire[1].seq == x + 1 and wire[1].ack == y
      + 1 and #wire == 1,
      {en = "A: SYN_SENT > ESTABLISHED; in flight: ACK seq=101 ack=301",
        zh_CN = "A：SYN_SENT > ESTABLISHED；线路上：ACK seq=101 ack=301"})

    ask{en = "A has seen its own number acknowledged: for A the connection is open. Why does B still wait?",
      zh_CN = "A 看到自己的序列号已被确认：对 A 来说连接已经打开。B 为什么还要等？",
      choices = {
        {en = "It waits for A's first data", zh_CN = "它在等 A 的第一批数据"},
        {en = "The SYN may have been an old duplicate, and B cannot know whether its answer arrived",
          zh_CN = "那个 SYN 可能是过时的重复报文，B 也不知道自己的回答是否送达"},
        {en = "Its application has not called accept()", zh_CN = "它的应用程序还没有调用 accept()"}}, answer = 2}
    play()
    check(B.conns[2].state == "ESTABLISHED" and #wire == 0 and #ladder() == 3,
      {en = "B: SYN_RCVD > ESTABLISHED, after three segments", zh_CN = "B：SYN_RCVD > ESTABLISHED，一共三个报文段"})
    check(#timers() == 0, {en = "no timer is left running", zh_CN = "没有定时器在运行"})
    say{en = "Each side has to announce its number and to have it acknowledged. That makes four messages; B's \z
      answer and B's own SYN share one segment, so three are enough.",
      zh_CN = "每一方都要宣布自己的起点，并且要得到对方的确认。这是四条消息；B 的回答和 B 自己的 SYN 合在一个报文段里，所以三次就够了。"}
    say(ladder())
  end,
}
